package eventstreams

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// A parser reads what one connection brought until it was cut, as clients of other people do, and keeps what it needs for the next one.
type parser struct {
	lastID string
	rest   string
	events []string // data, in the order in which they are handed on; "" is an event without data
}

// standard does as the HTML standard says: half a block is none, and its id neither. So do Chromium, go-sse, sseclient-py on a connection that is cut.
func standard(p *parser, text string) {
	blocks := strings.SplitAfter(text, "\n\n")
	for _, block := range blocks[:len(blocks)-1] {
		data, id, hasID := fieldsOf(block)
		if hasID {
			p.lastID = id
		}
		if data != "" {
			p.events = append(p.events, data)
		}
	}
}

// hasty takes an id over as soon as it has read its line, as eventsource for Node and aiohttp-sse-client do.
func hasty(p *parser, text string) {
	var data string
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case !strings.HasSuffix(line, "\n"):
		case name == "id":
			p.lastID = value
		case name == "data":
			data = value
		case line == "\n" && data != "":
			p.events, data = append(p.events, data), ""
		}
	}
}

// keeping goes on after a cut with the whole lines it had of a block, and hands blocks without data on as empty events, as sseclient does.
func keeping(p *parser, text string) {
	text = p.rest + text
	blocks := strings.SplitAfter(text, "\n\n")
	for _, block := range blocks[:len(blocks)-1] {
		data, id, _ := fieldsOf(block)
		if id != "" {
			p.lastID = id
		}
		p.events = append(p.events, data)
	}
	rest := blocks[len(blocks)-1]
	p.rest = rest[:strings.LastIndexByte(rest, '\n')+1]
}

// eager takes what is left at a cut for a block, and hands on every block with any field in it, as r3labs/sse does.
func eager(p *parser, text string) {
	for block := range strings.SplitSeq(text, "\n\n") {
		data, id, _ := fieldsOf(block)
		if id != "" {
			p.lastID = id
		}
		if data != "" || id != "" {
			p.events = append(p.events, data)
		}
	}
}

func fieldsOf(block string) (data, id string, hasID bool) {
	for line := range strings.SplitSeq(block, "\n") {
		switch name, value, _ := strings.Cut(line, ": "); name {
		case "data":
			data += value
		case "id":
			id, hasID = value, true
		}
	}
	return data, id, hasID
}

// A stream with heartbeats, events whose text has line breaks, events that are left out and positions without events is cut after every byte, and each
// of the parsers goes on with the id that it has: none loses an event that it could have kept, those that do as they should repeat none.
func TestParsersOfOtherPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 2)
		h := newHarness(t, log, parse(t, "streams:\n  a: {topics: [a]}\n"), Config{})
		defer h.stop()
		produce := func(n int, wiki string) {
			log.Produce(kafka.Record{Topic: "a", Partition: int32(n % 2), Timestamp: int64(n), Value: fmt.Appendf(nil, "{\"n\":%d,\"wiki\":%q,\"text\":\"a\u2028b \\n\\n id: c\"}", n, wiki)})
		}
		const path = "/v2/stream/a?since=0&where=wiki:x"
		first := h.send(request{Method: "GET", Path: path, Headers: map[string]string{"Accept": "text/event-stream"}})
		for n := range 5 {
			produce(n, "x")
			produce(n+100, "y")
			pass(16 * time.Second)
		}
		for n := range 40 { // positions without events
			produce(n+200, "y")
			pass(time.Second)
		}
		produce(5, "x")
		pass(time.Second)
		whole, _ := first.body()
		first.close()
		var want []string
		standardly := &parser{}
		standard(standardly, whole)
		if want = standardly.events; len(want) != 6 || !strings.Contains(whole, ": heartbeat\n") || !strings.Contains(whole, ": heartbeat\nid: ") || !strings.Contains(whole, "\nretry: ") {
			t.Fatalf("%d events: %s", len(want), whole)
		}
		later := map[string]string{} // what the server sends after an id
		after := func(id string) string {
			text, ok := later[id]
			if !ok {
				q := request{Method: "GET", Path: path, Headers: map[string]string{"Accept": "text/event-stream"}}
				if id != "" {
					q.Headers["Last-Event-ID"] = id
				}
				x := h.send(q)
				pass(time.Second)
				text, _ = x.body()
				x.close()
				later[id] = text
			}
			return text
		}
		for name, client := range map[string]struct {
			read func(*parser, string)
			// may says what of the events a cut may cost, of which nothing but the client can save it.
			mayLose, mayRepeat func(before, following string) bool
		}{
			"standard": {read: standard},
			"hasty": {read: hasty, mayLose: func(before, following string) bool {
				return strings.HasPrefix(following, "\n") && lastLine(before, "id: ")
			}},
			"keeping": {read: keeping, mayRepeat: func(before, _ string) bool { return strings.Contains(unfinished(before), "\ndata: ") }},
			// It may take half an id over, which no server can make sense of.
			"eager": {read: eager, mayLose: func(before, _ string) bool { return strings.Contains(unfinished(before), "\nid: ") },
				mayRepeat: func(before, _ string) bool { return strings.Contains(unfinished(before), "\ndata: ") }},
		} {
			lost, repeated := 0, 0
			for cut := range len(whole) + 1 {
				p := &parser{}
				client.read(p, whole[:cut])
				client.read(p, after(p.lastID))
				got := map[string]int{}
				for _, e := range p.events {
					got[e]++
				}
				for _, e := range want {
					switch {
					case got[e] == 0:
						lost++
						if client.mayLose == nil || !client.mayLose(whole[:cut], whole[cut:]) {
							t.Fatalf("%s: cut after %q, %s is lost", name, tailOf(whole[:cut]), e)
						}
					case got[e] > 1:
						repeated++
						if client.mayRepeat == nil || !client.mayRepeat(whole[:cut], whole[cut:]) {
							t.Fatalf("%s: cut after %q, %s comes %d times", name, tailOf(whole[:cut]), e, got[e])
						}
					}
				}
				if name == "standard" && !slices.Equal(p.events, want) {
					t.Fatalf("cut after %q: %q", tailOf(whole[:cut]), p.events)
				}
			}
			t.Logf("%s: %d places for a cut, %d lose an event, %d repeat one", name, len(whole)+1, lost, repeated)
		}
	})
}

func tailOf(text string) string { return text[max(0, len(text)-60):] }

// unfinished is what a text has of a block that has not ended.
func unfinished(text string) string { return "\n" + text[strings.LastIndex(text, "\n\n")+1:] }

// lastLine says whether the last whole line begins with something.
func lastLine(text, begin string) bool {
	text, ended := strings.CutSuffix(text, "\n")
	return ended && strings.HasPrefix(text[strings.LastIndexByte(text, '\n')+1:], begin)
}
