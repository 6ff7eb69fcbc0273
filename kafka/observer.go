package kafka

import (
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Observer is told what happens between the client and its brokers, for metrics. Methods are called on the client's goroutines: they must be
// quick and safe for concurrent use. Broker ids come from the cluster's configuration and are few; a bootstrap server whose id is not known yet is -1.
type Observer interface {
	// BrokerRequest tells of one request that was answered or failed: its name as in the protocol ("Produce"), bytes written and read, and how long it
	// took in all.
	BrokerRequest(broker int32, request string, written, read int, took time.Duration, err error)
	// BrokerThrottled tells that a broker made this client wait.
	BrokerThrottled(broker int32, wait time.Duration)
	// BrokerDisconnected tells that a connection to a broker ended.
	BrokerDisconnected(broker int32)
}

type observerHooks struct{ to Observer }

var (
	_ kgo.HookBrokerE2E        = (*observerHooks)(nil)
	_ kgo.HookBrokerThrottle   = (*observerHooks)(nil)
	_ kgo.HookBrokerDisconnect = (*observerHooks)(nil)
)

func (h *observerHooks) OnBrokerE2E(meta kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	h.to.BrokerRequest(brokerID(meta), kmsg.NameForKey(key), e2e.BytesWritten, e2e.BytesRead, e2e.DurationE2E(), e2e.Err())
}

func (h *observerHooks) OnBrokerThrottle(meta kgo.BrokerMetadata, interval time.Duration, _ bool) {
	h.to.BrokerThrottled(brokerID(meta), interval)
}

func (h *observerHooks) OnBrokerDisconnect(meta kgo.BrokerMetadata, _ net.Conn) {
	h.to.BrokerDisconnected(brokerID(meta))
}

// brokerID hides the client's made-up negative ids of bootstrap servers.
func brokerID(meta kgo.BrokerMetadata) int32 { return max(meta.NodeID, -1) }
