package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
)

// childDir makes the test's binary a broker on that directory, for the tests that kill one.
const childDir = "EMBEDDED_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		b, err := embedded.Start(embedded.Config{Dir: dir})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(b.Addr())
		io.Copy(io.Discard, os.Stdin) // until the parent ends, or kills this
		os.Exit(0)
	}
	goleak.VerifyTestMain(m) // every goroutine of a broker ends with it
}

// child starts a broker in a process of its own.
func child(t *testing.T, dir string) (addr string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // closed with this process, whatever ends it
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
		stdin.Close()
	})
	t.Cleanup(kill)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), kill
}

// Whatever was acknowledged before the process was killed is there afterwards, at its offset; also in a topic that another client had made by asking for it.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	addr, kill := child(t, dir)
	other, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.ProduceSync(testContext(t), &kgo.Record{Topic: "automatic", Value: []byte("x")}).FirstErr(); err != nil {
		t.Fatal(err)
	}

	p, err := kafka.NewProducer(kafka.ProducerConfig{
		Connection:   kafka.Connection{Brokers: []string{addr}},
		CreateTopics: &kafka.TopicSpec{Partitions: 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	acked := underLoad(t, p, "load", 3000, kill)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	p.Close(ended) // at once: nobody answers any more

	b := start(t, embedded.Config{Dir: dir})
	_, l := connect(t, b)
	for tp, want := range acked {
		got := make(map[int64]string)
		for next := int64(0); ; {
			c, err := l.Read(testContext(t), tp, next, 1<<20, 0)
			if err != nil || c.Err != nil {
				t.Fatal(err, c.Err)
			}
			for _, r := range c.Records {
				got[r.Offset] = string(r.Value)
			}
			if next = c.Next; next >= c.End {
				break
			}
		}
		for offset, value := range want {
			if got[offset] != value {
				t.Fatalf("%v offset %d: acknowledged %q, found %q", tp, offset, value, got[offset])
			}
		}
		t.Logf("%v: %d acknowledged, %d there", tp, len(want), len(got))
	}
	if kept := bounds(t, l, "automatic"); kept.End != 1 {
		t.Errorf("the topic made for another client: %+v", kept)
	}
}

// underLoad produces one batch after the other on a few goroutines, calls kill after so many acknowledgements, and returns what was acknowledged.
func underLoad(t *testing.T, p *kafka.Producer, topic string, killAfter int, kill func()) map[kafka.TopicPartition]map[int64]string {
	acked := make(map[kafka.TopicPartition]map[int64]string)
	var mu sync.Mutex
	var n int
	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	var tasks sync.WaitGroup
	for g := range 8 {
		tasks.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				var b kafka.Batch // never reused: it may be left behind
				for j := range 5 {
					b.Add(kafka.Record{Topic: topic, Key: []byte{byte(g)}, Value: fmt.Appendf(nil, "%d-%d-%d", g, i, j)})
				}
				p.Produce(&b)
				if b.Wait(ctx) != nil {
					return
				}
				mu.Lock()
				for j, o := range b.Outcomes {
					if o.Err != nil {
						continue
					}
					tp := kafka.TopicPartition{Topic: topic, Partition: o.Partition}
					if acked[tp] == nil {
						acked[tp] = make(map[int64]string)
					}
					acked[tp][o.Offset] = string(b.Records[j].Value)
					n++
				}
				reached := n >= killAfter
				mu.Unlock()
				if reached {
					cancel()
				}
			}
		})
	}
	<-ctx.Done()
	kill() // while the last batches are on their way
	tasks.Wait()
	if n < killAfter {
		t.Fatalf("only %d were acknowledged", n)
	}
	return acked
}

// Clients that were connected go on when the broker comes back, whether it was closed or killed.
func TestClientsOutliveBroker(t *testing.T) {
	dir := t.TempDir()
	addr, kill := child(t, dir)
	p, err := kafka.NewProducer(kafka.ProducerConfig{Connection: kafka.Connection{Brokers: []string{addr}}, CreateTopics: &kafka.TopicSpec{}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: []string{addr}}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	defer p.Close(testContext(t))
	values := make(chan string, 10)
	defer l.Follow(kafka.TopicPartition{Topic: "outlived"}, 0, func(c kafka.Chunk) {
		for _, r := range c.Records {
			values <- string(r.Value)
		}
	})()
	again := func(value string) {
		t.Helper()
		produce(t, p, kafka.Record{Topic: "outlived", Value: []byte(value)})
		select {
		case got := <-values:
			if got != value {
				t.Errorf("followed %q, want %q", got, value)
			}
		case <-testContext(t).Done():
			t.Errorf("%q was not delivered", value)
		}
	}
	again("first")
	kill()
	b := start(t, embedded.Config{Dir: dir, Listen: addr})
	again("after a kill")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, embedded.Config{Dir: dir, Listen: addr})
	again("after a restart")
}
