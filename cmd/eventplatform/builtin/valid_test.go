package builtin_test

import (
	"context"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/cmd/eventplatform/builtin"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Every stream has a schema, every schema's example follows it, and so do the demonstration's events once the intake has filled in the time.
func TestEverythingBuiltInIsValid(t *testing.T) {
	config, err := streamconfig.Parse(builtin.StreamsName, builtin.Streams())
	if err != nil {
		t.Fatal(err)
	}
	repositories, err := schema.New(schema.Config{Embedded: builtin.Schemas()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(repositories.Close)
	lookup := func(uri string) *schema.Schema {
		s, err := repositories.Lookup(context.Background(), uri)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, s := range config.Streams() {
		newest, err := repositories.Latest(context.Background(), s.SchemaTitle)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		} else if len(newest.Examples) == 0 {
			t.Errorf("%s: schema %s has no example", s.Name, newest.URI)
		}
	}
	for _, uri := range []string{"/test/event/0.0.2", "/test/event/1.0.0", "/error/2.1.0", "/mediawiki/recentchange/1.0.0", "/mediawiki/page/change/1.0.0"} {
		for _, example := range lookup(uri).Examples {
			if err := lookup(uri).Validator.Validate(example); err != nil {
				t.Errorf("%s: %v in its example %s", uri, err, example)
			}
		}
	}
	demo := builtin.NewDemo(2)
	for range 500 {
		for events := rawjson.NewElements(demo.Next(time.Unix(1_700_000_000, 0))); events.Next(); {
			text := events.Value()
			start, end, _ := rawjson.Find(text, "$schema")
			_, at, _ := rawjson.Find(text, "meta")
			text = rawjson.Splice(nil, text, []rawjson.Insertion{{Offset: at - 1, Bytes: []byte(`,"dt":"2023-01-01T00:00:00Z"`)}})
			if err := lookup(string(text[start+1 : end-1])).Validator.Validate(text); err != nil {
				t.Fatalf("%v in %s", err, text)
			}
		}
	}
}
