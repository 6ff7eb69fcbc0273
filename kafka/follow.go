package kafka

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Follow delivers the partition's records from offset `from` on as they are written, until stop is called. deliver is called in order, never
// concurrently for one partition, on another goroutine. It must not block for long: it holds up every other partition (but no memory: nothing more is
// fetched meanwhile). stop returns after the last call; it must not be called from deliver.
//
// What goes wrong arrives as a Chunk with Err, once until it changes, and the follower carries on by itself:
//
//   - ErrOffsetOutOfRange: records are missing between what was asked for and Next, where it continues: a gap to be announced.
//   - ErrRecreated: the same, with offsets that mean something else from now on.
//   - ErrUnknownPartition, and anything else: it is tried again every second.
//   - ErrFollowed, ErrClosed: this follower never will; a partition has one follower at a time.
func (l *Log) Follow(tp TopicPartition, from int64, deliver func(Chunk)) (stop func()) {
	return l.follow.add(&follower{tp: tp, next: from, deliver: deliver})
}

// follower is one followed partition. Its chunks come from the poller, or from the joiner while it is on its way to the poller.
type follower struct {
	tp      TopicPartition
	deliver func(Chunk)

	mu       sync.Mutex // held while deliver runs
	stopped  bool
	next     int64  // the offset to continue at
	reported string // the last error that was delivered, until records come again

	// Owned by the joiner and the poller in turn.
	topicID    [16]byte  // of the topic that next belongs to; zero = not known yet
	outOfRange bool      // the brokers do not have next
	refused    error     // it is never to join
	due        time.Time // when the joiner looks at it
}

// emit delivers a chunk unless the follower was stopped.
func (f *follower) emit(c Chunk) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return
	}
	f.next, f.reported = c.Next, ""
	f.deliver(c)
}

// fail delivers an error that passes, unless it is the one that was delivered last.
func (f *follower) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped || f.reported == err.Error() {
		return
	}
	f.reported = err.Error()
	f.deliver(Chunk{Next: f.next, Err: err})
}

func (f *follower) position() (next int64, stopped bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.next, f.stopped
}

// followers share one client, and so one connection and one fetch session with each broker. Two goroutines serve them, whatever their number:
//
//	Follow ─▶ joiner ─▶ poller ─▶ deliver
//	            ▲          │
//	            └── lost ──┘
//
// The joiner asks the cluster where a partition stands before the poller takes it on, and again after the poller has lost it. The
// poller alone tells the client what to fetch, so that what it is handed always belongs to the follower it knows.
type followers struct {
	log    *Log
	client *kgo.Client
	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	joinWake chan struct{} // capacity 1

	mu       sync.Mutex
	closed   bool
	followed map[TopicPartition]*follower
	joining  []*follower
	commands []command          // for the poller, in order
	wakePoll context.CancelFunc // ends the poll that is under way
}

type command struct {
	f      *follower
	remove bool
}

const (
	// fetchHold is how long a broker holds a fetch back that finds nothing; a partition that is added meanwhile waits for it.
	fetchHold             = 100 * time.Millisecond
	followMaxPartition    = 1 << 20
	followRetry           = time.Second
	followRecheck         = 50 * time.Millisecond // of a topic that one broker does not know: it may be new to that one
	joinTimeout           = 5 * time.Second
	maxDecompressedBatch  = 256 << 20
	followMetadataTimeout = time.Minute
)

func (s *followers) start(l *Log, opts []kgo.Opt, maxBytes int) error {
	client, err := kgo.NewClient(append(opts,
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.KeepRetryableFetchErrors(), // the client would try a topic that was deleted for ever
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMinBytes(1),
		kgo.FetchMaxWait(fetchHold),
		kgo.FetchMaxBytes(int32(maxBytes)),
		kgo.FetchMaxPartitionBytes(int32(min(maxBytes, followMaxPartition))),
		kgo.MaxDecompressBatchBytes(maxDecompressedBatch),
		kgo.MetadataMaxAge(followMetadataTimeout),
	)...)
	if err != nil {
		return fmt.Errorf("kafka log: %w", err)
	}
	s.log, s.client = l, client
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.joinWake = make(chan struct{}, 1)
	s.followed = make(map[TopicPartition]*follower)
	s.wakePoll = func() {}
	s.tasks.Go(s.join)
	s.tasks.Go(s.poll)
	return nil
}

func (s *followers) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.tasks.Wait()
	s.client.Close()
}

func (s *followers) add(f *follower) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return func() {}
	case s.followed[f.tp] != nil:
		f.refused = ErrFollowed
	default:
		s.followed[f.tp] = f
	}
	s.joining = append(s.joining, f)
	s.wakeJoiner()
	return sync.OnceFunc(func() { s.stop(f) })
}

// stop waits for a delivery that is under way; none begins afterwards.
func (s *followers) stop(f *follower) {
	f.mu.Lock()
	f.stopped = true
	f.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.followed[f.tp] == f {
		delete(s.followed, f.tp)
		s.command(command{f, true})
	}
}

// command is for the poller; the lock is held.
func (s *followers) command(c command) {
	s.commands = append(s.commands, c)
	s.wakePoll()
}

func (s *followers) wakeJoiner() {
	select {
	case s.joinWake <- struct{}{}:
	default:
	}
}

// rejoin gives a follower that the poller has lost back to the joiner.
func (s *followers) rejoin(f *follower, in time.Duration) {
	f.due = time.Now().Add(in)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joining = append(s.joining, f)
	s.wakeJoiner()
}
