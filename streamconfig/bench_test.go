package streamconfig

import (
	"fmt"
	"strings"
	"testing"
)

// large is a configuration of so many streams and 50 regex streams, as JSON and as YAML.
func large(streams int) (asJSON, asYAML []byte) {
	var j, y strings.Builder
	defaults := `{"topic_prefixes":["eqiad.","codfw."],"canary_events_enabled":true,"consumers":{"a":{"job_name":"event_default","enabled":true}}}`
	j.WriteString(`{"default_settings":` + defaults + `,"streams":{`)
	y.WriteString("default_settings: " + defaults + "\nstreams:\n")
	for i := range streams + 50 {
		name := fmt.Sprintf("team%d.stream_%d.v1", i%97, i)
		if i%(streams/50+1) == 0 {
			name = fmt.Sprintf(`/^team%d\\.job\\..+/`, i)
		}
		if i > 0 {
			j.WriteString(",\n")
		}
		fmt.Fprintf(&j, `"%s": {"schema_title": "team/stream_%d", "destination_event_service": "eventgate-main", "message_key_fields": {"wiki_id": "wiki_id"}, "consumers": {"a": {"enabled": false}}}`, name, i)
		fmt.Fprintf(&y, "  \"%s\":\n    schema_title: team/stream_%d\n    destination_event_service: eventgate-main\n    message_key_fields:\n      wiki_id: wiki_id\n    consumers:\n      a:\n        enabled: false\n", name, i)
	}
	j.WriteString("}}")
	return []byte(j.String()), []byte(y.String())
}

func BenchmarkLoad(b *testing.B) {
	asJSON, asYAML := large(10_000)
	for _, c := range []struct {
		name string
		text []byte
	}{{"x.json", asJSON}, {"x.yaml", asYAML}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				if _, err := Parse(c.name, c.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		text, _ := large(n)
		c, err := Parse("x.json", text)
		if err != nil {
			b.Fatal(err)
		}
		name := c.Streams()[n-1].Name
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, ok := c.Lookup(name); !ok {
					b.Fatal(name)
				}
			}
		})
	}
}
