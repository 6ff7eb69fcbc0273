package kafkasse

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

func TestAnEntryOfAnIDIsBounded(t *testing.T) {
	tp := kafka.TopicPartition{Topic: strings.Repeat("t", 249), Partition: 999_999}
	entry := appendEntry(nil, idPrefix(tp), clusterTag("x"), position{next: math.MaxInt64, time: math.MaxInt64, print: 1<<printBits - 1})
	if n := len(entry) - len(tp.Topic); n > 100 {
		t.Errorf("an entry has %d bytes besides its topic: %s", n, entry)
	}
	_, at, _ := strings.Cut(string(entry), `"at":"`)
	if n := len(strings.TrimSuffix(at, `"}`)); n > 30 {
		t.Errorf("at has %d characters", n)
	}
}

func TestIDsAreReadAsTheyAreWritten(t *testing.T) {
	tag := clusterTag("some cluster")
	for _, p := range []position{{0, 0, noPrint, 0}, {1, 1_700_000_000_000, 0, 0}, {12345, 1, 1<<printBits - 1, 0}, {math.MaxInt64, maxIDTime, 0x2aaaaaaa, 0}} {
		id := "[" + string(appendEntry(nil, idPrefix(kafka.TopicPartition{Topic: "a.b", Partition: 3}), tag, p)) + "]"
		wants, err := parseLastEventID(id)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		w := wants[0]
		got := position{next: w.offset, time: w.time, print: w.print}
		if len(wants) != 1 || w.topic != "a.b" || w.partition != 3 || w.kind != wantAt || w.tag != string(tag[:]) || got != p {
			t.Errorf("%s was read as %+v", id, w)
		}
	}
}

func TestLastEventIDForms(t *testing.T) {
	for id, want := range map[string][]want{
		`["a","b"]`: {{topic: "a"}, {topic: "b"}},
		`"a,b"`:     {{topic: "a"}, {topic: "b"}},
		` [ {"topic":"a","partition":1,"offset":5} ]`:                                {{topic: "a", partition: 1, kind: wantOffset, offset: 5}},
		`[{"topic":"a","partition":0,"offset":6e0}]`:                                 {{topic: "a", kind: wantOffset, offset: 6}},
		`[{"topic":"a","partition":0,"offset":1,"offset":7}]`:                        {{topic: "a", kind: wantOffset, offset: 7}},
		`[{"topic":"a","partition":0,"offset":6,"timestamp":9}]`:                     {{topic: "a", kind: wantOffset, offset: 6, time: 9}},
		`[{"topic":"a","partition":0,"offset":null,"timestamp":9}]`:                  {{topic: "a", kind: wantTime, time: 9}},
		`[{"topic":"a","partition":0,"timestamp":9,"at":"nonsense"}]`:                {{topic: "a", kind: wantTime, time: 9}},
		`[{"topic":"a","partition":0,"timestamp":9,"at":"abcd.3."}]`:                 {{topic: "a", kind: wantAt, time: 9, at: "abcd.3.", tag: "abcd", offset: 3, print: noPrint}},
		`[{"topic":"a","partition":0,"offset":2,"timestamp":9,"at":"abcd.3.AAAAB"}]`: {{topic: "a", kind: wantAt, time: 9, at: "abcd.3.AAAAB", tag: "abcd", offset: 3, print: 1}},
		`[{"topic":"a","partition":0,"offset":99999999999999999999999}]`:             {{topic: "a", kind: wantOffset, offset: math.MaxInt64}},
	} {
		got, err := parseLastEventID(id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		equal(t, id, got, want)
	}
	for id, message := range map[string]string{
		``:        "Unexpected end of JSON input",
		`abc`:     `Unexpected token 'a', "abc" is not valid JSON`,
		`[{"x`:    "Unterminated string in JSON at position 4",
		`[{'x':1`: "Expected property name or '}' in JSON at position 2",
		`[{"topic":"a","partition":0,"offset":1},{"topic":"a","partition":0,"offset":2}]`: "partition 0 of topic a is named twice",
		`[{"topic":"a","partition":0,"offset":1.5}]`:                                      "Must provide either an array topic names, or  an array of objects with topic, partition and offset|timestamp.",
		`[{"topic":"a","partition":-1,"offset":1}]`:                                       "Must provide either an array topic names, or  an array of objects with topic, partition and offset|timestamp.",
		`[]`: "Must provide either an array topic names, or  an array of objects with topic, partition and offset|timestamp.",
	} {
		if _, err := parseLastEventID(id); err == nil || err.Error() != "InvalidAssignmentError: "+message {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func FuzzLastEventID(f *testing.F) {
	for _, seed := range []string{`["a"]`, `"a,b"`, `[{"topic":"a","partition":0,"offset":-2001}]`, `[{"topic":"a","partition":0,"timestamp":9,"at":"abcd.3.AAAAB"}]`, `[{'`, `{}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		wants, err := parseLastEventID(id)
		if err != nil {
			e, ok := err.(httpError)
			if !ok {
				t.Fatalf("%q: %T", id, err)
			}
			if _, body := e.answer(); rawjson.Check(body) != nil {
				t.Fatalf("%q is answered with what is no JSON: %s", id, body)
			}
			return
		}
		if len(wants) == 0 {
			t.Fatalf("%q: neither an error nor a position", id)
		}
	})
}

// Node.js reads the bytes of headers as characters.
func TestLastEventIDsThatAreNotASCII(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		for id, want := range map[string]string{
			"[\"\xfc\"]":          `404 {"message":"Topics ü are not available for consumption."`,
			"\xef\xbb\xbf[\"a\"]": `400 {"message":"Unexpected token 'ï', \"ï»¿[\"a\"]\" is not valid JSON"`,
		} {
			s := h.open("Last-Event-ID: " + id)
			if got := fmt.Sprint(s.head.StatusCode, " ", s.raw()); !strings.HasPrefix(got, want) {
				t.Errorf("%q: %s", id, got)
			}
		}
	})
}

// To Kafka, -1 is not a time but the end.
func TestTheTimeThatIsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		h.produce(rec("a", 0, 1000, 1))
		for at, want := range map[string][]int{"-1": {2}, "-2": {1, 2}, "0": {1, 2}} {
			s := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"timestamp":` + at + `}]`)
			if log.Produce(rec("a", 0, 1000, 2)); !slices.Equal(s.seqs()[:len(want)], want) {
				t.Errorf("%s: %v", at, s.seqs())
			}
			log.Recreate("a")
			h.produce(rec("a", 0, 1000, 1))
			s.close()
		}
	})
}
