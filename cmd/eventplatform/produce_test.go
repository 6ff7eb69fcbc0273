package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// Every line's fate is told, and what is wrong with one takes nothing from the others.
func TestProduce(t *testing.T) {
	p := servePlatform(t)
	good := func(n int) string {
		return fmt.Sprintf(`{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":"n%d"}`, n)
	}
	file := writeFile(t, "events.ndjson", strings.Join([]string{
		good(1), "", `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":5}`, "{broken", "[]",
		`{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event","id":7},"test":"x"}`, `{"$schema":"/test/event/1.0.0","meta":{"stream":"other"}}`, good(8),
	}, "\n"))
	code, out, errs := said(t, "", "produce", "--to", p.url, file)
	for _, want := range []string{":3: refused: '.test' should be string\n", ":4: refused: ", ":5: refused: not an event", ":6: refused: ", ":7: refused: "} {
		if !strings.Contains(out, file+want) {
			t.Errorf("%q is missing in %s", want, out)
		}
	}
	if code != 1 || errs != "2 events accepted, 5 refused, 0 failed\n" || strings.Count(out, "\n") != 5 {
		t.Errorf("exit code %d, %s%s", code, out, errs)
	}

	code, out, errs = said(t, strings.Join([]string{good(9), good(10), good(11)}, "\n"), "produce", "--to", p.url, "--batch", "2", "--json")
	var last struct {
		File, Status, ID, Topic string
		Offset                  *int64
	}
	if code != 0 || errs != "3 events accepted, 0 refused, 0 failed\n" || strings.Count(out, "\n") != 3 || json.Unmarshal([]byte(out[strings.LastIndex(out[:len(out)-1], "\n")+1:]), &last) != nil {
		t.Errorf("exit code %d, %s%s", code, out, errs)
	}
	if last.File != "-" || last.Status != "accepted" || len(last.ID) != 36 || last.Topic != "dc1.test.event" || last.Offset == nil || *last.Offset != 4 {
		t.Errorf("%+v", last)
	}
	data := firstEvent(t, p.url+"/v2/stream/test.event?since=2020-01-01&where=test:n11")
	if !strings.Contains(data, last.ID) {
		t.Errorf("produced %s, told of the id %s", data, last.ID)
	}

	code, _, errs = said(t, good(12), "produce", "--to", p.url, "--dry-run")
	if code != 0 || errs != "1 events would be accepted, 0 refused, 0 failed\n" {
		t.Error(code, errs)
	}
	for _, args := range [][]string{{"--batch", "0"}, {"--to", "nowhere"}, {"no-such-file"}} {
		if code, _, errs := said(t, "", append([]string{"produce"}, args...)...); code != 1 {
			t.Errorf("%q: exit code %d, %s", args, code, errs)
		}
	}
}

// What an intake is too busy for, or does not answer for, is sent again with the same ids; what it took is not.
func TestProduceTriesAgain(t *testing.T) {
	var tries atomic.Int32
	var bodies [3][]byte
	intake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := tries.Add(1)
		bodies[min(n-1, 2)], _ = io.ReadAll(r.Body)
		switch n {
		case 1:
			panic(http.ErrAbortHandler) // an answer that never comes
		case 2:
			var events []json.RawMessage
			if err := json.Unmarshal(bodies[1], &events); err != nil || len(events) != 3 {
				t.Errorf("got %s: %v", bodies[1], err)
			}
			w.WriteHeader(http.StatusMultiStatus)
			fmt.Fprintf(w, `{"invalid":[{"status":"invalid","event":%s,"context":{"errorsText":"no"}}],"error":[{"status":"error","event":%s,"context":{"message":"broker"}}]}`, events[0], events[1])
		default:
			w.WriteHeader(http.StatusCreated)
		}
	}))
	defer intake.Close()
	code, out, errs := said(t, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n", "produce", "--to", intake.URL)
	if code != 1 || out != "-:1: refused: no\n" || errs != "2 events accepted, 1 refused, 0 failed\n" || tries.Load() != 3 {
		t.Errorf("exit code %d after %d tries, %s%s", code, tries.Load(), out, errs)
	}
	if !bytes.Equal(bodies[0], bodies[1]) {
		t.Errorf("sent %s, then %s", bodies[0], bodies[1])
	}
	if again := strings.Trim(string(bodies[2]), "[]"); !strings.Contains(again, `"n":2`) || strings.Contains(again, `"n":3`) || !strings.Contains(string(bodies[0]), again) {
		t.Errorf("sent %s again", bodies[2])
	}
}

// Ctrl-C ends it, and what was not sent is told.
func TestProduceInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	intake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer intake.Close()
	var out, errs bytes.Buffer
	code := run(ctx, []string{"produce", "--to", intake.URL}, &terminal{In: strings.NewReader("{}\n"), Out: &out, Err: &errs})
	if code != 1 || !strings.HasPrefix(out.String(), "-:1: failed: ") || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("exit code %d, %s%s", code, &out, &errs)
	}
}
