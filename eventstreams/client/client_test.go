package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is a server that has numbered events, cuts its connections after a few of them, in the middle of the next one, and sometimes refuses.
func script(t *testing.T, events, cut int) *httptest.Server {
	t.Helper()
	var requests atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/stream/a b,c" {
			http.Error(w, "no such stream "+r.URL.Path, http.StatusBadRequest)
			return
		}
		if requests.Add(1)%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		from := 0
		if id := r.Header.Get("Last-Event-ID"); id != "" {
			from, _ = strconv.Atoi(strings.TrimPrefix(id, "after "))
		}
		_, _ = fmt.Fprint(w, ":ok\n\nretry: 1\n: gap {\"to\":1}\n")
		for i := from; i < events; i++ {
			if i == from+cut {
				_, _ = fmt.Fprintf(w, "event: message\ndata: {\"n\":%d}\nid: after %d\n", i, i+1)
				return
			}
			_, _ = fmt.Fprintf(w, "event: message\ndata: {\"n\":%d}\nid: after %d\n\n: heartbeat\n", i, i+1)
		}
		_, _ = fmt.Fprint(w, "event: end\ndata: {\"reason\":\"limit\"}\n\n")
	}))
	t.Cleanup(web.Close)
	return web
}

func TestConsumeGoesOnOverCutsAndRefusals(t *testing.T) {
	web := script(t, 20, 3)
	defer web.Client().CloseIdleConnections()
	next, gaps := 0, 0
	err := Consume(t.Context(), Config{URL: web.URL, Streams: []string{"a b", "c"}, HTTP: web.Client(), Longest: time.Millisecond, OnGap: func([]byte) { gaps++ }},
		func(e Event) error {
			if string(e.Data) != fmt.Sprintf(`{"n":%d}`, next) || e.ID != fmt.Sprintf("after %d", next+1) {
				t.Fatalf("event %d is %s, %s", next, e.Data, e.ID)
			}
			next++
			return nil
		})
	if err != nil || next != 20 || gaps == 0 {
		t.Errorf("%d events, %d gaps, error %v", next, gaps, err)
	}
}

// A server that says where a stream begins is asked to go on there, though the connection was cut before the first event.
func TestConsumeGoesOnFromWhereItBegan(t *testing.T) {
	var asked []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query().Get("position")+" "+r.Header.Get("Last-Event-ID"))
		switch len(asked) {
		case 1:
			_, _ = fmt.Fprint(w, ":ok\n\nevent: position\ndata: {}\nid: begin\n\n")
		case 2:
			_, _ = fmt.Fprint(w, ":ok\n\ndata: {\"n\":1}\nid: first\n\nid: later\n\n")
		default:
			_, _ = fmt.Fprint(w, "event: end\ndata: {}\nid: last\n\n")
		}
	}))
	defer web.Close()
	defer web.Client().CloseIdleConnections()
	var had []string
	err := Consume(t.Context(), Config{URL: web.URL, Streams: []string{"a"}, HTTP: web.Client(), Longest: time.Millisecond,
		OnPosition: func(id string) { had = append(had, id) }}, func(e Event) error {
		had = append(had, e.ID)
		return nil
	})
	if want := []string{"true ", "true begin", "true later"}; err != nil || !slices.Equal(asked, want) {
		t.Errorf("asked %q; %v", asked, err)
	}
	if want := []string{"begin", "first", "later"}; !slices.Equal(had, want) {
		t.Errorf("had %q", had)
	}
}

// A server that does not say where a stream begins is asked for what came since the first connection began.
func TestConsumeGoesOnFromWhenItBegan(t *testing.T) {
	var asked []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query().Get("since")+"/"+r.Header.Get("Last-Event-ID"))
		w.Header().Set("Date", time.Unix(1_800_000_000+int64(len(asked)), 0).UTC().Format(http.TimeFormat))
		switch len(asked) {
		case 1, 2:
			_, _ = fmt.Fprint(w, ":ok\n\n")
		case 3:
			_, _ = fmt.Fprint(w, ":ok\n\ndata: {}\nid: first\n\n")
		default:
			_, _ = fmt.Fprint(w, "event: end\ndata: {}\n\n")
		}
	}))
	defer web.Close()
	defer web.Client().CloseIdleConnections()
	cfg := Config{URL: web.URL, Streams: []string{"a"}, HTTP: web.Client(), Longest: time.Millisecond}
	for _, c := range []struct {
		query url.Values
		want  []string
	}{
		{nil, []string{"/", "1800000000000/", "1800000000000/", "/first"}},
		{url.Values{"since": {"7"}}, []string{"7/", "7/", "7/", "7/first"}},
	} {
		asked, cfg.Query = nil, c.query
		if err := Consume(t.Context(), cfg, func(Event) error { return nil }); err != nil || !slices.Equal(asked, c.want) {
			t.Errorf("asked %q; %v", asked, err)
		}
	}
}

func TestConsumeStops(t *testing.T) {
	web := script(t, 20, 30)
	defer web.Client().CloseIdleConnections()
	full := errors.New("the disk is full")
	cfg := Config{URL: web.URL, Streams: []string{"a b", "c"}, HTTP: web.Client(), LastEventID: "after 7"}
	var first string
	if err := Consume(t.Context(), cfg, func(e Event) error { first = string(e.Data); return full }); !errors.Is(err, full) || first != `{"n":7}` {
		t.Errorf("after %s: %v", first, err)
	}
	var status *StatusError
	cfg.Streams = []string{"other"}
	if err := Consume(t.Context(), cfg, nil); !errors.As(err, &status) || status.Status != 400 || !strings.Contains(err.Error(), "no such stream") {
		t.Errorf("a refusal: %v", err)
	}
	for _, wrong := range []Config{{URL: "::", Streams: []string{"a"}}, {URL: "http://x"}} {
		if err := Consume(t.Context(), wrong, nil); err == nil {
			t.Errorf("%+v is accepted", wrong)
		}
	}
}

func TestADeadConnectionIsLeft(t *testing.T) {
	var requests atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 {
			_, _ = fmt.Fprint(w, "event: end\ndata: {}\n\n")
			return
		}
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer web.Close()
	defer web.Client().CloseIdleConnections()
	var why error
	err := Consume(t.Context(), Config{URL: web.URL, Streams: []string{"a"}, HTTP: web.Client(), Query: url.Values{"limit": {"1"}}, Silence: 20 * time.Millisecond,
		Longest: time.Millisecond, OnRetry: func(err error, _ time.Duration) { why = err }}, nil)
	if err != nil || why == nil || !strings.Contains(why.Error(), "nothing came for 20ms") {
		t.Errorf("%v; %v", err, why)
	}
}

func TestConsumeEndsWithItsContext(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer web.Close()
	defer web.Client().CloseIdleConnections()
	ctx, cancel := context.WithCancel(t.Context())
	err := Consume(ctx, Config{URL: web.URL, Streams: []string{"a"}, HTTP: web.Client(), OnRetry: func(error, time.Duration) { cancel() }}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	c := &consumer{take: func(e Event) error {
		if string(e.Data) != long {
			t.Errorf("%d bytes", len(e.Data))
		}
		return nil
	}}
	if err := c.read(strings.NewReader("data: "+long+"\r\n\r\n"), func() {}); err != nil || c.had != 1 {
		t.Error(err)
	}
}
