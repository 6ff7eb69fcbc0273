package kafka

import "time"

// Observer is told what happens between the client and its brokers, for metrics. Methods are called on the client's goroutines: they must be
// quick and safe for concurrent use. Broker ids come from the cluster's configuration and are few.
type Observer interface {
	// BrokerRequest tells of one answered request: its name as in the protocol ("Produce"), bytes written and read, and how long it took in all.
	BrokerRequest(broker int32, request string, written, read int, took time.Duration, err error)
	// BrokerThrottled tells that a broker made this client wait.
	BrokerThrottled(broker int32, wait time.Duration)
	// Disconnected tells that a connection to a broker ended.
	Disconnected(broker int32)
}
