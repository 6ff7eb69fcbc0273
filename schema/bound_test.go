package schema

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A lookup has one time, whatever it reads: the name without extension, then with each, "latest", and what a schema refers to.
func TestALookupHasOneTimeForAllThatItReads(t *testing.T) {
	for name, uri := range map[string]string{"four candidates": "/none/1.0.0", "a listing": "/none/latest", "references": "/refers/1.0.0"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{files: map[string]string{}, delay: 3 * time.Second}
				s.files["refers/1.0.0"] = text("/refers/1.0.0", "allOf: [{$ref: /none/1.0.0}]")
				r := serve(t, s, Config{Revalidate: -1})
				start := time.Now()
				var unavailable *UnavailableError
				if _, err := r.Lookup(t.Context(), uri); !errors.As(err, &unavailable) {
					t.Errorf("the answer is %v", err)
				}
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// A repository that hangs leaves time to the one after it.
func TestARepositoryThatHangsLeavesTimeToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := &server{files: map[string]string{}, delay: time.Hour}
		works := &server{files: map[string]string{"a/1.0.0.json": `{"title":"a","$id":"/a/1.0.0","type":"object"}`}, delay: time.Second}
		r := open(t, Config{
			Bases: []string{"http://hangs.test/repo", "http://works.test/repo"}, Revalidate: -1,
			Client: &http.Client{Transport: byHost{"hangs.test": hangs, "works.test": works}},
		})
		start := time.Now()
		if _, err := r.Lookup(t.Context(), "/a/1.0.0"); err != nil || time.Since(start) != 9*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

type byHost map[string]*server

func (b byHost) RoundTrip(r *http.Request) (*http.Response, error) { return b[r.URL.Host].RoundTrip(r) }

// A file system that hangs holds nobody longer than he waits, and no more goroutines than there are places.
func TestAFileSystemThatHangsHoldsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hanging := make(chan struct{})
		var began atomic.Int32
		places := make(chan struct{}, 1)
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := within(ctx, places, func() (int, error) {
				began.Add(1)
				<-hanging
				return 1, nil
			})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the answer is %v", err)
			}
		}
		if began.Load() != 1 {
			t.Errorf("%d hang where there is one place", began.Load())
		}
		close(hanging)
		synctest.Wait()
		if n, err := within(t.Context(), places, func() (int, error) { return 2, nil }); n != 2 || err != nil {
			t.Errorf("afterwards: %d, %v", n, err)
		}
	})
}
