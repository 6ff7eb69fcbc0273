package realkafka_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/test/realkafka"
)

// A cluster is what the suite needs of a place to run against.
type cluster struct {
	addrs []string
}

// TestEmbedded runs the suite against the embedded broker.
func TestEmbedded(t *testing.T) {
	b, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	runSuite(t, cluster{addrs: []string{b.Addr()}})
}

// TestApacheKafka runs the suite against Apache Kafka.
func TestApacheKafka(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Apache Kafka")
	}
	runSuite(t, cluster{addrs: realkafka.Shared(t).Addrs()})
}

// runSuite is what every broker must do for the platform.
func runSuite(t *testing.T, c cluster) {
	for name, test := range map[string]func(*testing.T, cluster){
		"what is produced is read":           producedIsRead,
		"missing topics are not created":     missingTopics,
		"topics are created on first use":    createdOnFirstUse,
		"brokers are asked for topics":       askedFor,
		"compressed batches and small reads": compressed,
		"times":                              times,
		"out of range":                       outOfRange,
		"followers":                          followed,
	} {
		t.Run(name, func(t *testing.T) { test(t, c) })
	}
}

func (c cluster) producer(t *testing.T) *kafka.Producer {
	return newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: c.addrs}})
}

// topic creates a topic named for the test.
func (c cluster) topic(t *testing.T, partitions int32, configs ...string) (string, *kafka.Log) {
	t.Helper()
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, t.Name())
	l := newLog(t, c.addrs)
	spec := kafka.TopicSpec{Name: name, Partitions: partitions, Configs: map[string]string{}}
	for i := 0; i < len(configs); i += 2 {
		spec.Configs[configs[i]] = configs[i+1]
	}
	if err := l.EnsureTopics(testContext(t), []kafka.TopicSpec{spec}); err != nil {
		t.Fatal(err)
	}
	return name, l
}

func producedIsRead(t *testing.T, c cluster) {
	topic, l := c.topic(t, 1)
	p := c.producer(t)
	var b kafka.Batch
	sent := []kafka.Record{
		{Topic: topic, Timestamp: 1577934245000, Key: []byte("k"), Value: []byte(`{"a":1}`),
			Headers: []kafka.Header{{Key: "h", Value: []byte("1")}, {Key: "h", Value: nil}}},
		{Topic: topic, Timestamp: 1577934245001, Value: []byte{}},
		{Topic: topic, Timestamp: 1577934245002, Key: []byte{}, Value: nil},
	}
	for _, r := range sent {
		b.Add(r)
	}
	p.Produce(&b)
	if err := b.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	for i, o := range b.Outcomes {
		if o.Err != nil || o.Partition != 0 || o.Offset != int64(i) || o.Timestamp != sent[i].Timestamp {
			t.Fatalf("outcome %d: %+v", i, o)
		}
	}
	got := readAll(t, l, kafka.TopicPartition{Topic: topic})
	if len(got) != len(sent) {
		t.Fatalf("%d records came back of %d", len(got), len(sent))
	}
	for i, r := range got {
		w := sent[i]
		if r.Topic != topic || r.Offset != int64(i) || r.Timestamp != w.Timestamp || string(r.Key) != string(w.Key) || (r.Key == nil) != (w.Key == nil) ||
			string(r.Value) != string(w.Value) || (r.Value == nil) != (w.Value == nil) || len(r.Headers) != len(w.Headers) {
			t.Errorf("record %d: %+v, want %+v", i, r, w)
		}
	}
	if h := got[0].Headers; h[0].Key != "h" || string(h[0].Value) != "1" || h[1].Value != nil {
		t.Errorf("headers %+v", h)
	}

	ctx := testContext(t)
	if id, err := l.ClusterID(ctx); err != nil || id == "" {
		t.Errorf("cluster id %q, %v", id, err)
	}
	if names, err := l.Topics(ctx); err != nil || !slices.Contains(names, topic) {
		t.Errorf("topics %q, %v", names, err)
	}
	if err := l.Ping(ctx); err != nil {
		t.Error(err)
	}
}

func missingTopics(t *testing.T, c cluster) {
	l := newLog(t, c.addrs)
	ctx := testContext(t)
	const topic = "nobody.made.this"
	if o := produce(t, c.producer(t), topic, "x"); kindOf(o[0].Err) != "unknown_topic" {
		t.Errorf("producing: %v", o[0].Err)
	}
	if tps, err := l.Partitions(ctx, []string{topic}); err != nil || len(tps) != 0 {
		t.Errorf("partitions %v, %v", tps, err)
	}
	tp := kafka.TopicPartition{Topic: topic}
	if b, err := l.Bounds(ctx, []kafka.TopicPartition{tp}); err != nil || !isError(b[0].Err, kafka.ErrUnknownPartition) {
		t.Errorf("bounds %+v, %v", b, err)
	}
	if chunk, err := l.Read(ctx, tp, 0, 1000, 0); err != nil || !isError(chunk.Err, kafka.ErrUnknownPartition) {
		t.Errorf("read %+v, %v", chunk, err)
	}
	f := follow(t, l, tp, 0)
	if chunk := f.next(t); !isError(chunk.Err, kafka.ErrUnknownPartition) {
		t.Errorf("followed %+v", chunk)
	}
	if names, err := l.Topics(ctx); err != nil || slices.Contains(names, topic) {
		t.Errorf("asking created the topic: %q, %v", names, err)
	}
}

func createdOnFirstUse(t *testing.T, c cluster) {
	p := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: c.addrs}, CreateTopics: &kafka.TopicSpec{Partitions: 3}})
	l := newLog(t, c.addrs)
	var b kafka.Batch
	const topics, each = 5, 20
	for i := range topics * each {
		b.Add(kafka.Record{Topic: "first.use." + string(rune('a'+i%topics)), Key: []byte("same"), Value: []byte{byte(i / topics)}})
	}
	p.Produce(&b)
	if err := b.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	for i, o := range b.Outcomes {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		if o.Offset != int64(i/topics) {
			t.Fatalf("record %d of its topic has offset %d: they were not sent in order", i/topics, o.Offset)
		}
	}
	tps, err := l.Partitions(testContext(t), []string{"first.use.a"})
	if err != nil || len(tps) != 3 {
		t.Errorf("partitions %v, %v", tps, err)
	}
	for name, kind := range map[string]string{"no spaces": "invalid_topic", "": "invalid_topic", "..": "invalid_topic", strings.Repeat("x", 250): "invalid_topic"} {
		if o := produce(t, p, name, "x"); kindOf(o[0].Err) != kind {
			t.Errorf("topic %q: %v", name, o[0].Err)
		}
	}
}

// askedFor needs brokers that create topics by being asked for them: Apache Kafka does by default.
func askedFor(t *testing.T, c cluster) {
	p := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: c.addrs}, AskForTopics: true})
	l := newLog(t, c.addrs)
	mustProduce(t, p, "asked.for", "a", "b")
	tps, err := l.Partitions(testContext(t), []string{"asked.for"})
	if err != nil || len(tps) != 1 {
		t.Errorf("partitions %v, %v: not as the brokers' defaults say", tps, err)
	}
	if got := readAll(t, l, kafka.TopicPartition{Topic: "asked.for"}); len(got) != 2 {
		t.Errorf("%d records are there", len(got))
	}
}

// Brokers that create no topics by themselves: who leaves it to them is told so at once, who creates topics has them.
func TestBrokersThatCreateNoTopics(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Apache Kafka")
	}
	c := cluster{addrs: realkafka.Start(t, 1, "auto.create.topics.enable=false", "num.partitions=3").Addrs()}
	l := newLog(t, c.addrs)
	asking := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: c.addrs}, AskForTopics: true})
	for range 2 {
		o := produce(t, asking, "not.there", "x")[0]
		if kindOf(o.Err) != "unknown_topic" || !strings.Contains(o.Err.Error(), "create none") {
			t.Errorf("%v (%v)", o.Err, errors.Unwrap(o.Err))
		}
	}
	if names, err := l.Topics(testContext(t)); err != nil || slices.Contains(names, "not.there") {
		t.Errorf("the topic was created all the same: %q, %v", names, err)
	}
	creating := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: c.addrs}, CreateTopics: &kafka.TopicSpec{}})
	mustProduce(t, creating, "not.there", "x")
	if tps, err := l.Partitions(testContext(t), []string{"not.there"}); err != nil || len(tps) != 3 {
		t.Errorf("partitions %v, %v", tps, err)
	}
	mustProduce(t, asking, "not.there", "y") // it is, by now
}

func compressed(t *testing.T, c cluster) {
	topic, l := c.topic(t, 1)
	for _, codec := range []string{"gzip", "snappy", "lz4", "zstd"} {
		p := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: c.addrs}, Compression: codec})
		var values []string
		for i := range 200 {
			values = append(values, codec+strings.Repeat("x", i))
		}
		mustProduce(t, p, topic, values...)
	}
	// A fetch that is smaller than a batch makes progress, and starts where it was told to, in the middle of one.
	ctx := testContext(t)
	for from := int64(0); from < 800; {
		chunk, err := l.Read(ctx, kafka.TopicPartition{Topic: topic}, from, 1, 0)
		if err != nil || chunk.Err != nil || len(chunk.Records) == 0 {
			t.Fatalf("at %d: %+v, %v", from, chunk, err)
		}
		if chunk.Records[0].Offset != from || chunk.End != 800 || chunk.Start != 0 {
			t.Fatalf("at %d: first %d, bounds %d %d", from, chunk.Records[0].Offset, chunk.Start, chunk.End)
		}
		from += 1 + int64(len(chunk.Records))/3
	}
}

func times(t *testing.T, c cluster) {
	topic, l := c.topic(t, 2)
	p := c.producer(t)
	var b kafka.Batch
	for i := range int64(10) {
		b.Add(kafka.Record{Topic: topic, Key: []byte("k"), Timestamp: 1_600_000_000_000 + i*1000})
	}
	p.Produce(&b)
	if err := b.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	full := b.Outcomes[0].Partition
	ctx := testContext(t)
	tp, empty := kafka.TopicPartition{Topic: topic, Partition: full}, kafka.TopicPartition{Topic: topic, Partition: 1 - full}
	offsets, err := l.OffsetsForTime(ctx, []kafka.TimeQuery{
		{TopicPartition: tp, Timestamp: 1_600_000_000_000}, {TopicPartition: tp, Timestamp: 1_600_000_002_500}, {TopicPartition: empty, Timestamp: 5},
		{TopicPartition: tp, Timestamp: 1_700_000_000_000}, {TopicPartition: tp, Timestamp: 0},
	})
	if want := []int64{0, 3, 0, 10, 0}; err != nil || !slices.Equal(offsets, want) {
		t.Errorf("%v, %v, want %v", offsets, err, want)
	}
	bounds, err := l.Bounds(ctx, []kafka.TopicPartition{empty, tp, {Topic: "none"}, {Topic: topic, Partition: 7}})
	if err != nil || bounds[0].End != 0 || bounds[1].End != 10 || bounds[1].TopicPartition != tp || bounds[0].Err != nil ||
		!isError(bounds[2].Err, kafka.ErrUnknownPartition) || !isError(bounds[3].Err, kafka.ErrUnknownPartition) {
		t.Errorf("%+v, %v", bounds, err)
	}
	if tps, err := l.Partitions(ctx, []string{"none", topic}); err != nil || len(tps) != 2 || tps[1].Partition != 1 {
		t.Errorf("%v, %v", tps, err)
	}
}

func outOfRange(t *testing.T, c cluster) {
	topic, l := c.topic(t, 1)
	mustProduce(t, c.producer(t), topic, "a", "b")
	tp := kafka.TopicPartition{Topic: topic}
	chunk, err := l.Read(testContext(t), tp, 3, 1000, 0)
	if err != nil || !isError(chunk.Err, kafka.ErrOffsetOutOfRange) || chunk.Start != 0 || chunk.End != 2 {
		t.Errorf("read %+v, %v", chunk, err)
	}
	// A follower says so, and continues where the log is.
	f := follow(t, l, tp, 99)
	if chunk := f.next(t); !isError(chunk.Err, kafka.ErrOffsetOutOfRange) || chunk.Next != 2 || chunk.End != 2 {
		t.Errorf("followed %+v", chunk)
	}
	mustProduce(t, c.producer(t), topic, "c")
	if chunk := f.next(t); chunk.Err != nil || string(chunk.Records[0].Value) != "c" {
		t.Errorf("followed %+v", chunk)
	}
}

func followed(t *testing.T, c cluster) {
	topic, l := c.topic(t, 2)
	p := c.producer(t)
	first := mustProduce(t, p, topic, "a", "b", "c")
	tp := kafka.TopicPartition{Topic: topic, Partition: first[0].Partition}
	f := follow(t, l, tp, 1)
	if got := f.values(t, 2); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("followed %q", got)
	}
	if twice := follow(t, l, tp, 0).next(t); !isError(twice.Err, kafka.ErrFollowed) {
		t.Errorf("a second follower got %+v", twice)
	}
	other := kafka.TopicPartition{Topic: topic, Partition: 1 - tp.Partition}
	g := follow(t, l, other, 0)
	for range 5 { // one at a time, live, wherever they go
		mustProduce(t, p, topic, "live")
	}
	end := func(tp kafka.TopicPartition) int64 {
		b, err := l.Bounds(testContext(t), []kafka.TopicPartition{tp})
		if err != nil || b[0].Err != nil {
			t.Fatal(err, b)
		}
		return b[0].End
	}
	if e := end(tp); e > 3 {
		f.values(t, int(e)-3)
	}
	if e := end(other); e > 0 {
		g.values(t, int(e))
	}
	// After stop nothing comes, and another may follow from elsewhere.
	f.stop()
	again := follow(t, l, tp, 0)
	if got := again.values(t, 3); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("followed again %q", got)
	}
	select {
	case chunk := <-f.chunks:
		t.Errorf("after stop %+v", chunk)
	default:
	}
}

// Apache Kafka refuses a whole batch for one record's timestamp or size. The producer knows the topic's limits and refuses that record alone.
func TestOneBadRecordHarmsNoOther(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Apache Kafka")
	}
	c := cluster{addrs: realkafka.Shared(t).Addrs()}
	topic, _ := c.topic(t, 1, "max.message.bytes", "100000")
	p := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: c.addrs}, MaxMessageBytes: 1 << 20})
	now := time.Now()
	var b kafka.Batch
	for _, r := range []kafka.Record{
		{Value: []byte("fine"), Timestamp: now.UnixMilli()},
		{Value: []byte("tomorrow"), Timestamp: now.Add(24 * time.Hour).UnixMilli()},
		{Value: make([]byte, 101_000), Timestamp: now.UnixMilli()},
		{Value: make([]byte, 70_000), Timestamp: now.Add(-24 * time.Hour).UnixMilli()},
		{Value: make([]byte, 70_000), Timestamp: now.Add(30 * time.Minute).UnixMilli()}, // too large for one batch together
		{Value: []byte("also fine")},
	} {
		r.Topic = topic
		b.Add(r)
	}
	p.Produce(&b)
	if err := b.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "bad_timestamp", "too_large", "", "", ""} {
		o := b.Outcomes[i]
		if (o.Err == nil) != (want == "") || want != "" && kindOf(o.Err) != want {
			t.Errorf("record %d: %v (%v)", i, o.Err, errors.Unwrap(o.Err))
		}
	}
}
