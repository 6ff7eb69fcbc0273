package kafka

import (
	"crypto/tls"
	"log/slog"
)

// Connection says how to reach a cluster; producers and logs share it.
type Connection struct {
	// Brokers are the bootstrap servers, host:port; the port may be left out (9092).
	Brokers []string
	// ClientID is what brokers log and bill; empty = "eventplatform".
	ClientID string
	// TLS is nil for plain text.
	TLS *tls.Config
	// SASL is nil for none.
	SASL *SASL
	// Logger gets the client's own log lines at most at their level, repetitions bounded. nil = none.
	Logger *slog.Logger
	// Observer is told what happens on the wire; nil = nobody.
	Observer Observer
}

// SASL are the credentials of a connection.
type SASL struct {
	// Mechanism is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.
	Mechanism string
	User      string
	Password  string
}
