package streamconfig

import (
	"fmt"
	"log/slog"
)

// emptiedError refuses a configuration without streams in the place of one that has some: that is a fault of where it comes from, a file half written or
// a service without its database, and would have every event refused. Who means it starts the program again.
type emptiedError struct {
	before int
	fault  string // of the first declaration that could not be used
}

func (e *emptiedError) Error() string {
	text := fmt.Sprintf("it has 0 streams, before %d; one without streams is taken only at the start", e.before)
	if e.fault != "" {
		text += ": " + e.fault
	}
	return text
}

// compare holds a configuration against the one in use: one that lost all streams is an error, one that lost most of them is warned of.
func compare(before, now *Config, log *slog.Logger) error {
	if len(before.streams) > 0 && len(now.streams) == 0 {
		e := &emptiedError{before: len(before.streams)}
		if len(now.warnings) > 0 {
			e.fault = now.warnings[0].String()
		}
		return e
	}
	lost, first := 0, ""
	for _, s := range before.streams {
		if _, ok := now.byName[s.Name]; !ok {
			if lost++; first == "" {
				first = s.Name
			}
		}
	}
	if lost*2 > len(before.streams) {
		log.Warn("the newest stream configuration has lost more than half of the streams", "lost", lost, "first", first, "before", len(before.streams), "streams", len(now.streams))
	}
	return nil
}

// warnEmpty tells of a start without streams.
func warnEmpty(c *Config, log *slog.Logger) {
	if len(c.streams) == 0 {
		log.Warn("the stream configuration has no streams")
	}
}
