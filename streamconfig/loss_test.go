package streamconfig

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

func TestAnAnswerWithoutStreamsIsAFailedFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		kept := filepath.Join(t.TempDir(), "streams.json")
		s, seen := &service{status: 200, body: good}, &reloads{}
		c := client(t, s, ClientConfig{Observer: seen, Logger: slog.New(slog.NewTextHandler(&log, nil)), CacheFile: kept})
		before := c.Current()
		for i, empty := range []string{`{"streams":{}}`, `{"streams":[]}`, `{"streams":{"a":"text","/a++b(*ACCEPT)/":{}}}`} {
			log.Reset()
			s.answer(200, empty)
			if err := c.Refresh(t.Context()); err == nil || c.Current() != before {
				t.Errorf("%s replaced the configuration: %v", empty, err)
			}
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "0 streams, before 2") {
				t.Errorf("%s: logged %s", empty, &log)
			}
			if good, bad := seen.count(); good != 1 || bad != i+1 || s.count() != i+2 {
				t.Errorf("%s: %d good and %d failed fetches, %d requests", empty, good, bad, s.count())
			}
		}
		// A start takes it, in spite of what was kept: it is how somebody who means it has it.
		log.Reset()
		if again := client(t, s, ClientConfig{Logger: slog.New(slog.NewTextHandler(&log, nil)), CacheFile: kept}); len(again.Current().Streams()) != 0 ||
			!strings.Contains(log.String(), "has no streams") {
			t.Errorf("a start has %s and logs %s", names(again.Current()), &log)
		}
	})
}

func TestAnEmptiedSourceIsRefused(t *testing.T) {
	var log bytes.Buffer
	dir := t.TempDir()
	write(t, dir, "s.yaml", "streams: {a: {}, b: {}, c: {}}")
	s, err := NewStore(t.Context(), StoreConfig{Layout: Layout{Streams: []string{dir}}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "s.yaml", "streams: {}")
	if err := s.Reload(t.Context()); err == nil || s.Refused() == nil || len(s.Current().Streams()) != 3 {
		t.Errorf("%v: there are %d streams", err, len(s.Current().Streams()))
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "0 streams, before 3") {
		t.Errorf("logged %s", &log)
	}
	for _, test := range []struct {
		text   string
		warned int
	}{{"streams: {a: {}, b: {}, d: {}}", 0}, {"streams: {d: {}, e: {}}", 1}, {"streams: {d: {}, e: {}}", 0}} {
		log.Reset()
		write(t, dir, "s.yaml", test.text)
		if err := s.Reload(t.Context()); err != nil {
			t.Error(err)
		}
		if got := strings.Count(log.String(), "lost more than half"); got != test.warned {
			t.Errorf("%s: %d warnings: %s", test.text, got, &log)
		}
	}
}
