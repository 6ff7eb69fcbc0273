package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// metaCache keeps what the brokers said of topics that exist, for as long as whoever asks accepts. What does not exist is not kept.
type metaCache struct {
	mu     sync.Mutex
	topics map[string]cachedMeta
}

type cachedMeta struct {
	topicMeta
	at time.Time
}

// get returns those of the topics that exist, none of them older than maxAge.
func (c *metaCache) get(ctx context.Context, client *kgo.Client, names []string, maxAge time.Duration) (map[string]topicMeta, error) {
	found := make(map[string]topicMeta, len(names))
	ask := make([]string, 0, len(names))
	now := time.Now()
	c.mu.Lock()
	for _, name := range names {
		if m, ok := c.topics[name]; ok && now.Sub(m.at) < maxAge {
			found[name] = m.topicMeta
		} else {
			ask = append(ask, name)
		}
	}
	c.mu.Unlock()
	if len(ask) == 0 {
		return found, nil
	}
	fresh, err := describeTopics(ctx, client, ask)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.topics == nil {
		c.topics = make(map[string]cachedMeta)
	}
	for _, name := range ask {
		m, ok := fresh[name]
		if !ok {
			delete(c.topics, name)
			continue
		}
		c.topics[name] = cachedMeta{m, now}
		found[name] = m
	}
	return found, nil
}
