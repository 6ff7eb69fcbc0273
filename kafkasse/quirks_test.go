package kafkasse

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// Python's sseclient asks for compression and cannot read it. Browsers, which send the same headers and more, can.
func TestNoCompressionForThoseThatReadPastIt(t *testing.T) {
	header := http.Header{"User-Agent": {"my-bot/1.0"}, "Accept-Encoding": {"gzip, deflate, br"}, "Accept": {"text/event-stream"}, "Connection": {"keep-alive"},
		"Cache-Control": {"no-cache"}}
	equal(t, "sseclient", negotiate(&http.Request{Header: header}), identity)
	for name, value := range map[string]string{"Accept-Language": "*", "Sec-Fetch-Mode": "cors", "Accept": "*/*", "Cache-Control": "", "Connection": ""} {
		other := header.Clone()
		other.Set(name, value)
		equal(t, name, negotiate(&http.Request{Header: other}), gzipped)
	}
}

// What eventsource for Node.js does before its version 3, and Python's sseclient: the lines of an event that was cut wait for the next empty line.
func TestHalfEventsAreNotTakenForWholeOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		first := h.open()
		h.produce(rec("a", 0, 1000, 0), rec("a", 0, 2000, 1))
		text := first.raw()
		before := first.events()[0].id
		half := text[strings.LastIndex(text, "event: message\n"):strings.LastIndex(text, "id: ")]

		headers := []string{"Accept: text/event-stream", "Cache-Control: no-cache", "Connection: keep-alive", "Last-Event-ID: " + before}
		for name, encodings := range map[string]string{"eventsource": "", "sseclient": "gzip, deflate"} {
			again := h.open(append(headers[:4:4], "Accept-Encoding: "+encodings)...)
			kept := 0
			for _, e := range parseEvents(half + again.raw()) {
				if e.kind == "message" && strings.Contains(e.data, `"n":1`) {
					kept++
				}
			}
			equal(t, name, kept, 1)
		}
		for name, other := range map[string][]string{"fetch": append(headers[:4:4], "Accept-Language: *"), "one that comes for the first time": headers[:3]} {
			if text := h.open(other...).raw(); !strings.HasPrefix(text, ":ok\n\n") {
				t.Errorf("%s: %q", name, text)
			}
		}
	})
}
