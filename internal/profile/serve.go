package profile

import (
	"context"
	"net/http"
	"net/http/pprof"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/felixge/fgprof"
)

// How long a profile takes that needs a time, if the request does not say; and at most.
const (
	defaultSeconds = 10
	maxSeconds     = 600
)

// While somebody asks for them, one of every blockRate nanoseconds of waiting and one of mutexFraction contended locks are counted.
const (
	blockRate     = 10_000
	mutexFraction = 10
)

// Handler serves Go's profiles below /debug/pprof/ (profile, heap, allocs, goroutine, block, mutex, trace …) and /debug/fgprof, which counts waiting as well as
// computing.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.Handle("/debug/pprof/block", counting(pprof.Handler("block"), func(on bool) {
		if on {
			runtime.SetBlockProfileRate(blockRate)
		} else {
			runtime.SetBlockProfileRate(0)
		}
	}))
	mux.Handle("/debug/pprof/mutex", counting(pprof.Handler("mutex"), func(on bool) {
		if on {
			runtime.SetMutexProfileFraction(mutexFraction)
		} else {
			runtime.SetMutexProfileFraction(0)
		}
	}))
	mux.HandleFunc("/debug/fgprof", wall)
	return mux
}

// counting serves a profile of what is only counted while somebody asks.
func counting(next http.Handler, count func(on bool)) http.Handler {
	var mu sync.Mutex
	asking := 0
	ask := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		if asking += n; asking == n || asking == 0 { // the first has come, or the last has gone
			count(asking > 0)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seconds, ok := secondsOf(w, r)
		if !ok {
			return
		}
		query := r.URL.Query()
		query.Set("seconds", strconv.Itoa(seconds))
		query.Del("debug")
		again := r.Clone(r.Context())
		again.URL.RawQuery = query.Encode()
		ask(1)
		defer ask(-1)
		next.ServeHTTP(w, again)
	})
}

// wall looks at all goroutines for some time, whatever they do.
func wall(w http.ResponseWriter, r *http.Request) {
	seconds, ok := secondsOf(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	stop := fgprof.Start(w, fgprof.FormatPprof)
	wait(r.Context(), time.Duration(seconds)*time.Second)
	_ = stop() // a client that has gone does not need it
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func secondsOf(w http.ResponseWriter, r *http.Request) (int, bool) {
	text := r.URL.Query().Get("seconds")
	if text == "" {
		return defaultSeconds, true
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 || seconds > maxSeconds {
		http.Error(w, "seconds must be a whole number from 1 to "+strconv.Itoa(maxSeconds), http.StatusBadRequest)
		return 0, false
	}
	return seconds, true
}
