package kafkasse

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// http2 is one connection over which requests go by HTTP/2.
type http2 struct {
	*harness
	client *http.Client
}

func (h *harness) http2() *http2 {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	dial := func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		h.conn <- server
		return client, nil
	}
	return &http2{h, &http.Client{Transport: &http.Transport{Protocols: p, DialContext: dial, DisableCompression: true}}}
}

// open2 sends a request and returns when the head is there.
func (c *http2) open2(method string, headers ...string) (*stream, func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	req, err := http.NewRequestWithContext(ctx, method, "http://test/", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	s := &stream{}
	if s.head, err = c.client.Do(req); err != nil {
		c.t.Fatal(err)
	}
	equal(c.t, "protocol", s.head.ProtoMajor, 2)
	go s.read()
	synctest.Wait()
	return s, func() { cancel(); synctest.Wait() }
}

func TestHTTP2Streams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		ends := &reasons{}
		h := newHarness(t, log, Config{Observer: ends}, "a")
		defer h.stop()
		c := h.http2()
		defer c.client.CloseIdleConnections()
		head, _ := c.open2(http.MethodHead)
		equal(t, "head", fmt.Sprint(head.head.StatusCode, head.head.Header.Get("Content-Type"), head.ended()), "200text/event-streamEOF")
		plain, cancel := c.open2(http.MethodGet)
		gz, _ := c.open2(http.MethodGet, "Accept-Encoding: gzip")
		zst, _ := c.open2(http.MethodGet, "Accept-Encoding: zstd", "Accept: application/json")
		h.produce(series(0, 10, 1)...)
		log.Produce(series(10, 20, 1)...)
		equal(t, "events", plain.seqs(), numbers(0, 20))
		for s, e := range map[*stream]encoding{gz: gzipped, zst: zstandard} {
			equal(t, "encoding", s.head.Header.Get("Content-Encoding"), e.String())
			text, _ := decoded(t, e, s.raw())
			equal(t, e.String(), strings.Count(text, `{"n":`), 20)
		}
		sleep(16 * second)
		if !strings.HasSuffix(plain.raw(), "\n: heartbeat\n") {
			t.Errorf("no heartbeat in %s", plain.raw()[len(plain.raw())-100:])
		}
		text, _ := decoded(t, gzipped, gz.raw())
		if !strings.HasSuffix(text, "\n: heartbeat\n") {
			t.Error("no heartbeat when compressed")
		}
		equal(t, "clients", h.srv.Clients(), 3)
		cancel()
		equal(t, "clients, one of which is gone", h.srv.Clients(), 2)
		h.srv.Cut(func(ClientInfo) bool { return true })
		for s, e := range map[*stream]encoding{gz: gzipped, zst: zstandard} {
			if !isEOF(s.ended()) {
				t.Errorf("%v is not ended cleanly: %v", e, s.ended())
			}
			if _, err := decoded(t, e, s.raw()); err != nil {
				t.Errorf("%v is not whole: %v", e, err)
			}
		}
		equal(t, "reasons", ends.list(), []EndReason{EndClient, EndCut, EndCut})
	})
}

// A client that takes nothing is cut, and costs nothing to another one on the same connection.
func TestAStalledHTTP2ClientIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		ends := &reasons{}
		h := newHarness(t, log, Config{Observer: ends}, "a")
		defer h.stop()
		c := h.http2()
		defer c.client.CloseIdleConnections()
		fast, _ := c.open2(http.MethodGet)
		stalled, _ := c.open2(http.MethodGet)
		defer stalled.pause()()
		pad := strings.Repeat("x", 10_000)
		n := 0
		for range 70 { // seconds; more than the flow control of a stream lets through
			for range 10 {
				log.Produce(kafka.Record{Topic: "a", Timestamp: int64(n), Value: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, n, pad)})
				n++
			}
			synctest.Wait()
			sleep(second)
		}
		equal(t, "fast", len(fast.seqs()), n)
		sleep(20 * second)
		equal(t, "reasons", ends.list(), []EndReason{EndStalled})
		equal(t, "clients", h.srv.Clients(), 1)
	})
}
