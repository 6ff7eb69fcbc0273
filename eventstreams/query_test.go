package eventstreams

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

func TestQueriesThatAreNotEncodedAsTheyShouldBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		for i, title := range []string{"x", "a;b", "50%"} {
			log.Produce(kafka.Record{Topic: "a", Timestamp: int64(1000 * i), Value: []byte(`{"title":"` + title + `"}`)})
		}
		h := newHarness(t, log, parse(t, "streams:\n  a: {topics: [a]}\n"), Config{})
		defer h.stop()
		for query, want := range map[string]string{
			"since=0&where=title:a;b":                   "1",
			"since=0&where=title:50%":                   "2",
			"since=0&where=title:50%25":                 "2",
			"since=0&where=&fields=&filter=&limit=":     "0 1 2",
			"&&since=1000&x=%ZZ&%ZZ=x":                  "1 2",
			"since[]=1000":                              "1 2",
			"since%5B0%5D=1000":                         "1 2",
			"since[1]=x&since[0]=1000":                  "1000,x",
			"since[x]=1000":                             "[object Object]",
			"since[21]=1000":                            "[object Object]",
			"since=%ZZ":                                 "%ZZ",
			"since=1970-01-01T00:00:01Z%FF":             "1970-01-01T00:00:01Z%FF",
			"since=1000;x":                              "1000;x",
			"since=1970-01-01+00:00:01&lastEventId=&x=": "1 2",
		} {
			x := h.send(request{Method: "GET", Path: "/v2/stream/a?" + query})
			text, _ := x.body()
			got := []string{}
			for _, f := range frames(text, false) {
				for i, title := range []string{`"x"`, `"a;b"`, `"50%"`} {
					if strings.Contains(f.data, title) {
						got = append(got, []string{"0", "1", "2"}[i])
					}
				}
			}
			if said := strings.Join(got, " "); said != want && !strings.Contains(text, "not parseable: '"+want+"'") {
				t.Errorf("%s: %d %q %s", query, x.head.StatusCode, said, text)
			}
			x.close()
		}
		for _, path := range []string{"/v2/stream/a%FF", "/v2/stream/%C3"} {
			x := h.send(request{Method: "GET", Path: path})
			if text, _ := x.body(); x.head.StatusCode != 400 || !slices.Contains(strings.Split(text, `"`), "bad_request") {
				t.Errorf("%s: %d %s", path, x.head.StatusCode, text)
			}
		}
	})
}
