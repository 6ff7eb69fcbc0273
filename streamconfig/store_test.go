package streamconfig

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

type reloads struct {
	mu   sync.Mutex
	errs []error
}

func (r *reloads) ConfigReloaded(_ time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

func (r *reloads) count() (good, bad int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, err := range r.errs {
		if err == nil {
			good++
		} else {
			bad++
		}
	}
	return good, bad
}

func TestReloadIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.yaml", "streams: {a: {schema_title: t}}")
	seen := &reloads{}
	s, err := NewStore(t.Context(), StoreConfig{Layout: Layout{Streams: []string{dir}}, Observer: seen})
	if err != nil {
		t.Fatal(err)
	}
	before := s.Current()
	write(t, dir, "b.yaml", "streams:\n  b: {schema_title: t}\n  c: {topics: 7}\n")
	if err := s.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "b.yaml:3:7: /streams/c/topics: topics is a number; it must") {
		t.Errorf("the error is %v", err)
	}
	if s.Current() != before {
		t.Error("a bad configuration is in use")
	}
	if r := s.Refused(); r == nil || r.Err == nil || r.At.IsZero() {
		t.Errorf("the refusal is not told: %+v", r)
	}
	write(t, dir, "b.yaml", "streams:\n  b: {schema_title: t}\n")
	if err := s.Reload(t.Context()); err != nil || names(s.Current()) != "a b" || s.Refused() != nil {
		t.Error(err, names(s.Current()), s.Refused())
	}
	if good, bad := seen.count(); good != 1 || bad != 1 {
		t.Error(good, bad)
	}
}

func TestWatchReloadsWhatChanges(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.yaml", "streams: {a: {schema_title: t}}")
	synctest.Test(t, func(t *testing.T) {
		seen := &reloads{}
		s, err := NewStore(t.Context(), StoreConfig{Layout: Layout{Streams: []string{dir}}, Observer: seen, Interval: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Watch(ctx); close(done) }()
		// Half a second after each look at the files.
		<-time.After(500 * time.Millisecond)
		pass := func() { <-time.After(time.Second) }
		pass()
		if good, bad := seen.count(); good+bad != 0 {
			t.Errorf("%d reloads of what did not change", good+bad)
		}
		write(t, dir, "b.yaml", "streams: {b: {}}")
		pass()
		if got := names(s.Current()); got != "a b" {
			t.Error(got)
		}
		write(t, dir, "b.yaml", "streams: {b: 7777777}")
		pass()
		if got := names(s.Current()); got != "a b" || s.Refused() == nil {
			t.Error(got, s.Refused())
		}
		if err := os.Remove(filepath.Join(dir, "b.yaml")); err != nil {
			t.Fatal(err)
		}
		pass()
		if got := names(s.Current()); got != "a" || s.Refused() != nil {
			t.Error(got, s.Refused())
		}
		cancel()
		<-done
		if good, bad := seen.count(); good != 2 || bad != 1 {
			t.Errorf("%d good and %d refused reloads", good, bad)
		}
	})
}

func TestAStoreNeedsAGoodStart(t *testing.T) {
	if _, err := NewStore(t.Context(), StoreConfig{}); err == nil {
		t.Error("no sources are no error")
	}
	dir := t.TempDir()
	write(t, dir, "a.yaml", "streams: 7")
	if _, err := NewStore(t.Context(), StoreConfig{Layout: Layout{Streams: []string{dir}}}); err == nil {
		t.Error("a bad first configuration is no error")
	}
}

// TestQueriesDuringReloads asks while configurations change: every answer is of one configuration, the old or the new.
func TestQueriesDuringReloads(t *testing.T) {
	dir := t.TempDir()
	one, two := "streams: {a: {n: 1}, b: {n: 1}}", "streams: {a: {n: 2}, b: {n: 2}}"
	write(t, dir, "s.yaml", one)
	s, err := NewStore(t.Context(), StoreConfig{Layout: Layout{Streams: []string{dir}}})
	if err != nil {
		t.Fatal(err)
	}
	h := NewStoreHandler(s)
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, target := range []string{"/v1/streams", "/w/api.php?action=streamconfigs&streams=a|b", "/v1/streams?stream=a&explain=true"} {
					body := ask(h, "GET", target).Body.String()
					if strings.Contains(body, `"n":1`) == strings.Contains(body, `"n":2`) {
						t.Errorf("%s: %s", target, body)
						return
					}
				}
			}
		})
	}
	for i := range 50 {
		write(t, dir, "s.yaml", []string{two, one, "streams: 7"}[i%3])
		if err := s.Reload(t.Context()); (err != nil) != (i%3 == 2) {
			t.Error(err)
		}
	}
	close(stop)
	clients.Wait()
}
