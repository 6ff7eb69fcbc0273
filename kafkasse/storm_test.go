package kafkasse

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// storm is everything at once: consumers of different topics and views are cut anywhere and come back, stall, and begin in the past, while events are
// produced and repeated, retention deletes, topics and partitions appear, and tails are let go.
type storm struct {
	*testing.T
	*rand.Rand
	*harness
	parts     []*stormPart
	consumers []*consumer
	pad       string
}

type stormPart struct {
	tp      kafka.TopicPartition
	records []kafka.Record // as produced, copies too
	start   int64
}

// consumer is somebody who wants to see everything once, over many connections.
type consumer struct {
	topics   []string
	even     bool // a view that keeps even numbers
	encoding encoding
	id       string
	next     map[kafka.TopicPartition]int64 // offset of the next record; missing: any
	seen     map[string]bool                // of events
	conn     *stream
	done     int // frames and comments of the connection that have been looked at
	resume   func()
	log      []string
}

func TestStorm(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runStorm(t, seed) })
		})
	}
}

func runStorm(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	log := kafkassetest.New("c")
	log.Batch([]int{0, 1, 7}[r.IntN(3)])
	h := newHarness(t, log, Config{TailBytes: (1 + r.IntN(3)) * blockBytes, ColdBytes: []int{1, 3_000, 50_000}[r.IntN(3)], ColdReaders: 1 + r.IntN(3),
		Linger: time.Duration(1+r.IntN(5)) * second, MaxAge: time.Minute, TopicPoll: second})
	defer h.stop()
	w := &storm{T: t, Rand: r, harness: h, pad: strings.Repeat("pad ", 100)}
	w.add("a", 1)
	w.add("b", 2)
	for range 8 {
		c := &consumer{next: map[kafka.TopicPartition]int64{}, seen: map[string]bool{}, even: r.IntN(3) == 0, encoding: encoding(r.IntN(int(encodings)))}
		c.topics = [][]string{{"a"}, {"b"}, {"a", "b"}, {"a", "b", "late"}}[r.IntN(4)]
		w.consumers = append(w.consumers, c)
	}
	steps := 300
	if raceEnabled {
		steps = 100
	}
	for step := range steps {
		c := w.consumers[r.IntN(len(w.consumers))]
		switch r.IntN(14) {
		case 0, 1, 2:
			if c.conn == nil {
				w.connect(c)
			} else {
				w.cut(c)
			}
		case 3:
			if c.conn != nil {
				c.resume()
				c.resume = c.conn.pause()
			}
		case 4:
			sleep(time.Duration(r.IntN(8000)) * time.Millisecond)
		case 5:
			if r.IntN(4) == 0 {
				w.expire()
			}
		case 6:
			if step > steps/3 && r.IntN(3) == 0 {
				w.add([]string{"late", "b"}[r.IntN(2)], 1+r.IntN(3))
			}
		case 7:
			w.repeat()
		default:
			w.produceSome()
		}
	}
	for _, c := range w.consumers { // in the end everybody gets everything
		if c.conn != nil {
			w.cut(c)
		}
		w.connect(c)
	}
	w.produceSome()
	sleep(20 * second)
	for _, c := range w.consumers {
		w.look(c, -1)
		for _, p := range w.parts {
			for _, rec := range p.records {
				next, any := c.next[p.tp]
				if has(c.topics, p.tp.Topic) && any && rec.Offset >= next && c.keeps(rec) && !c.seen[string(rec.Value)] {
					w.Fatalf("%v never got %v offset %d\n%s", c.topics, p.tp, rec.Offset, strings.Join(c.log, "\n"))
				}
			}
		}
		c.resume()
		c.conn.close()
	}
	sleep(30 * second)
	equal(t, "bytes read ahead", h.srv.coldHeld.Load(), 0)
	equal(t, "bytes retained", h.srv.retained.Load(), 0)
	equal(t, "clients behind", h.srv.coldClients.Load(), 0)
}

func has(list []string, s string) bool {
	return strings.Contains(","+strings.Join(list, ",")+",", ","+s+",")
}

func numberOf(rec kafka.Record) (n int) {
	var v struct{ N int }
	if json.Unmarshal(rec.Value, &v) != nil {
		return -1
	}
	return v.N
}

func (c *consumer) keeps(rec kafka.Record) bool {
	n := numberOf(rec)
	return n >= 0 && (!c.even || n%2 == 0)
}

func (w *storm) add(topic string, partitions int) {
	w.log.Create(topic, partitions)
	for i := range partitions {
		tp := kafka.TopicPartition{Topic: topic, Partition: int32(i)}
		if w.part(tp) == nil {
			w.parts = append(w.parts, &stormPart{tp: tp})
		}
	}
}

func (w *storm) part(tp kafka.TopicPartition) *stormPart {
	for _, p := range w.parts {
		if p.tp == tp {
			return p
		}
	}
	return nil
}

func (w *storm) put(p *stormPart, r kafka.Record) {
	r.Topic, r.Partition, r.Offset = p.tp.Topic, p.tp.Partition, int64(len(p.records))
	p.records = append(p.records, r)
	w.log.Produce(r)
}

func (w *storm) produceSome() {
	for range w.IntN(100) {
		p := w.parts[w.IntN(len(w.parts))]
		n := len(p.records)
		value := fmt.Appendf(nil, `{"n":%d,"of":"%s/%d","pad":%q}`, n, p.tp.Topic, p.tp.Partition, w.pad)
		if w.IntN(50) == 0 {
			value = fmt.Appendf(nil, "no json %d", n)
		}
		w.put(p, kafka.Record{Timestamp: 1_700_000_000_000 + int64(n/3), Value: value})
	}
	synctest.Wait()
}

// repeat appends the last records of a partition again, as a mirror that crashed does.
func (w *storm) repeat() {
	p := w.parts[w.IntN(len(w.parts))]
	n := min(len(p.records), w.IntN(10))
	for _, r := range p.records[len(p.records)-n:] {
		w.put(p, r)
	}
	synctest.Wait()
}

// expire deletes the older part of a partition, whoever still wants it.
func (w *storm) expire() {
	p := w.parts[w.IntN(len(w.parts))]
	p.start = max(p.start, int64(w.IntN(len(p.records)+1)))
	w.log.DeleteBefore(p.tp, p.start)
}

func (w *storm) connect(c *consumer) {
	w.sub = Subscription{Topics: c.topics}
	if c.even {
		w.sub.View = &View{Key: "even", Keep: func(_ string, _ int64, event []byte) bool {
			return numberOf(kafka.Record{Value: event})%2 == 0
		}}
	}
	var headers []string
	if c.encoding != identity {
		headers = append(headers, "Accept-Encoding: "+c.encoding.String())
	}
	fresh := c.id == ""
	if !fresh {
		headers = append(headers, "Last-Event-ID: "+c.id)
	} else {
		c.next = map[kafka.TopicPartition]int64{}
		for _, p := range w.parts {
			if has(c.topics, p.tp.Topic) {
				c.next[p.tp] = int64(len(p.records))
			}
		}
		if w.IntN(2) == 0 {
			since := int64(1_700_000_000_000 + w.IntN(100))
			w.sub.Since = &since
			for _, p := range w.parts {
				for i := len(p.records) - 1; i >= int(p.start) && has(c.topics, p.tp.Topic); i-- {
					if p.records[i].Timestamp >= since {
						c.next[p.tp] = int64(i)
					}
				}
			}
		}
	}
	c.conn, c.done, c.resume = w.open(headers...), 0, func() {}
	if c.conn.head.StatusCode != 200 {
		w.Fatalf("%s: %s", c.conn.head.Status, c.conn.raw())
	}
	c.log = append(c.log, fmt.Sprintf("connected with %s, since %v: %v", c.id, w.sub.Since, c.next))
}

// cut cuts a consumer's connection; of what was on its way it has only a part.
func (w *storm) cut(c *consumer) {
	c.resume()
	w.look(c, w.IntN(40)-20)
	c.conn.close()
	c.conn = nil
}

// look checks what has come since the last look: most frames at most, negative: all.
func (w *storm) look(c *consumer, most int) {
	c.resume()
	text := c.conn.raw()
	if c.encoding != identity {
		text, _ = decoded(w.T, c.encoding, text)
	}
	var data, id string
	frames := 0
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") || (most >= 0 && frames > most) {
			return
		}
		line = strings.TrimSuffix(line, "\n")
		switch field, value, _ := strings.Cut(line, ": "); field {
		case "data":
			data = value
		case "id":
			id = value
		case "":
			if g, ok := strings.CutPrefix(value, "gap "); ok {
				w.gap(c, g)
			}
			if line != "" {
				continue
			}
			if id != "" {
				c.id = id
			}
			if data != "" {
				frames++
				w.event(c, data)
			}
			data, id = "", ""
		}
	}
}

func (w *storm) gap(c *consumer, text string) {
	var g struct {
		Topic     string
		Partition int32
		To        int64
		Reason    string
	}
	if err := json.Unmarshal([]byte(text), &g); err != nil || g.Reason != "retention" {
		w.Fatalf("gap %s\n%s", text, strings.Join(c.log, "\n"))
	}
	c.log = append(c.log, "gap "+text)
	tp := kafka.TopicPartition{Topic: g.Topic, Partition: g.Partition}
	c.next[tp] = max(c.next[tp], g.To)
}

func (w *storm) event(c *consumer, data string) {
	var v struct {
		N    int
		Meta struct {
			Topic     string
			Partition int32
			Offset    int64
		}
	}
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		w.Fatal(err)
	}
	tp := kafka.TopicPartition{Topic: v.Meta.Topic, Partition: v.Meta.Partition}
	p := w.part(tp)
	rec := p.records[v.Meta.Offset]
	c.log = append(c.log, fmt.Sprintf("%v %d: n %d", tp, v.Meta.Offset, v.N))
	fail := func(what string) {
		w.Fatalf("%s: %v offset %d, n %d; next %d, start %d\n%s", what, tp, v.Meta.Offset, v.N, c.next[tp], p.start, strings.Join(c.log[max(0, len(c.log)-60):], "\n"))
	}
	if c.seen[string(rec.Value)] {
		fail("repeated")
	}
	for at := c.next[tp]; at < v.Meta.Offset; at++ {
		if r := p.records[at]; c.keeps(r) && !c.seen[string(r.Value)] && !copied(p, at) {
			fail(fmt.Sprintf("offset %d is lost before", at))
		}
	}
	c.seen[string(rec.Value)] = true
	c.next[tp] = max(c.next[tp], v.Meta.Offset+1)
}

// copied says whether a record repeats one before it.
func copied(p *stormPart, at int64) bool {
	for i := range at {
		if string(p.records[i].Value) == string(p.records[at].Value) {
			return true
		}
	}
	return false
}
