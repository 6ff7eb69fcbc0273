package eventgate

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A connection is told of a deadline only if what it was told will not do: that is never earlier than what is wanted, and later by little.
func TestDeadlinesAreNotToldAnewForEveryRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d deadline
		var told []time.Time
		want := func(at time.Time, tells int) {
			t.Helper()
			d.wanted = at
			if err := d.apply(func(at time.Time) error { told = append(told, at); return nil }); err != nil {
				t.Fatal(err)
			}
			if len(told) != tells {
				t.Fatalf("told %d times, not %d: %v", len(told), tells, told)
			}
			if tells == 0 {
				return
			}
			late := told[tells-1].Sub(at)
			if at.IsZero() != told[tells-1].IsZero() || late < 0 || late > max(time.Until(at)/32, 0) {
				t.Fatalf("later by %v", late)
			}
		}
		in := func(d time.Duration) time.Time { return time.Now().Add(d) }
		want(time.Time{}, 0)
		want(in(time.Minute), 1)
		<-time.After(500 * time.Millisecond)
		want(in(time.Minute), 1)
		<-time.After(time.Second)
		want(in(time.Minute), 2)
		want(in(75*time.Second), 3)
		want(in(time.Second), 4)
		want(time.Time{}, 5)
		want(in(-time.Second), 6)
	})
}

// Who sends a request slowly is answered and cut, and who sends none is cut.
func TestSlowSendersAreCut(t *testing.T) {
	for name, sent := range map[string]string{
		"in the body":     "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
		"in the head":     "POST /v1/events HTTP/1.1\r\nHost: h\r\n",
		"between two":     "GET /_info/name HTTP/1.1\r\nHost: h\r\n\r\n",
		"in the 2nd body": "GET /_info/name HTTP/1.1\r\nHost: h\r\n\r\nPOST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			s := NewFastServer(wikimedia(t, &memory{}), HandlerConfig{}, FastServerConfig{ReadTimeout: 100 * time.Millisecond, IdleTimeout: 200 * time.Millisecond})
			served := make(chan error, 1)
			go func() { served <- s.Serve(l) }()
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, sent); err != nil {
				t.Fatal(err)
			}
			if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(conn)
			for {
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					break
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := in.ReadByte(); err != io.EOF {
				t.Errorf("not cut: %v", err)
			}
			_ = conn.Close()
			if err := s.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}
}
