package eventstreams

import (
	"testing"
	"testing/synctest"
	"time"
)

// A filter that takes too much time loses its streams, and is refused for a while; the others stay.
func TestExpensiveFiltersAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := filtered(t)
		defer h.stop()
		expensive := h.lines("/v2/stream/pages?filter=event.n==1&where=title:A")
		cheap := h.lines("/v2/stream/pages?filter=event.n==2")
		entries, _ := h.srv.current().find([]string{"pages"})
		m, err := h.srv.filters.compile(t.Context(), h.srv, entries, "event.n==1")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name          string
			spent, events int64
			refused       bool
		}{
			{"nothing to do", 0, 0, false},
			{"many events", int64(5 * time.Second), 1_000_000, false},
			{"few slow events", int64(900 * time.Millisecond), 100, false},
			{"many slow events", int64(1100 * time.Millisecond), 1000, true},
		} {
			m.spent.Add(c.spent)
			m.events.Add(c.events)
			pass(lookEvery)
			if _, ended := expensive.body(); ended != c.refused {
				t.Errorf("%s: ended %v", c.name, ended)
			}
		}
		if _, ended := cheap.body(); ended {
			t.Error("another filter's stream was ended")
		}
		if x := h.lines("/v2/stream/pages?filter=event.n==1"); x.head.StatusCode != 429 || x.head.Header.Get("Retry-After") == "" {
			t.Errorf("%s %v", x.head.Status, x.head.Header)
		}
		pass(refusedFor)
		if x := h.lines("/v2/stream/pages?filter=event.n==1"); x.head.StatusCode != 200 {
			t.Errorf("after a while: %s", x.head.Status)
		} else {
			x.close()
		}
		cheap.close()
	})
}

func (h *harness) lines(path string) *exchange {
	h.t.Helper()
	return h.send(request{Method: "GET", Path: path, Headers: map[string]string{"Accept": "application/json"}})
}
