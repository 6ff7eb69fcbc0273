package kafkasse

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// history is what happens while a client reads, cut off again and again.
type history struct {
	partitions map[string]int // of topics
	topics     []string
	before     []kafka.Record // produced before the first connection
	rounds     []round
	batch      int // records of one read
	coldBytes  int
	shift      int64 // offsets of the mirror
}

// round is one connection: what is produced while it is open, after how many of the frames that it got the client was cut (-1: it had them all), and
// what is produced before it comes back.
type round struct {
	live, between []kafka.Record
	had           int
	away          time.Duration
	deleted       bool // retention deletes what the client has had
	mirror        int  // the share of the records, in tenths, that the mirror has when the client goes there; -1: it stays
	crash         int  // how many of the last records the mirror repeats
}

func drawHistory(t *rapid.T, mirrored bool) history {
	h := history{
		partitions: map[string]int{},
		batch:      rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "batch"),
		coldBytes:  rapid.SampledFrom([]int{1, 100, 10_000}).Draw(t, "coldBytes"),
		shift:      rapid.Int64Range(0, 50).Draw(t, "shift"),
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "topics") {
		topic := fmt.Sprintf("t%d", i)
		h.topics = append(h.topics, topic)
		h.partitions[topic] = rapid.IntRange(1, 2).Draw(t, "partitions")
	}
	n := 0
	clock := int64(1_700_000_000_000)
	copies := rapid.Bool().Draw(t, "copies") // the first cluster is a mirror, too
	var all []kafka.Record
	records := func(label string, most int) (list []kafka.Record) {
		for range rapid.IntRange(0, most).Draw(t, label) {
			clock += rapid.SampledFrom([]int64{0, 0, 0, 1, 5, 1000, -2, -700}).Draw(t, "step")
			topic := rapid.SampledFrom(h.topics).Draw(t, "topic")
			r := rec(topic, int32(rapid.IntRange(0, h.partitions[topic]-1).Draw(t, "partition")), clock, n)
			switch rapid.IntRange(0, 12).Draw(t, "oddity") {
			case 0:
				r.Value = fmt.Appendf(nil, "no json %d", n)
			case 1:
				r.Key = fmt.Appendf(nil, "key %d", n)
			}
			n++
			list = append(list, r)
			if copies && rapid.IntRange(0, 6).Draw(t, "crashed") == 0 {
				had := append(all[:len(all):len(all)], list...)
				list = append(list, had[len(had)-rapid.IntRange(0, len(had)).Draw(t, "repeated"):]...)
			}
		}
		all = append(all, list...)
		return list
	}
	h.before = records("before", 8)
	for range rapid.IntRange(1, 6).Draw(t, "rounds") {
		r := round{live: records("live", 10), between: records("between", 6), had: rapid.IntRange(-1, 6).Draw(t, "had"), mirror: -1}
		r.away = rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute}).Draw(t, "away")
		r.deleted = !mirrored && !copies && rapid.Bool().Draw(t, "deleted")
		if mirrored && rapid.Bool().Draw(t, "switch") {
			r.mirror = rapid.IntRange(0, 10).Draw(t, "mirror")
		}
		if copies {
			r.crash = rapid.IntRange(0, 15).Draw(t, "crash")
		}
		h.rounds = append(h.rounds, r)
	}
	return h
}

// originals are the numbers of the records that a client is to get: those that are JSON, and the first time that they come.
func originals(records []kafka.Record, come map[int]bool) (list []int) {
	for _, r := range records {
		var v struct{ N int }
		if json.Unmarshal(r.Value, &v) == nil && !come[v.N] {
			come[v.N] = true
			list = append(list, v.N)
		}
	}
	return list
}

// run plays a history and returns what is wrong with what the client saw.
func (h history) run(t *testing.T) (wrong string) {
	synctest.Test(t, func(t *testing.T) {
		logs := []*kafkassetest.Log{kafkassetest.New("one"), kafkassetest.New("two")}
		mirrored := 0 // records that the mirror has
		for i, log := range logs {
			log.Batch(h.batch)
			for topic, n := range h.partitions {
				log.Create(topic, n)
				for p := range n {
					if i == 1 {
						log.Shift(kafka.TopicPartition{Topic: topic, Partition: int32(p)}, h.shift)
					}
				}
			}
		}
		var servers []*harness
		for _, log := range logs {
			servers = append(servers, newHarness(t, log, Config{ColdBytes: h.coldBytes, Linger: time.Second}, h.topics...))
		}
		defer servers[0].stop()
		defer servers[1].stop()

		var all []kafka.Record
		produce := func(records []kafka.Record) {
			all = append(all, records...)
			logs[0].Produce(records...)
		}
		come := map[int]bool{}
		mirror := func(upTo int) {
			for ; mirrored < upTo; mirrored++ {
				logs[1].Produce(all[mirrored])
			}
		}
		crash := func(repeated int) { mirrored -= min(mirrored, repeated) }
		produce(h.before)
		originals(h.before, come)
		var want, got []int
		id, at := "", 0
		for _, r := range append(h.rounds, round{had: -1, mirror: -1}) {
			var headers []string
			if id != "" {
				headers = append(headers, "Last-Event-ID: "+id)
			}
			if id != "" && r.mirror >= 0 {
				at = 1 - at
				if at == 1 { // the mirror is behind
					mirror(len(all) * r.mirror / 10)
				}
			}
			if at == 1 && id == "" {
				at = 0
			}
			s := servers[at].open(headers...)
			if s.head.StatusCode != 200 {
				wrong = s.head.Status + " " + s.raw()
				return
			}
			produce(r.live)
			want = append(want, originals(r.live, come)...)
			synctest.Wait()
			crash(r.crash)
			mirror(len(all))
			sleep(time.Second)
			events := s.events()
			if r.had >= 0 && r.had < len(events) {
				events = events[:r.had]
			}
			for _, e := range events {
				id = e.id
				if wrong = lostByTime(logs[at], id); wrong != "" {
					return
				}
				var v struct{ N int }
				if err := json.Unmarshal([]byte(e.data), &v); err != nil {
					wrong = err.Error()
					return
				}
				got = append(got, v.N)
			}
			for _, c := range s.comments() {
				if strings.HasPrefix(c, ": gap") {
					wrong = c
				}
			}
			s.close()
			if id == "" { // nothing was received yet: the client begins anew, at the end
				want = want[:0]
				synctest.Wait()
				continue
			}
			produce(r.between)
			want = append(want, originals(r.between, come)...)
			crash(r.crash / 2)
			sleep(r.away)
			if r.deleted {
				deleteHad(logs[0], id)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			wrong = fmt.Sprintf("seen    %v\nproduced %v", got, want)
		}
	})
	return wrong
}

// lostByTime says what a reader would lose that takes only the timestamps of an id, as the reference does.
func lostByTime(log *kafkassetest.Log, id string) string {
	wants, err := parseLastEventID(id)
	if err != nil {
		return err.Error()
	}
	for _, w := range wants {
		tp := kafka.TopicPartition{Topic: w.topic, Partition: w.partition}
		bounds, _ := log.Bounds(context.Background(), []kafka.TopicPartition{tp})
		from, _ := log.OffsetsForTime(context.Background(), []kafka.TimeQuery{{TopicPartition: tp, Timestamp: w.time}})
		if bounds[0].Start > 0 && bounds[0].Start >= w.offset {
			continue // the record that gave the time is deleted; those after it may have earlier times
		}
		if w.tag == clusterTagOf(log) && from[0] > w.offset {
			return fmt.Sprintf("by time, %v begins at %d of %d, and %d comes next: %s", tp, from[0], bounds[0].End, w.offset, id)
		}
	}
	return ""
}

func clusterTagOf(log *kafkassetest.Log) string {
	id, _ := log.ClusterID(context.Background())
	tag := clusterTag(id)
	return string(tag[:])
}

// deleteHad deletes what a client with this id has had.
func deleteHad(log *kafkassetest.Log, id string) {
	wants, err := parseLastEventID(id)
	if err != nil {
		panic(err)
	}
	for _, w := range wants {
		log.DeleteBefore(kafka.TopicPartition{Topic: w.topic, Partition: w.partition}, w.offset)
	}
}

func TestAClientThatIsCutAnywhereSeesEverythingOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if wrong := drawHistory(rt, false).run(t); wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

func TestAClientThatSwitchesBetweenClustersSeesEverythingOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if wrong := drawHistory(rt, true).run(t); wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// A client that is cut before its first event comes back with where it began.
func TestPosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		h := newHarness(t, log, Config{Linger: time.Second}, "a", "b")
		defer h.stop()
		log.Produce(rec("a", 0, 1000, 1))
		h.open()
		h.produce(rec("b", 0, 1000, 2))
		h.sub.Position = true
		live := h.open()
		e := live.events()[0]
		equal(t, "first", e.kind+" "+e.data, "position {}")
		h.sub.Limit = 1
		bound := h.open()
		h.sub.Position, h.sub.Limit = false, 0
		equal(t, "a client with positions of its own", bound.lastID(), e.id)
		h.produce(rec("a", 0, 1000, 3), rec("b", 0, 500, 4))
		equal(t, "then", live.seqs(), []int{0, 3, 4})
		resumed := h.open("Last-Event-ID: " + e.id)
		equal(t, "resumed", resumed.seqs(), []int{3, 4})
		equal(t, "the same ids", live.lastID(), resumed.lastID())
		h.sub.Position = true
		equal(t, "lines", h.open("Accept: application/json").raw(), "\n")
		behind := h.open("Last-Event-ID: " + e.id)
		equal(t, "behind", behind.events()[0].id, e.id)
		equal(t, "behind", behind.seqs(), []int{0, 3, 4})
	})
}
