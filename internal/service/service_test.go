package service

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestRequestsInFlightAreFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish := make(chan struct{})
		r := start(t, &Service{Grace: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			<-finish
			_, _ = io.WriteString(w, "finished")
		})})
		answer := r.listener.request(t, get)
		synctest.Wait()
		r.stop()
		synctest.Wait()
		select {
		case err := <-r.ended:
			t.Fatalf("the service ended with a request in flight: %v", err)
		default:
		}
		if _, ok := r.listener.dial(); ok {
			t.Fatal("a connection was accepted after the ending had begun")
		}
		close(finish)
		if got := <-answer; got != "200 OK finished" {
			t.Errorf("the request in flight was answered %q", got)
		}
		if err := <-r.ended; err != nil {
			t.Errorf("the ending: %v", err)
		}
	})
}

// The order: not ready, the first drain (it ends the streams), requests in flight, the other drains one by one, at last the admin port.
func TestTheOrderOfTheEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lock sync.Mutex
		var order []string
		did := func(what string) {
			lock.Lock()
			defer lock.Unlock()
			order = append(order, what)
		}
		ready := &Readiness{}
		ready.Set(true)
		streamsEnd := make(chan struct{})
		admin := newPipeListener()
		var r *running
		drain := func(name string, also func()) Drain {
			return Drain{Name: name, Run: func(context.Context) error {
				if ready.ready.Load() {
					t.Errorf("still ready when %s is drained", name)
				}
				if got := <-admin.request(t, get); !strings.HasPrefix(got, "200 OK") {
					t.Errorf("the admin port while %s is drained: %q", name, got)
				}
				did(name)
				also()
				return nil
			}}
		}
		r = start(t, &Service{
			Grace: time.Minute, Ready: ready,
			Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				<-streamsEnd // a stream: it lasts until it is told to end
				<-time.After(time.Second)
				did("request")
			}),
			Admin: admin, AdminHandler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
			Drains: []Drain{drain("streams", func() { close(streamsEnd) }), drain("intake", func() {}), drain("producer", func() {})},
		})
		answer := r.listener.request(t, get)
		synctest.Wait()
		r.stop()
		if err := <-r.ended; err != nil {
			t.Errorf("the ending: %v", err)
		}
		<-answer
		if want := []string{"streams", "request", "intake", "producer"}; !slices.Equal(order, want) {
			t.Errorf("ended in the order %v, want %v", order, want)
		}
		if _, ok := admin.dial(); ok {
			t.Error("the admin port is open after the end")
		}
	})
}

func TestTheEndingIsBoundedByTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := make(chan struct{})
		stuck := errors.New("stuck")
		r := start(t, &Service{
			Grace: 10 * time.Second,
			Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				close(cut)
			}),
			Drains: []Drain{
				{Name: "the streams", Run: func(ctx context.Context) error {
					if until, _ := ctx.Deadline(); time.Until(until) != 7500*time.Millisecond {
						t.Errorf("the streams have %v", time.Until(until))
					}
					return nil
				}},
				{Name: "the producer", Run: func(ctx context.Context) error {
					<-ctx.Done()
					return stuck
				}},
			},
		})
		answer := r.listener.request(t, get)
		synctest.Wait()
		begun := time.Now()
		r.stop()
		<-cut // the connection was closed under the handler
		if took := time.Since(begun); took != 7500*time.Millisecond {
			t.Errorf("the request was cut after %v; what comes after it wants time too", took)
		}
		err := <-r.ended
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("the ending took %v", took)
		}
		if !errors.Is(err, stuck) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the producer did not end in order") {
			t.Errorf("the error does not say what did not end: %v", err)
		}
		<-answer
	})
}

func TestAServerThatFailsEndsTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drained := false
		r := start(t, &Service{Grace: time.Second, Handler: http.NotFoundHandler(), Drains: []Drain{{"the intake", func(context.Context) error {
			drained = true
			return nil
		}}}})
		synctest.Wait()
		_ = r.listener.Close() // as if the operating system took it away
		if err := <-r.ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("the error does not say why: %v", err)
		}
		if !drained {
			t.Error("nothing was drained")
		}
	})
}

func TestHeads(t *testing.T) {
	head := func(size int) string {
		const frame = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nLast-Event-ID: \r\n\r\n"
		return strings.Replace(frame, "Last-Event-ID: ", "Last-Event-ID: "+strings.Repeat("i", size-len(frame)), 1)
	}
	for _, test := range []struct {
		name, head, want string
	}{
		{"64 KiB are read", head(MaxHeadBytes), "200 OK"},
		{"a much larger one is refused", head(2 * MaxHeadBytes), "431 Request Header Fields Too Large"},
		{"one that does not come is cut", "GET / HTTP/1.1\r\nHost:", "unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, &Service{Grace: time.Second, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})})
				if got := <-r.listener.request(t, test.head); !strings.HasPrefix(got, test.want) {
					t.Errorf("answered %q, want %q", got, test.want)
				}
				r.stop()
				<-r.ended
			})
		})
	}
}

// A write timeout on the server would cut streams: an answer may take as long as it wants.
func TestSlowAnswersAreNotCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &Service{Grace: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			<-time.After(24 * time.Hour)
			_, _ = io.WriteString(w, "still here")
		})})
		if got := <-r.listener.request(t, get); got != "200 OK still here" {
			t.Errorf("after a day: %q", got)
		}
		r.stop()
		<-r.ended
	})
}
