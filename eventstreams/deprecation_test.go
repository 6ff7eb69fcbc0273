package eventstreams

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

func TestDeprecatedStreamsSaySo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		for _, topic := range []string{"old", "older", "new"} {
			log.Create(topic, 1)
		}
		h := newHarness(t, log, parse(t, `streams:
  old: {aliases: [first], deprecated: {since: 2026-01-15, sunset: 2026-07-01, successor: new}}
  older: {deprecated: {since: 2025-01-01, successor: "n/w"}}
  new: {}
`), Config{})
		defer h.stop()
		for _, c := range []struct {
			path, deprecation, sunset string
			links                     []string
		}{
			{"new", "", "", nil},
			{"old", "@1768435200", "Wed, 01 Jul 2026 00:00:00 GMT", []string{`</v2/stream/new>; rel="successor-version"`}},
			{"first", "@1768435200", "Wed, 01 Jul 2026 00:00:00 GMT", []string{`</v2/stream/new>; rel="successor-version"`}},
			{"new,old,older", "@1768435200", "Wed, 01 Jul 2026 00:00:00 GMT", []string{`</v2/stream/new>; rel="successor-version"`, `</v2/stream/n%2Fw>; rel="successor-version"`}},
		} {
			x := h.send(request{Method: "GET", Path: "/v2/stream/" + c.path})
			head := x.head.Header
			if head.Get("Deprecation") != c.deprecation || head.Get("Sunset") != c.sunset || !slices.Equal(head["Link"], c.links) {
				t.Errorf("%s: %v", c.path, head)
			}
			x.close()
		}
	})
}
