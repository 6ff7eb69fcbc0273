package embedded_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
)

func start(t *testing.T, cfg embedded.Config) *embedded.Broker {
	t.Helper()
	b, err := embedded.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func connect(t *testing.T, b *embedded.Broker) (*kafka.Producer, *kafka.Log) {
	t.Helper()
	conn := kafka.Connection{Brokers: []string{b.Addr()}}
	p, err := kafka.NewProducer(kafka.ProducerConfig{Connection: conn, CreateTopics: &kafka.TopicSpec{}, MaxMessageBytes: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	l, err := kafka.NewLog(kafka.LogConfig{Connection: conn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(testContext(t)); l.Close() })
	return p, l
}

func produce(t *testing.T, p *kafka.Producer, records ...kafka.Record) {
	t.Helper()
	b := kafka.Batch{Records: records}
	p.Produce(&b)
	if err := b.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	for _, o := range b.Outcomes {
		if o.Err != nil {
			t.Fatalf("%v (%v)", o.Err, errors.Unwrap(o.Err))
		}
	}
}

func bounds(t *testing.T, l *kafka.Log, topic string) kafka.Bounds {
	t.Helper()
	b, err := l.Bounds(testContext(t), []kafka.TopicPartition{{Topic: topic}})
	if err = errors.Join(err, b[0].Err); err != nil {
		t.Fatal(err)
	}
	return b[0]
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	b := start(t, embedded.Config{Dir: dir})
	p, _ := connect(t, b)
	// The largest message that the platform accepts, and times in any order.
	produce(t, p,
		kafka.Record{Topic: "kept", Value: make([]byte, 4<<20-1000), Timestamp: time.Now().UnixMilli()},
		kafka.Record{Topic: "kept", Value: []byte("old"), Timestamp: 1_500_000_000_000},
		kafka.Record{Topic: "kept", Value: []byte("new"), Timestamp: time.Now().Add(24 * time.Hour).UnixMilli()})
	id := b.ClusterID()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Error("a second close:", err)
	}
	if err := b.CreateTopic("late", 1); err == nil {
		t.Error("a closed broker created a topic")
	}

	b = start(t, embedded.Config{Dir: dir})
	_, l := connect(t, b)
	if b.ClusterID() != id {
		t.Errorf("the cluster id changed from %s to %s", id, b.ClusterID())
	}
	if told, err := l.ClusterID(testContext(t)); err != nil || told != id {
		t.Errorf("clients are told %q, %v", told, err)
	}
	c, err := l.Read(testContext(t), kafka.TopicPartition{Topic: "kept"}, 1, 1<<20, 0)
	if err != nil || c.Err != nil || len(c.Records) != 2 || string(c.Records[1].Value) != "new" || c.Records[0].Timestamp != 1_500_000_000_000 {
		t.Errorf("%+v, %v", c, err)
	}
	if tps, err := l.Partitions(testContext(t), []string{"kept"}); err != nil || len(tps) != 1 {
		t.Errorf("%v, %v", tps, err)
	}
}

func TestClusterIDsDiffer(t *testing.T) {
	a, b := start(t, embedded.Config{Dir: t.TempDir()}), start(t, embedded.Config{Dir: t.TempDir()})
	if a.ClusterID() == b.ClusterID() {
		t.Errorf("two installations have the id %s", a.ClusterID())
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	b := start(t, embedded.Config{Dir: dir})

	var inUse *embedded.InUseError
	if _, err := embedded.Start(embedded.Config{Dir: dir}); !errors.As(err, &inUse) || inUse.PID == "" {
		t.Errorf("a directory in use: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	badID := t.TempDir()
	if err := os.WriteFile(filepath.Join(badID, "cluster-id"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]string{"a file": file, "below a file": filepath.Join(file, "d"), "a broken id": badID} {
		var bad *embedded.DirError
		if _, err := embedded.Start(embedded.Config{Dir: d}); !errors.As(err, &bad) || !oneLine(err) || !strings.Contains(err.Error(), d) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, addr := range map[string]string{"taken": b.Addr(), "every address": "0.0.0.0:0", "no host": ":0", "every v6": "[::]:0", "no port": "localhost",
		"not ours": "203.0.113.1:0"} {
		var bad *embedded.ListenError
		if _, err := embedded.Start(embedded.Config{Dir: t.TempDir(), Listen: addr}); !errors.As(err, &bad) || !oneLine(err) || !strings.Contains(err.Error(), addr) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := embedded.Start(embedded.Config{Dir: t.TempDir(), RetentionBytes: 1}); err == nil {
		t.Error("retention of one byte")
	}
}

func oneLine(err error) bool { return !strings.Contains(err.Error(), "\n") }

// A failed start leaves the directory free for the next.
func TestFailedStartReleases(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	if _, err := embedded.Start(embedded.Config{Dir: dir, Listen: taken.Addr().String()}); err == nil {
		t.Fatal("started on a port that is taken")
	}
	start(t, embedded.Config{Dir: dir})
}

// Clients are told the name that the broker was given, whatever it resolves to.
func TestAdvertisedName(t *testing.T) {
	b := start(t, embedded.Config{Dir: t.TempDir(), Listen: "localhost:0"})
	if !strings.HasPrefix(b.Addr(), "localhost:") {
		t.Errorf("address %s", b.Addr())
	}
	p, _ := connect(t, b)
	produce(t, p, kafka.Record{Topic: "named", Value: []byte("x")})
}

func TestRetention(t *testing.T) {
	dir := t.TempDir()
	b := start(t, embedded.Config{Dir: dir, RetentionBytes: 8 << 20})
	p, l := connect(t, b)
	value := make([]byte, 256<<10)
	for range 80 { // 20 MiB, each in a batch of its own; the first is old, and must not take the others with it
		produce(t, p, kafka.Record{Topic: "bounded", Value: value, Timestamp: 1_500_000_000_000})
	}
	if err := b.ApplyRetention(); err != nil {
		t.Fatal(err)
	}
	after := bounds(t, l, "bounded")
	if after.End != 80 || after.Start < 80-33 || after.Start > 80-31 {
		t.Errorf("of 80 records of 256 KiB, %d to %d are left for 8 MiB", after.Start, after.End)
	}
	if size := dirSize(t, dir); size > 10<<20 {
		t.Errorf("the directory has %d bytes", size)
	}

	// By size only: neither a record's age nor a broker's default deletes.
	produce(t, p, kafka.Record{Topic: "ages", Timestamp: time.Now().UnixMilli()}, kafka.Record{Topic: "ages", Timestamp: 1_500_000_000_000})
	if err := b.ApplyRetention(); err != nil {
		t.Fatal(err)
	}
	if kept := bounds(t, l, "ages"); kept.Start != 0 || kept.End != 2 {
		t.Errorf("an old record deleted: %+v", kept)
	}
}

func dirSize(t *testing.T, dir string) (size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// A Kafka client that expects topics to appear by being asked for gets them, and they last.
func TestTopicsForOtherClients(t *testing.T) {
	dir := t.TempDir()
	b := start(t, embedded.Config{Dir: dir})
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.ProduceSync(testContext(t), &kgo.Record{Topic: "automatic", Value: []byte("x")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	_, l := connect(t, b)
	if tps, err := l.Partitions(testContext(t), []string{"automatic"}); err != nil || len(tps) != 1 {
		t.Errorf("%v, %v", tps, err)
	}
	// The topics file says so at once, not only when the broker is closed.
	if text, err := os.ReadFile(filepath.Join(dir, "log", "topics.json")); err != nil || !strings.Contains(string(text), `"automatic"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200 MiB")
	}
	b := start(t, embedded.Config{Dir: t.TempDir()})
	p, _ := connect(t, b)
	before := heap()
	value := make([]byte, 1000)
	var batch kafka.Batch
	for range 200 {
		batch.Reset()
		for range 1000 {
			batch.Add(kafka.Record{Topic: "much", Value: value})
		}
		p.Produce(&batch)
		if err := batch.Wait(testContext(t)); err != nil || batch.Outcomes[999].Err != nil {
			t.Fatal(err, batch.Outcomes[999].Err)
		}
	}
	grown := heap() - before
	t.Logf("the heap grew by %d KiB for 200,000 records of 1 KB", grown>>10)
	if grown > 20<<20 {
		t.Errorf("the broker keeps what it wrote to disk in memory: %d bytes", grown)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
