package uiapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// post sends a body to the watched intake.
func post(t *testing.T, f *fixture, target, body string, header ...string) int {
	t.Helper()
	r := httptest.NewRequest("POST", target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.Watch(f.cfg.Intake).ServeHTTP(w, r)
	return w.Code
}

func TestTheDoubleTellsWhatWasAcceptedAndRefused(t *testing.T) {
	f := intakeFixture(t)
	f.produced("dc.notes", f.marks.since, `{"from":"before"}`)
	if err := f.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status := post(t, f, "/v1/events", "["+note(`"a"`)+","+note(`1`)+","+note(`"b"`)+"]"); status != 207 {
		t.Fatalf("status %d", status)
	}
	many := "[" + strings.Repeat(note(`2`)+",", 20) + note(`2`) + "]"
	for _, header := range [][]string{nil, {"Accept", "application/problem+json"}, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "deflate"}} {
		if status := post(t, f, "/v1/events", many, header...); status != 400 {
			t.Fatalf("status %d", status)
		}
	}
	post(t, f, "/v1/events?hasty=true", note(`3`))
	post(t, f, "/v1/events", "{")
	post(t, f, "/v1/events?dry_run=true", note(`4`)) // nobody sent that
	post(t, f, "/v1/events", strings.Replace(note(`"job"`), "notes", "job.x", 1))

	var a Accepted
	if status := f.ask(t, "GET", "/ui/api/accepted", "", &a); status != 200 || a.Count != 2 || len(a.Events) != 2 {
		t.Fatalf("%d %+v", status, a)
	}
	if e := a.Events[1]; e.Stream != "notes" || e.Topic != "dc.notes" || e.Offset != 2 || !strings.Contains(string(e.Event), `"text":"b"`) {
		t.Errorf("%+v %s", e, e.Event)
	}
	for stream, count := range map[string]int{"notes": 2, "late": 0, "nothing": 0, "job.x": 1} {
		if status := f.ask(t, "GET", "/ui/api/accepted?stream="+stream, "", &a); status != 200 || a.Count != count {
			t.Errorf("%s: %d %+v", stream, status, a)
		}
	}
	var r Refused
	if status := f.ask(t, "GET", "/ui/api/refused", "", &r); status != 200 || r.Count != 1+4*21+2 {
		t.Fatalf("%d, %d refused", status, r.Count)
	}
	for _, e := range r.Events[:r.Count-1] {
		if e.Stream != "notes" || e.Status != "invalid" || e.Reason != "'.text' should be string" || len(e.Pointers) != 1 || e.Pointers[0] != "/text" {
			t.Fatalf("%+v", e)
		}
	}
	if e := r.Events[r.Count-1]; string(e.Event) != "null" || !strings.Contains(e.Reason, "unexpected end") {
		t.Errorf("%+v", e)
	}

	// Both are forgotten together.
	if status := f.ask(t, "DELETE", "/ui/api/accepted", "", nil); status != 200 {
		t.Errorf("DELETE: %d", status)
	}
	f.ask(t, "GET", "/ui/api/refused", "", &r)
	if count := accepted(t, f); count != 0 || r.Count != 0 {
		t.Errorf("after DELETE: %d accepted, %d refused", count, r.Count)
	}
	post(t, f, "/v1/events", note(`"c"`))
	if count := accepted(t, f); count != 1 {
		t.Errorf("%d accepted after one event", count)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	var f refusals
	for range 3 * mostRemembered {
		f.add(RefusedEvent{Reason: "x"})
	}
	if n := len(f.list()); n != mostRemembered {
		t.Errorf("%d are remembered", n)
	}
	big := RefusedEvent{Event: make([]byte, rememberedBytes/4)}
	for range 10 {
		f.add(big)
	}
	if n := len(f.list()); n != 3 || f.bytes > rememberedBytes {
		t.Errorf("%d big ones are remembered, %d bytes", n, f.bytes)
	}
	x := intakeFixture(t)
	for range mostRemembered + 5 {
		x.produced("dc.notes", x.marks.since, `{}`)
	}
	var a Accepted
	if x.ask(t, "GET", "/ui/api/accepted", "", &a); a.Count != mostRemembered+5 || len(a.Events) != mostRemembered {
		t.Errorf("%d events, %d told", a.Count, len(a.Events))
	}
}

func TestAnAnswerIsPassedOnAsItIs(t *testing.T) {
	f := newFixture(t, nil)
	long := strings.Repeat("x", watchedBytes+10)
	h := f.Watch(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Own", "1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(long)) // the recorder takes everything
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/v1/events", nil))
	if w.Code != 400 || w.Header().Get("X-Own") != "1" || w.Body.String() != long || len(f.refused.list()) != 0 {
		t.Errorf("%d, %d bytes, %d remembered", w.Code, w.Body.Len(), len(f.refused.list()))
	}
}

func TestPlacesAsExpressionsBecomePointers(t *testing.T) {
	for path, want := range map[string]string{
		"": "", ".a": "/a", ".a.b[0]": "/a/b/0", "['a-b'].c": "/a-b/c", `['it\'s']['x/y~']`: "/it's/x~1y~0", ".a[0][1].b": "/a/0/1/b", "[": "", "['": "", ".": "",
	} {
		if got := pointerOf(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
