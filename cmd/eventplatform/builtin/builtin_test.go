package builtin_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/cmd/eventplatform/builtin"
)

// Titles with letters of many scripts must reach the intake as JSON: %q writes Go's escapes, some of which JSON does not know.
func TestDemoWritesJSON(t *testing.T) {
	demo := builtin.NewDemo(1)
	streams := map[string]int{}
	for range 2000 {
		var events []struct {
			Meta struct{ Stream string }
		}
		text := demo.Next(time.Unix(1_700_000_000, 0))
		if err := json.Unmarshal(text, &events); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		for _, e := range events {
			streams[e.Meta.Stream]++
		}
	}
	if len(streams) != 3 || streams["mediawiki.recentchange"] != 2000 || streams["test.event"] == 0 {
		t.Fatalf("events by stream: %v", streams)
	}
}
