package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// greet says where everything is, and prints three lines that produce an event, read it back and show its stream's settings. Each of them ends by itself.
func (p *platform) greet(out io.Writer, base string, c *serveCommand) error {
	var b strings.Builder
	fmt.Fprintf(&b, "eventplatform is up: %s\n\n", base)
	line := func(name, value string) { fmt.Fprintf(&b, "  %-16s%s\n", name, value) }
	line("page", base+"/")
	line("events in", "POST "+base+"/v1/events")
	line("events out", "GET  "+base+"/v2/stream/{name,name}")
	line("streams", base+"/w/api.php?action=streamconfigs&format=json")
	if p.broker != nil {
		dir, err := filepath.Abs(c.DataDir)
		if err != nil {
			dir = c.DataDir
		}
		line("Kafka", p.broker.Addr()+" (embedded; kcat -b "+p.broker.Addr()+" -L)")
		line("data", fmt.Sprintf("%s, at most %d MiB a topic", dir, embedded.DefaultRetentionBytes>>20))
	} else {
		line("Kafka", strings.Join(p.brokers, ","))
	}
	line("configuration", orWord(c.Streams, "built-in streams"))
	line("schemas", orWord(c.Schemas, "built-in schemas"))
	line("topics", p.prefix+"{stream}")
	if c.AdminListen != "" {
		line("metrics", "http://"+c.AdminListen+"/metrics")
	}
	if name, text := p.firstExample(); text != nil {
		fmt.Fprintf(&b, "\nPost an event, read it back, see its stream's settings:\n\n"+
			"  curl -i -H 'Content-Type: application/json' -d '%s' %s/v1/events\n"+
			"  curl -sN '%s/v2/stream/%s?since=%d&limit=1'\n"+
			"  curl -s '%s/w/api.php?action=streamconfigs&format=json&streams=%s'\n",
			shellQuoted(text), base, base, name, p.started.UnixMilli(), base, name)
	}
	fmt.Fprintf(&b, "\nEnd it with Ctrl-C.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

func orWord(sources []string, word string) string {
	if len(sources) == 0 {
		return word
	}
	return strings.Join(sources, ", ")
}

// shellQuoted makes text safe between single quotes.
func shellQuoted(text []byte) string { return strings.ReplaceAll(string(text), "'", `'\''`) }

// firstExample is an event that can be posted as it is, and its stream: of the stream for tests if there is one, else of the first stream whose schema has an
// example.
func (p *platform) firstExample() (stream string, text []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	const forTests = "test/event"
	var first *streamconfig.Stream
	for _, s := range p.current().Streams() {
		if s.SchemaTitle == forTests && !s.IsRegex {
			return s.Name, fmt.Appendf(nil, `{"$schema":"/test/event/1.0.0","meta":{"stream":"%s"},"test":"hello"}`, s.Name)
		}
		if first == nil && p.example(ctx, s, time.Now()) != nil {
			first = s
		}
	}
	if first == nil {
		return "", nil
	}
	return first.Name, p.example(ctx, first, p.started)
}
