package kafka_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/eventplatform/eventplatform/kafka"
)

// Records of transactions, which other producers may write: those of aborted ones are never seen, those of open ones not yet, and the markers between them
// move the position without a record.
func TestTransactions(t *testing.T) {
	b := inMemory(t)
	p, l := connect(t, b.Addr())
	mustProduce(t, p, "transactions", "0")
	tp := kafka.TopicPartition{Topic: "transactions"}
	other, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.TransactionalID("t"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	transaction := func(commit kgo.TransactionEndTry, value string) {
		t.Helper()
		if err := other.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := other.ProduceSync(testContext(t), &kgo.Record{Topic: tp.Topic, Value: []byte(value)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if bounds, err := l.Bounds(testContext(t), []kafka.TopicPartition{tp}); err != nil || value == "committed" && bounds[0].End != 1 {
			t.Errorf("while it is open: %+v, %v", bounds, err)
		}
		if err := other.EndTransaction(testContext(t), commit); err != nil {
			t.Fatal(err)
		}
	}
	f := follow(t, l, tp, 0)
	transaction(kgo.TryCommit, "committed") // offset 1, marker 2
	transaction(kgo.TryAbort, "aborted")    // offset 3, marker 4
	if got := f.values(t, 2); got[0] != "0" || got[1] != "committed" {
		t.Errorf("followed %q", got)
	}
	got := readAll(t, l, tp)
	if len(got) != 2 || string(got[1].Value) != "committed" {
		t.Errorf("read %+v", got)
	}
	c, err := l.Read(testContext(t), tp, 2, 1000, time.Second)
	if err != nil || c.Err != nil || len(c.Records) != 0 || c.Next != 5 || c.End != 5 {
		t.Errorf("among markers only: %+v, %v", c, err)
	}
	mustProduce(t, p, "transactions", "5")
	if got := f.records(t, 1); got[0].Offset != 5 {
		t.Errorf("followed %+v", got)
	}
}
