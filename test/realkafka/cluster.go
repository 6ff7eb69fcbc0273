package realkafka

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

const (
	startTimeout = 90 * time.Second // on a busy machine
	startPoll    = 100 * time.Millisecond
	startTries   = 3 // a port that was free may be taken when the broker wants it
)

// Cluster is a running cluster. Brokers are counted from 0.
type Cluster struct {
	id      string
	brokers []*broker
	log     *kafka.Log
}

// Start runs a cluster for one test, until its end. Its logs are shown if the test fails. Properties, key=value, are put over the brokers' own.
func Start(t testing.TB, brokers int, properties ...string) *Cluster {
	t.Helper()
	c, err := Run(t.TempDir(), brokers, properties...)
	if err != nil {
		unavailable(t, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.Logs())
		}
		c.Stop()
	})
	return c
}

func unavailable(t testing.TB, err error) {
	t.Helper()
	var missing *MissingError
	if !errors.As(err, &missing) || os.Getenv("CI") == "true" {
		t.Fatalf("Apache Kafka did not start: %v", err)
	}
	t.Skipf("no Apache Kafka to test with: %v", err)
}

// Run runs a cluster whose files are below dir, until Stop. The error is a *MissingError if this machine has no Kafka.
func Run(dir string, n int, properties ...string) (*Cluster, error) {
	libs, java, err := jars("libs", brokerArtifact)
	if err != nil {
		return nil, err
	}
	fresh, err := formatted(java, libs, n)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		c, err := startOnce(filepath.Join(dir, fmt.Sprintf("try-%d", try)), n, java, libs, fresh, properties)
		if err == nil || try == startTries {
			return c, err
		}
	}
}

func startOnce(dir string, n int, java, libs, fresh string, properties []string) (*Cluster, error) {
	ports, err := FreePorts(2 * n)
	if err != nil {
		return nil, err
	}
	c := &Cluster{id: newClusterID()}
	for i := range n {
		c.brokers = append(c.brokers, &broker{id: i + 1, port: ports[2*i], controller: ports[2*i+1], dir: filepath.Join(dir, fmt.Sprint(i+1)),
			java: java, libs: libs})
	}
	for _, b := range c.brokers {
		data := filepath.Join(b.dir, "data")
		if err := os.MkdirAll(b.dir, 0o755); err != nil {
			return nil, err
		}
		if err := errors.Join(
			os.CopyFS(data, os.DirFS(filepath.Join(fresh, fmt.Sprint(b.id), "data"))),
			setClusterID(data, c.id),
			os.WriteFile(b.config(), []byte(b.properties(c.brokers)+strings.Join(properties, "\n")), 0o644),
			b.start(),
		); err != nil {
			c.Stop()
			return nil, err
		}
	}
	if c.log, err = kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: c.Addrs()}}); err == nil {
		err = c.await()
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, c.Logs())
		c.Stop()
		return nil, err
	}
	return c, nil
}

// await waits until all brokers are members of the cluster.
func (c *Cluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	tick := time.NewTicker(startPoll)
	defer tick.Stop()
	for {
		if ids, err := c.log.Brokers(ctx); err == nil && len(ids) == len(c.brokers) {
			if id, err := c.log.ClusterID(ctx); err == nil && id == c.id { // not another cluster that took the port
				return nil
			}
		}
		for _, b := range c.brokers {
			select {
			case <-b.exited:
				return fmt.Errorf("broker %d ended before the cluster was whole", b.id)
			default:
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d brokers were not there after %v", len(c.brokers), startTimeout)
		case <-tick.C:
		}
	}
}

// Addrs are the brokers' addresses, host:port.
func (c *Cluster) Addrs() []string {
	var addrs []string
	for _, b := range c.brokers {
		addrs = append(addrs, b.addr())
	}
	return addrs
}

// Stop ends the cluster at once; it may be called twice.
func (c *Cluster) Stop() {
	if c.log != nil {
		c.log.Close()
	}
	for _, b := range c.brokers {
		if b.cmd != nil {
			b.cmd.Process.Kill() // all of them before waiting for one
		}
	}
	for _, b := range c.brokers {
		b.kill()
	}
}

// Logs are the last lines of every broker.
func (c *Cluster) Logs() string {
	var s string
	for i, b := range c.brokers {
		s += fmt.Sprintf("--- broker %d (%s)\n%s\n", i, b.addr(), b.logTail())
	}
	return s
}

// Kill ends a broker's process as a crash does.
func (c *Cluster) Kill(i int) { c.brokers[i].kill() }

// Freeze stops a broker's process with its connections open. It skips the test where processes cannot be stopped.
func (c *Cluster) Freeze(t testing.TB, i int) {
	t.Helper()
	if !canFreeze {
		t.Skip("this operating system cannot stop a process and continue it")
	}
	if err := freeze(c.brokers[i].cmd.Process); err != nil {
		t.Fatal(err)
	}
}

// Thaw continues brokers that were frozen, and waits until the cluster is whole.
func (c *Cluster) Thaw(t testing.TB, brokers ...int) {
	t.Helper()
	for _, i := range brokers {
		if err := thaw(c.brokers[i].cmd.Process); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.await(); err != nil {
		t.Fatal(err)
	}
}

// Restart is Revive for a test.
func (c *Cluster) Restart(t testing.TB, i int) {
	t.Helper()
	if err := c.Revive(i); err != nil {
		t.Fatal(err)
	}
}

// Revive starts a broker that was killed, on what it had, and waits until the cluster is whole.
func (c *Cluster) Revive(i int) error {
	for try := 1; ; try++ {
		err := c.brokers[i].start()
		if err == nil {
			err = c.await()
		}
		if err == nil || try == startTries {
			return err
		}
		c.brokers[i].kill()
	}
}

// Leader says which broker leads the partition.
func (c *Cluster) Leader(t testing.TB, topic string, partition int32) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	id, err := c.log.Leader(ctx, kafka.TopicPartition{Topic: topic, Partition: partition})
	if err != nil {
		t.Fatal(err)
	}
	return int(id) - 1
}
