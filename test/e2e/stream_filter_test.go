package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// The filters of the guide are right for the schemas of real streams.
func TestFiltersOfTheGuide(t *testing.T) {
	p := serve(t, "--data-dir", t.TempDir(), "--schemas", testshared.Path(t, "data/schemas/primary"), "--streams", testshared.Path(t, "data/streams/wikimedia.json"))
	guide := string(read(t, filepath.Join("..", "..", "docs", "guides", "streams.md")))
	_, rest, found := strings.Cut(guide, "### Filters\n")
	_, rest, found2 := strings.Cut(rest, "```\n")
	block, _, found3 := strings.Cut(rest, "```")
	if !found || !found2 || !found3 {
		t.Fatal("the guide has no block of filters")
	}
	check := func(streams, filter string) (int, string) {
		t.Helper()
		response, err := http.Head(p.url + "/v2/stream/" + streams + "?filter=" + url.QueryEscape(filter))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode, filter
	}
	n := 0
	for line := range strings.Lines(block) {
		n++
		if status, filter := check("mediawiki.recentchange,mediawiki.page_change.v1", strings.TrimSpace(line)); status != http.StatusOK {
			t.Errorf("%d: %s", status, filter)
		}
	}
	if n < 4 {
		t.Errorf("%d filters", n)
	}
	response, err := http.Get(p.url + "/v2/stream/mediawiki.recentchange?filter=" + url.QueryEscape(`event.wikki == "enwiki"`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var wrong struct {
		Status, Line, Column int
		Nearest              string
	}
	if err := json.NewDecoder(response.Body).Decode(&wrong); err != nil || wrong.Status != 400 || wrong.Line != 1 || wrong.Column != 7 || wrong.Nearest != "event.wiki" {
		t.Errorf("%+v, %v", wrong, err)
	}
}

// A filtered stream is cut and goes on, in every encoding, and has the events that it should, once; a consumer of the program gets the same.
func TestFilteredClientsThatAreCut(t *testing.T) {
	p := serve(t, "--data-dir", t.TempDir())
	const events = 600
	filter := url.QueryEscape(`int(event.test) % 3 == 0 || event.test == "last"`)
	posted := make(chan error, 1)
	go func() {
		posted <- func() error {
			for n := range int64(events + 1) {
				e := testEvent(n)
				if n == events {
					e = strings.Replace(testEvent(0), `"0"`, `"last"`, 1)
				}
				if status, text, err := p.tryPost("/v1/events", "application/json", e); err != nil || status != http.StatusCreated {
					return fmt.Errorf("%d %s %w", status, text, err)
				}
			}
			return nil
		}()
	}()
	t.Run("clients", func(t *testing.T) {
		for _, client := range []sseClient{resuming("curl --compressed", curl("--compressed")), resuming("net/http", netHTTP), consuming()} {
			t.Run(client.name, func(t *testing.T) {
				t.Parallel()
				got := client.run(t, cutting(t, p.url).url+"/v2/stream/test.event?since=0&filter="+filter)
				n := 0
				for line := range strings.Lines(got) {
					want := fmt.Sprint(n)
					if n >= events {
						want = "last"
					}
					if number(frame{data: line}) != want {
						t.Fatalf("%s came, not %s", line, want)
					}
					n += 3
				}
				if n != events+3 {
					t.Errorf("the last one is %d", n)
				}
			})
		}
	})
	if err := <-posted; err != nil {
		t.Fatal(err)
	}
}

// consuming is the program's own consumer.
func consuming() sseClient {
	return sseClient{"consume", func(t *testing.T, url string) string {
		out := filepath.Join(t.TempDir(), "out")
		file, err := os.Create(out)
		if err != nil {
			t.Fatal(err)
		}
		cmd := command(t, program, "consume", url)
		cmd.Stdout, cmd.Stderr = file, io.Discard
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitUntil(t, func() bool { return strings.Contains(string(read(t, out)), `"test":"last"`) }, func() string { return string(read(t, out)) })
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = file.Close()
		return string(read(t, out))
	}}
}
