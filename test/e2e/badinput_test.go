package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// Whatever is sent, the answer has the right status and says what is wrong and where; nothing is produced and nothing is logged as our error.
func TestBadInput(t *testing.T) {
	p := serve(t, "--data-dir", t.TempDir())
	live := p.open("test.event", "", "")
	const good = `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":"x"}`
	tests := []struct {
		name, method, path, contentType, body string
		status                                int
		says                                  []string
	}{
		{"malformed JSON", "POST", "/v1/events", "application/json", `{"$schema":"/test/event/1.0.0",}`, 400, []string{"invalid", `"offset"`}},
		{"JSON that ends early", "POST", "/v1/events", "application/json", `[` + good, 400, []string{"invalid"}},
		{"malformed after a good event", "POST", "/v1/events", "application/json", `[` + good + `,{"a":1,}]`, 400, []string{"invalid"}},
		{"not an object", "POST", "/v1/events", "application/json", `[1]`, 400, []string{"invalid"}},
		{"text", "POST", "/v1/events", "application/json", `hello`, 400, []string{"invalid"}},
		{"invalid UTF-8", "POST", "/v1/events", "application/json", strings.Replace(good, `"x"`, "\"\xff\"", 1), 400, []string{"invalid"}},
		{"empty body", "POST", "/v1/events", "application/json", ``, 400, nil},
		{"empty array", "POST", "/v1/events", "application/json", `[]`, 400, nil},
		{"no $schema", "POST", "/v1/events", "application/json", `{"meta":{"stream":"test.event"}}`, 400, []string{"$schema"}},
		{"unknown schema", "POST", "/v1/events", "application/json", `{"$schema":"/no/such/1.0.0","meta":{"stream":"test.event"}}`, 400, []string{"/no/such/1.0.0"}},
		{"schema outside", "POST", "/v1/events", "application/json", `{"$schema":"/../../etc/passwd","meta":{"stream":"test.event"}}`, 400, []string{"invalid"}},
		{"no stream", "POST", "/v1/events", "application/json", `{"$schema":"/test/event/1.0.0","meta":{}}`, 400, []string{"stream"}},
		{"unknown stream", "POST", "/v1/events", "application/json", `{"$schema":"/test/event/1.0.0","meta":{"stream":"no.such"}}`, 400, []string{"no.such"}},
		{"another schema than the stream's", "POST", "/v1/events", "application/json", `{"$schema":"/test/event/1.0.0","meta":{"stream":"mediawiki.recentchange"}}`, 400, []string{"mediawiki/recentchange"}},
		{"wrong type", "POST", "/v1/events", "application/json", `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":1}`, 400, []string{"'.test' should be string"}},
		{"11 MB", "POST", "/v1/events", "application/json", strings.Replace(good, `"x"`, `"`+strings.Repeat("x", 11<<20)+`"`, 1), 413, nil},
		{"deep nesting", "POST", "/v1/events", "application/json", strings.Repeat(`[`, 1<<20), 400, nil},
		{"unknown media type", "POST", "/v1/events", "image/png", good, 415, []string{"image/png"}},
		{"unknown route", "GET", "/no/such/route", "", ``, 404, nil},
		{"wrong method", "GET", "/v1/events", "", ``, 405, nil},
		{"unknown stream to read", "GET", "/v2/stream/no.such", "", ``, 400, []string{"no.such"}},
		{"no time to read since", "GET", "/v2/stream/test.event?since=never", "", ``, 400, []string{"never"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, p.url+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if test.contentType != "" {
				request.Header.Set("Content-Type", test.contentType)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text := make([]byte, 64<<10)
			n, _ := response.Body.Read(text)
			if response.StatusCode != test.status {
				t.Fatalf("answered %s, not %d: %s", response.Status, test.status, text[:n])
			}
			for _, word := range test.says {
				if !strings.Contains(string(text[:n]), word) {
					t.Errorf("the answer does not say %q: %s", word, text[:n])
				}
			}
		})
	}
	// The next event that comes is the good one posted now, so none of the others was produced.
	if status, text := p.post("/v1/events", "application/json", strings.Replace(good, `"x"`, `"the only good one"`, 1)); status != http.StatusCreated {
		t.Fatalf("a good event after all the bad ones was answered %d: %s", status, text)
	}
	if got := live.next(1)[0]; !strings.Contains(got.data, "the only good one") {
		t.Errorf("something bad was produced: %s", got.data)
	}
	if log := p.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("bad input was logged as our error:\n%s", log)
	}
}
