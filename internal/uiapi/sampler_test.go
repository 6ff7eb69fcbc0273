package uiapi

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// countingLog counts the questions about ends.
type countingLog struct {
	Log
	asked atomic.Int64
}

func (l *countingLog) Bounds(ctx context.Context, tps []kafka.TopicPartition) ([]kafka.Bounds, error) {
	l.asked.Add(1)
	return l.Log.Bounds(ctx, tps)
}

// catalogueOf asks for the catalogue, by name.
func catalogueOf(t *testing.T, f *fixture) (map[string]Stream, bool) {
	t.Helper()
	var c Catalogue
	if status := f.ask(t, "GET", "/ui/api/streams", "", &c); status != 200 {
		t.Fatalf("status %d", status)
	}
	streams := map[string]Stream{}
	for _, s := range c.Streams {
		streams[s.Name] = s
	}
	return streams, c.Sampled
}

func TestTheCatalogueTellsWhatHappensOnStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counting := &countingLog{}
		f := newFixture(t, func(c *Config) { c.Schemas = testSchemas(t); counting.Log = c.Log; c.Log = counting })
		pass(30 * time.Second) // the clock begins at a full minute
		now := time.Now()
		f.produced("dc.notes", now.Add(-time.Hour), "{}")
		for range 3 {
			f.produced("dc.notes", now.Add(-5*time.Minute), "{}")
		}
		f.produced("dc.late", now.Add(-time.Hour), "{}")

		if streams, sampled := catalogueOf(t, f); sampled || len(streams) != 4 || streams["notes"].Minutes != nil {
			t.Errorf("before anything is known: %v, %v", sampled, streams)
		}
		synctest.Wait()
		streams, sampled := catalogueOf(t, f)
		want := make([]int64, minutesKept)
		want[minutesKept-1-5] = 3
		notes := streams["notes"]
		if !sampled || !slices.Equal(notes.Minutes, want) || notes.Last == nil || !notes.Last.Equal(now.Add(-5*time.Minute)) {
			t.Errorf("sampled %v, minutes %v, last %v", sampled, notes.Minutes, notes.Last)
		}
		if notes.SchemaVersion != "1.1.5" || !notes.Canary || notes.Service != "eventgate" || !slices.Equal(notes.Aliases, []string{"old.notes"}) || !slices.Equal(notes.Topics, []string{"dc.notes"}) {
			t.Errorf("%+v", notes)
		}
		if d := streams["late"].Deprecated; d == nil || d.Successor != "notes" || d.Sunset != "2027-01-01" {
			t.Errorf("late is deprecated %+v", d)
		}
		if last := streams["late"].Last; last == nil || !last.Equal(now.Add(-time.Hour)) {
			t.Errorf("late's last event was %v", last)
		}
		if s := streams["bare"]; s.Last != nil || len(s.Minutes) != minutesKept {
			t.Errorf("bare %+v", s)
		}

		// What comes while somebody looks is counted in the running minute, which becomes a past one.
		for range 10 {
			f.produced("dc.notes", time.Now(), "{}")
		}
		pass(sampleEvery + time.Second)
		streams, _ = catalogueOf(t, f)
		notes = streams["notes"]
		if notes.Minutes[minutesKept-1] != 10 || notes.PerSecond != 2 || time.Since(*notes.Last) > 6*time.Second {
			t.Errorf("after ten events: %v, %v/s, last %v ago", notes.Minutes, notes.PerSecond, time.Since(*notes.Last))
		}
		pass(30 * time.Second)
		streams, _ = catalogueOf(t, f)
		if m := streams["notes"].Minutes; m[minutesKept-2] != 10 || m[minutesKept-1] != 0 {
			t.Errorf("a minute later: %v", m)
		}

		// Nobody looks: nothing is asked any more, and who comes back waits for new numbers.
		pass(watched + 2*sampleEvery)
		asked := counting.asked.Load()
		pass(time.Hour)
		if again := counting.asked.Load(); again != asked {
			t.Errorf("Kafka was asked %d times while nobody looked", again-asked)
		}
		if _, sampled := catalogueOf(t, f); sampled {
			t.Error("numbers of an hour ago are told as new")
		}
		synctest.Wait()
		if streams, sampled := catalogueOf(t, f); !sampled || slices.Max(streams["notes"].Minutes) != 0 {
			t.Errorf("after an hour: %v", streams["notes"].Minutes)
		}
		f.Close()
	})
}

func TestRatesOutliveAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		f.log.Fail(errors.New("gone"))
		catalogueOf(t, f)
		pass(time.Second)
		if _, sampled := catalogueOf(t, f); sampled {
			t.Error("something is told that is not known")
		}
		f.log.Fail(nil)
		pass(2 * sampleEvery)
		if _, sampled := catalogueOf(t, f); !sampled {
			t.Error("nothing is told after the outage")
		}
		f.produced("dc.notes", time.Now(), "{}")
		pass(2 * sampleEvery)
		f.log.Recreate("dc.notes")
		pass(2 * sampleEvery)
		if streams, _ := catalogueOf(t, f); slices.Min(streams["notes"].Minutes) < 0 {
			t.Errorf("a topic that was made anew: %v", streams["notes"].Minutes)
		}
		f.Close()
	})
}

func TestOnlyAllowedStreamsAreTold(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Allowed = []string{"notes", "unknown"} })
	if streams, _ := catalogueOf(t, f); len(streams) != 1 || streams["notes"].Name != "notes" {
		t.Errorf("%v", streams)
	}
	for name, there := range map[string]bool{"notes": true, "old.notes": true, "late": false, "nothing": false} {
		if _, err := f.find(name); (err == nil) != there {
			t.Errorf("find(%q): %v", name, err)
		}
	}
}

// pass lets time pass in a bubble.
func pass(d time.Duration) { <-time.After(d) }
