package eventgate

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
)

// memory is a producer that keeps records in memory. refuse, if set, says what goes wrong with a record; hold keeps outcomes back until it is closed.
type memory struct {
	refuse func(*kafka.Record) error
	hold   chan struct{}

	mu      sync.Mutex
	records []kafka.Record
	count   bool // only count
	n       int
	held    int
	came    chan struct{} // a batch, made by awaitBatch
}

// awaitBatch waits until a batch is held.
func (m *memory) awaitBatch() {
	m.mu.Lock()
	if m.came == nil {
		m.came = make(chan struct{}, 100)
	}
	held := m.held
	m.mu.Unlock()
	if held == 0 {
		<-m.came
	}
}

func (m *memory) Produce(b *kafka.Batch) {
	b.Begin()
	if m.hold != nil {
		m.mu.Lock()
		m.held++
		if m.came != nil {
			m.came <- struct{}{}
		}
		m.mu.Unlock()
		go func() {
			<-m.hold
			m.complete(b)
		}()
		return
	}
	m.complete(b)
}

func (m *memory) complete(b *kafka.Batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range b.Records { // after the last Complete the batch is not ours
		r := &b.Records[i]
		if m.refuse != nil {
			if err := m.refuse(r); err != nil {
				b.Complete(i, kafka.Outcome{Err: err})
				continue
			}
		}
		m.n++
		if !m.count {
			kept := *r
			kept.Key, kept.Value = append([]byte(nil), r.Key...), append([]byte(nil), r.Value...)
			m.records = append(m.records, kept)
		}
		b.Complete(i, kafka.Outcome{Partition: 0, Offset: int64(m.n - 1), Timestamp: r.Timestamp})
	}
}

// take returns the records so far and forgets them.
func (m *memory) take() []kafka.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	records := m.records
	m.records = nil
	return records
}

// brokerLimit refuses what the producer refuses with nothing set.
func brokerLimit(r *kafka.Record) error {
	const most = 1_000_000 - 36 // librdkafka counts 36 for a record's own fields
	if len(r.Value) > most {
		return &kafka.DeliveryError{Kind: kafka.TooLarge, Topic: r.Topic, Msg: "Broker: Message size too large: at most " + strconv.Itoa(most) + " bytes"}
	}
	return nil
}

// schemaFolders are the shared schema repositories: the recording had two, of which the second may not be here.
func schemaFolders(t testing.TB) []string {
	t.Helper()
	folders := []string{testshared.Path(t, "data/schemas/primary")}
	second := filepath.Join(filepath.Dir(folders[0]), "secondary")
	if _, err := os.Stat(second); err == nil {
		folders = append(folders, second)
	}
	return folders
}

// shared opens the shared schema repositories.
func shared(t testing.TB, extension string) *schema.Repositories {
	t.Helper()
	r, err := schema.New(schema.Config{Bases: schemaFolders(t), Extension: extension})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}
