package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Connection says how to reach a cluster; producers and logs share it.
type Connection struct {
	// Brokers are the bootstrap servers, host:port; the port may be left out (9092).
	Brokers []string
	// ClientID is what brokers log and bill; empty = "eventplatform".
	ClientID string
	// AddressFamily is "v4" or "v6" to use only such addresses; empty = any.
	AddressFamily string
	// TLS is nil for plain text.
	TLS *tls.Config
	// SASL is nil for none.
	SASL *SASL
	// Logger gets the client's own log lines, repetitions bounded, and when a topic stops acknowledging and does so again. nil = none.
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

const (
	dialTimeout = 5 * time.Second
	// How long any request may take besides what it is asked to wait: past it the connection is given up, which is how a broker that hangs is noticed.
	requestTimeout = 5 * time.Second
	// Requests outside produce and fetch are tried again, on other brokers where possible, for this long.
	retryTimeout = 10 * time.Second
	// A leader that moved is found again after at most this long.
	metadataMinAge = 500 * time.Millisecond
)

// options translates the connection; a producer or log adds its own, which win.
func (c Connection) options() ([]kgo.Opt, error) {
	if len(c.Brokers) == 0 {
		return nil, errors.New("no Kafka brokers are configured: give at least one host:port")
	}
	id := c.ClientID
	if id == "" {
		id = "eventplatform"
	}
	opts := []kgo.Opt{
		kgo.SeedBrokers(c.Brokers...),
		kgo.ClientID(id),
		kgo.SoftwareNameAndVersion("eventplatform", "go"),
		kgo.RequestTimeoutOverhead(requestTimeout),
		kgo.RetryTimeout(retryTimeout),
		kgo.MetadataMinAge(metadataMinAge),
		kgo.DisableClientMetrics(), // what the client does is told to the Observer, not pushed into the cluster
	}
	dial, err := c.dialer()
	if err != nil {
		return nil, err
	}
	opts = append(opts, kgo.Dialer(dial))
	if c.SASL != nil {
		m, err := c.SASL.mechanism()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(m))
	}
	if c.Logger != nil {
		opts = append(opts, kgo.WithLogger(newClientLogger(c.Logger)))
	}
	if c.Observer != nil {
		opts = append(opts, kgo.WithHooks(&observerHooks{c.Observer}))
	}
	return opts, nil
}

func (c Connection) dialer() (func(context.Context, string, string) (net.Conn, error), error) {
	network := "tcp"
	switch c.AddressFamily {
	case "", "any":
	case "v4":
		network = "tcp4"
	case "v6":
		network = "tcp6"
	default:
		return nil, fmt.Errorf("address family %q: it is v4, v6 or any", c.AddressFamily)
	}
	d := &net.Dialer{Timeout: dialTimeout}
	if c.TLS == nil {
		return func(ctx context.Context, _, addr string) (net.Conn, error) { return d.DialContext(ctx, network, addr) }, nil
	}
	return func(ctx context.Context, _, addr string) (net.Conn, error) {
		cfg := c.TLS.Clone()
		if cfg.ServerName == "" {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			cfg.ServerName = host
		}
		return (&tls.Dialer{NetDialer: d, Config: cfg}).DialContext(ctx, network, addr)
	}, nil
}

func (s *SASL) mechanism() (sasl.Mechanism, error) {
	switch strings.ToUpper(s.Mechanism) {
	case "PLAIN":
		return plain.Auth{User: s.User, Pass: s.Password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: s.User, Pass: s.Password}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return scram.Auth{User: s.User, Pass: s.Password}.AsSha512Mechanism(), nil
	}
	return nil, fmt.Errorf("SASL mechanism %q: it is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", s.Mechanism)
}

// ping asks any broker for an answer.
func (c Connection) ping(ctx context.Context, client *kgo.Client) error {
	err := client.Ping(ctx)
	if err == nil {
		return nil
	}
	return &UnreachableError{Brokers: c.Brokers, cause: err}
}
