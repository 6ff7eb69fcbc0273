package lint

import (
	"context"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// TestRealStreams holds that the checks find in real declarations what is wrong there, and nothing else: titles whose schemas are in another
// repository, and streams in trial that are ingested.
func TestRealStreams(t *testing.T) {
	c, err := streamconfig.Load(testshared.Path(t, "data/streams/wikimedia.json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := schema.New(schema.Config{Bases: []string{testshared.Path(t, "data/schemas/primary")}, Revalidate: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	report, err := Streams(context.Background(), Input{Streams: c, Schemas: r})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, f := range report.Findings {
		count[f.Rule]++
		switch f.Rule {
		case "schema-missing":
			if s, _ := c.Lookup(f.Subject); len(r.Versions(context.Background(), s.SchemaTitle)) > 0 {
				t.Errorf("the schema is there: %+v", f)
			}
		case "unstable-ingestion":
			if !strings.Contains(f.Subject, ".rc0") {
				t.Errorf("%+v", f)
			}
		default:
			t.Errorf("found besides: %+v", f)
		}
		if f.Line == 0 || !strings.HasSuffix(f.File, "wikimedia.json") {
			t.Errorf("without place: %+v", f)
		}
	}
	if count["schema-missing"] != 22 || count["unstable-ingestion"] != 5 {
		t.Errorf("found: %v", count)
	}
}

func TestRealRepository(t *testing.T) {
	report, err := Repository(context.Background(), testshared.Path(t, "data/schemas/primary"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range report.Findings {
		found = append(found, f.Rule+" "+f.Subject)
	}
	want := "schema-id /development/webrequest/1.0.0, platform-fields /test/event/0.0.2, platform-fields /test/event/0.0.3"
	if got := strings.Join(found, ", "); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
