package uiapi

import (
	"context"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

const (
	// minutesKept is how many minutes the page shows, the running one included.
	minutesKept = 16
	// sampleEvery is the time between two looks at the topics' ends, watched how long they are looked at after the last question.
	sampleEvery = 5 * time.Second
	watched     = time.Minute
	// sampleTimeout bounds one round of questions.
	sampleTimeout = 30 * time.Second
	// lastReads bounds how many partitions' last records are read in one round.
	lastReads = 200
	// versionsKept is how long a schema's newest version is believed, or that it is not to be had; versionsTimeout bounds the time of one round that is
	// spent on looking them up.
	versionsKept    = 5 * time.Minute
	versionsTimeout = 3 * time.Second
)

// sampler knows how many events came lately. One goroutine asks Kafka for the ends of the streams' topics while somebody looks. Its memory is
// bounded by the number of declared streams and their partitions.
type sampler struct {
	s      *Server
	looked chan struct{} // somebody looks
	end    context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex
	last     time.Time // when somebody looked last
	sampled  bool
	streams  map[string]*activity
	versions map[string]string // newest version by title
}

// activity is what is known of one stream.
type activity struct {
	// marks are the sums of the partitions' offsets at the beginnings of the last minutes, oldest first, and now.
	marks     [minutesKept + 1]int64
	minutes   []int64 // their differences; never changed once it is published
	perSecond float64
	last      int64 // ms since the epoch, 0 unknown
}

func newSampler(s *Server) *sampler {
	ctx, end := context.WithCancel(context.Background())
	m := &sampler{s: s, looked: make(chan struct{}, 1), end: end, done: make(chan struct{}), streams: map[string]*activity{}, versions: map[string]string{}}
	go m.run(ctx)
	return m
}

func (m *sampler) close() {
	m.end()
	<-m.done
}

// look returns what is known and has it kept up to date for a while. What it returns must not be changed.
func (m *sampler) look() (map[string]activity, map[string]string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = time.Now()
	select {
	case m.looked <- struct{}{}:
	default:
	}
	known := make(map[string]activity, len(m.streams))
	if m.sampled {
		for name, a := range m.streams {
			known[name] = *a
		}
	}
	versions := make(map[string]string, len(m.versions))
	for title, version := range m.versions {
		versions[title] = version
	}
	return known, versions, m.sampled
}

func (m *sampler) run(ctx context.Context) {
	defer close(m.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.looked:
		}
		m.watch(ctx)
	}
}

// watch samples until nobody has looked for a while.
func (m *sampler) watch(ctx context.Context) {
	r := &rounds{m: m}
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		if err := r.round(ctx); err != nil && ctx.Err() == nil {
			m.s.log.Warn("the rates of streams cannot be told", "err", err)
		}
		m.newest(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		m.mu.Lock()
		over := time.Since(m.last) > watched
		if over {
			m.sampled = false // what is known grows old: who looks next waits for the next round
		}
		m.mu.Unlock()
		if over {
			return
		}
	}
}

// newest looks up the newest versions of the streams' schemas that are not known or were looked up long ago.
func (m *sampler) newest(ctx context.Context) {
	schemas := m.s.cfg.Schemas
	if schemas == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, versionsTimeout)
	defer cancel()
	titles := map[string]bool{}
	for _, st := range m.s.followed() {
		titles[st.SchemaTitle] = st.SchemaTitle != ""
	}
	for title, wanted := range titles {
		m.mu.Lock()
		_, known := m.versions[title]
		m.mu.Unlock()
		if !wanted || known || ctx.Err() != nil {
			continue
		}
		version := ""
		if found, err := schemas.Latest(ctx, title); err == nil {
			version = found.Version
		}
		m.mu.Lock()
		m.versions[title] = version
		m.mu.Unlock()
	}
}

// rounds is the state from one round of questions to the next while somebody looks.
type rounds struct {
	m          *sampler
	partitions map[string][]kafka.TopicPartition // by stream
	ends       map[kafka.TopicPartition]int64
	unread     []kafka.TopicPartition // whose last record's time is not known
	minute     int64                  // the running one, since the epoch
	at         time.Time              // of the round before
	versions   time.Time              // when the versions were forgotten last
}
