package kafka_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/eventplatform/eventplatform/kafka"
)

// TLS and SASL, as librdkafka's settings ask for them.
func TestSecuredConnections(t *testing.T) {
	certs := makeCertificates(t)
	pair, err := tls.LoadX509KeyPair(certs.cert, certs.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair}}), kfake.EnableSASL(),
		kfake.Superuser("PLAIN", "plain", "secret"), kfake.Superuser("SCRAM-SHA-256", "scram", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	base := map[string]any{
		"bootstrap.servers": c.ListenAddrs()[0], "security.protocol": "sasl_ssl", "sasl.password": "secret", "sasl.username": "scram", "sasl.mechanism": "SCRAM-SHA-256",
		"ssl.ca.location": certs.ca, "ssl.endpoint.identification.algorithm": "none",
	}
	for name, test := range map[string]struct {
		change map[string]any
		works  bool
	}{
		"SCRAM":                      {nil, true},
		"PLAIN":                      {map[string]any{"sasl.mechanism": "PLAIN", "sasl.username": "plain"}, true},
		"trust anyone":               {map[string]any{"ssl.ca.location": "", "enable.ssl.certificate.verification": false}, true},
		"wrong password":             {map[string]any{"sasl.password": "x"}, false},
		"a name that is not its own": {map[string]any{"ssl.endpoint.identification.algorithm": "https"}, false},
		"an authority of others":     {map[string]any{"ssl.ca.location": makeCertificates(t).ca}, false},
		"no TLS":                     {map[string]any{"security.protocol": "sasl_plaintext"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			conf := make(map[string]any)
			for _, m := range []map[string]any{base, test.change} {
				for k, v := range m {
					conf[k] = v
				}
			}
			cfg, _, err := kafka.LogFromLibrdkafka(conf)
			if err != nil {
				t.Fatal(err)
			}
			l, err := kafka.NewLog(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			err = l.Ping(testContext(t))
			if (err == nil) != test.works {
				t.Errorf("%v", err)
			}
		})
	}
}

// observer counts.
type observer struct {
	mu       sync.Mutex
	requests map[string]int
	bytes    int
	ended    int
}

func (o *observer) BrokerRequest(_ int32, request string, written, read int, took time.Duration, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests[request]++
	if err == nil && took > 0 {
		o.bytes += written + read
	}
}
func (o *observer) BrokerThrottled(int32, time.Duration) {}
func (o *observer) BrokerDisconnected(int32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended++
}

func TestObserverAndLogger(t *testing.T) {
	t.Parallel()
	b := inMemory(t)
	seen := &observer{requests: map[string]int{}}
	var text lockedBuffer
	conn := kafka.Connection{Brokers: []string{b.Addr()}, Observer: seen, Logger: slog.New(slog.NewTextHandler(&text, nil))}
	p := newProducer(t, kafka.ProducerConfig{Connection: conn, CreateTopics: &kafka.TopicSpec{}, DeliveryTimeout: briefly})
	mustProduce(t, p, "observed", "x")
	if text.String() != "" {
		t.Errorf("the usual is logged: %s", text.String())
	}
	b.Close()
	produce(t, p, "observed", "x")
	p.Close(testContext(t))
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if seen.requests["Produce"] == 0 || seen.bytes == 0 || seen.ended == 0 {
		t.Errorf("%+v", seen)
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if text.String() == "" || len(lines) > 10 {
		t.Errorf("a broker that ended is logged in %d lines: %s", len(lines), text.String())
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
