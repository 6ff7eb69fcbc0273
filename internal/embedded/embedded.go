package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Config configures a broker. Zero values mean the defaults that are named.
type Config struct {
	// Dir keeps everything; it is created if missing.
	Dir string
	// Listen is host:port for Kafka clients, and what they are told to connect to; "" = any free port of the loopback address.
	Listen string
	// RetentionBytes bounds each partition on disk, to within a segment (an eighth); 0 = 1 GiB.
	RetentionBytes int64
	// SyncWrites flushes every write to the disk before it is acknowledged: what was acknowledged then survives a power cut, not only the
	// end of the process. It costs a disk flush a batch, milliseconds on most disks.
	SyncWrites bool
	// Logger may be nil.
	Logger *slog.Logger
}

const (
	// DefaultRetentionBytes is the bound of a partition on disk.
	DefaultRetentionBytes = 1 << 30
	// MaxMessageBytes is the largest record batch that is accepted.
	MaxMessageBytes = 8 << 20

	minRetentionBytes = 8 << 20
	maxSegmentBytes   = 64 << 20
	retentionInterval = 15 * time.Second
)

// Broker is a running broker.
type Broker struct {
	cluster   *kfake.Cluster
	addr      string
	clusterID string
	lock      *dirLock // nil in memory
	ready     chan struct{}
	gate      gate

	admin  sync.RWMutex // the cluster never answers what is asked after its end: held for reading around each question
	closed bool

	stop  chan struct{}
	tasks sync.WaitGroup
}

// Start starts a broker on a directory. Its errors are *[DirError], *[InUseError] and *[ListenError], each one line that says what to do.
func Start(cfg Config) (*Broker, error) {
	if cfg.Dir == "" {
		return nil, errors.New("the broker needs a data directory")
	}
	if cfg.RetentionBytes == 0 {
		cfg.RetentionBytes = DefaultRetentionBytes
	}
	if cfg.RetentionBytes < minRetentionBytes {
		return nil, fmt.Errorf("retention of %d bytes a partition: it is at least %d", cfg.RetentionBytes, minRetentionBytes)
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	id, err := clusterID(cfg.Dir)
	if err != nil {
		return nil, errors.Join(err, lock.release())
	}
	opts := []kfake.Opt{
		kfake.DataDir(filepath.Join(cfg.Dir, "log")),
		kfake.BrokerConfigs(map[string]string{
			"log.retention.bytes": strconv.FormatInt(cfg.RetentionBytes, 10),
			"log.segment.bytes":   strconv.FormatInt(min(cfg.RetentionBytes/8, maxSegmentBytes), 10),
		}),
	}
	if cfg.SyncWrites {
		opts = append(opts, kfake.SyncWrites())
	}
	b, err := start(cfg, id, opts)
	if err != nil {
		return nil, errors.Join(err, lock.release())
	}
	b.lock = lock
	b.tasks.Go(b.retain)
	return b, nil
}

// StartInMemory starts a broker that keeps everything in memory, on a free loopback port, for tests.
func StartInMemory() (*Broker, error) {
	id, err := newClusterID()
	if err != nil {
		return nil, err
	}
	return start(Config{}, id, nil)
}

func start(cfg Config, id string, opts []kfake.Opt) (*Broker, error) {
	b := &Broker{clusterID: id, ready: make(chan struct{}), stop: make(chan struct{})}
	ln, err := b.listen(cfg.Listen)
	if err != nil {
		return nil, err
	}
	b.addr = ln.Addr().String()
	b.cluster, err = kfake.NewCluster(append(opts,
		kfake.NumBrokers(1),
		kfake.ListenFn(ln.once),
		kfake.ClusterID(id),
		kfake.DefaultNumPartitions(1),
		kfake.WithLogger(&logger{cfg.Logger}),
		kfake.BrokerConfigs(map[string]string{
			"message.max.bytes": strconv.Itoa(MaxMessageBytes),
			// Never by time, see the package's promises; where nothing is said the broker would delete after seven days.
			"log.retention.ms": "-1",
			// Its own timer starts with the first topic that is created, and not after a restart; retain does its work.
			"log.cleaner.backoff.ms": strconv.Itoa(math.MaxInt32),
		}),
	)...)
	if err != nil {
		// It has closed the listener already, if it got that far.
		ln.Close()
		return nil, &DirError{Dir: cfg.Dir, Doing: "read what the broker kept in", cause: err}
	}
	close(b.ready)
	return b, nil
}

// retain deletes what is past the bound.
func (b *Broker) retain() {
	tick := time.NewTicker(retentionInterval)
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-tick.C:
			if b.ApplyRetention() != nil {
				return
			}
		}
	}
}

// ApplyRetention deletes what is past the bound now, rather than at the next of its regular times.
func (b *Broker) ApplyRetention() error {
	return b.ask(func(c *kfake.Cluster) error { c.ApplyRetention(); return nil })
}

// errStopped is for what is asked of a broker that has ended.
var errStopped = errors.New("the broker has stopped")

// ask asks the cluster unless it has ended.
func (b *Broker) ask(question func(*kfake.Cluster) error) error {
	b.admin.RLock()
	defer b.admin.RUnlock()
	if b.closed {
		return errStopped
	}
	return question(b.cluster)
}

// Addr is host:port for Kafka clients.
func (b *Broker) Addr() string { return b.addr }

// ClusterID is the broker's own cluster id, made at the first start and kept in the directory.
func (b *Broker) ClusterID() string { return b.clusterID }

// CreateTopic creates a topic; 0 partitions = 1. It lasts like one that a client creates.
func (b *Broker) CreateTopic(name string, partitions int32) error {
	return b.ask(func(c *kfake.Cluster) error { return c.CreateTopic(name, partitions, nil) })
}

// DeleteTopic deletes a topic and everything in it.
func (b *Broker) DeleteTopic(name string) error {
	return b.ask(func(c *kfake.Cluster) error { return c.DeleteTopic(name) })
}

// DeleteRecords deletes a partition's records before the offset; -1 = all.
func (b *Broker) DeleteRecords(topic string, partition int32, before int64) error {
	return b.ask(func(c *kfake.Cluster) error { return c.DeleteRecords(topic, partition, before) })
}

// Freeze makes the broker hang as a stopped process does: connections stay open, and requests wait until thaw is called. It is for tests.
func (b *Broker) Freeze() (thaw func()) { return b.gate.shut() }

// Close writes down what is open and ends everything the broker started.
func (b *Broker) Close() error {
	b.admin.Lock()
	if b.closed {
		b.admin.Unlock()
		return nil
	}
	b.closed = true
	b.admin.Unlock()
	close(b.stop)
	b.gate.end()
	b.tasks.Wait()
	b.cluster.Close()
	if b.lock != nil {
		return b.lock.release()
	}
	return nil
}
