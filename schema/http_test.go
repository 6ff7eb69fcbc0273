package schema

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// server is an HTTP repository in memory.
type server struct {
	mu       sync.Mutex
	files    map[string]string
	requests []string

	authorized int // requests with a password

	status int           // answered instead, if not 0
	err    error         // instead of an answer
	broken string        // files that begin so are answered 500
	delay  time.Duration // before each answer
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.Path)
	if _, _, ok := r.BasicAuth(); ok {
		s.authorized++
	}
	status, delay, err := s.status, s.delay, s.err
	if s.broken != "" && strings.HasPrefix(r.URL.Path, "/repo/"+s.broken) {
		status = http.StatusInternalServerError
	}
	body, ok := s.files[strings.TrimPrefix(r.URL.Path, "/repo/")]
	s.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if err != nil {
		return nil, err
	}
	etag := fmt.Sprintf(`"%d-%d"`, len(body), strings.Count(body, "x"))
	switch {
	case status != 0:
		body = ""
	case !ok:
		status = http.StatusNotFound
	case r.Header.Get("If-None-Match") == etag:
		status, body = http.StatusNotModified, ""
	default:
		status = http.StatusOK
	}
	return &http.Response{
		StatusCode: status, Status: fmt.Sprint(status), Header: http.Header{"Etag": {etag}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

func (s *server) set(name, text string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name], s.status = text, status
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

func serve(t *testing.T, s *server, c Config) *Repositories {
	c.Bases = []string{"http://schemas.test/repo"}
	c.Client = &http.Client{Transport: s}
	return open(t, c)
}

func TestManyWaitersCauseOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{files: map[string]string{"a/1.0.0": text("/a/1.0.0", "")}, delay: time.Second}
		r := serve(t, s, Config{Revalidate: -1})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := r.Lookup(t.Context(), "/a/1.0.0"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s.count() != 1 {
			t.Errorf("requests: %v", s.requests)
		}
	})
}

func TestOneWhoStopsWaitingTakesNothingFromTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{files: map[string]string{"a/1.0.0": text("/a/1.0.0", "")}, delay: time.Second}
		r := serve(t, s, Config{Revalidate: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := r.Lookup(ctx, "/a/1.0.0"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if _, err := r.Lookup(t.Context(), "/a/1.0.0"); err != nil || s.count() != 1 {
			t.Error(err, s.requests)
		}
	})
}

func TestWhatIsNotFoundIsRememberedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{files: map[string]string{}}
		r := serve(t, s, Config{Revalidate: -1, NegativeTTL: 10 * time.Second})
		var notFound *NotFoundError
		for range 5 {
			if _, err := r.Lookup(t.Context(), "/new/1.0.0"); !errors.As(err, &notFound) {
				t.Fatal(err)
			}
		}
		if s.count() != 4 {
			t.Errorf("requests: %v", s.requests)
		}
		s.set("new/1.0.0", text("/new/1.0.0", ""), 0)
		<-time.After(10 * time.Second)
		if _, err := r.Lookup(t.Context(), "/new/1.0.0"); err != nil {
			t.Error("the new version is not picked up: ", err)
		}
	})
}

func TestAServerThatHangsIsAnsweredInBoundedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{files: map[string]string{}, delay: time.Hour}
		r := serve(t, s, Config{Revalidate: -1, Timeout: 3 * time.Second})
		start := time.Now()
		var unavailable *UnavailableError
		if _, err := r.Lookup(t.Context(), "/a/1.0.0"); !errors.As(err, &unavailable) {
			t.Error(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAnErrorOfTheServerIsAskedAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{files: map[string]string{"a/1.0.0": text("/a/1.0.0", "")}, status: 503}
		r := serve(t, s, Config{Revalidate: -1})
		var unavailable *UnavailableError
		if _, err := r.Lookup(t.Context(), "/a/1.0.0"); !errors.As(err, &unavailable) || strings.Contains(err.Error(), "schemas.test") {
			t.Error(err)
		}
		s.set("b/1.0.0", "", 0)
		<-time.After(time.Second)
		if _, err := r.Lookup(t.Context(), "/a/1.0.0"); err != nil {
			t.Error(err)
		}
	})
}

func TestRevalidation(t *testing.T) {
	for _, take := range []bool{false, true} {
		t.Run(fmt.Sprintf("TakeChanges=%v", take), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				old, changed := text("/a/1.0.0", ""), text("/a/1.0.0", "description: x")
				s := &server{files: map[string]string{"a/1.0.0": old, "a/latest": "1.0.0.yaml", "a/1.0.0.yaml": old}}
				seen := &changes{}
				r := serve(t, s, Config{Revalidate: time.Minute, TakeChanges: take, Observer: seen})
				first, err := r.Lookup(t.Context(), "/a/1.0.0")
				if err != nil {
					t.Fatal(err)
				}
				asked := s.count()
				<-time.After(61 * time.Second)
				if now, _ := r.LookupBytes([]byte("/a/1.0.0")); now != first || s.count() != asked+1 {
					t.Errorf("after an unchanged minute: same %v, %d requests more", now == first, s.count()-asked)
				}
				s.set("a/1.0.0", "", http.StatusInternalServerError)
				<-time.After(time.Minute)
				if now, _ := r.LookupBytes([]byte("/a/1.0.0")); now != first {
					t.Error("a server in trouble changed what is known")
				}
				s.set("a/1.0.0", changed, 0)
				<-time.After(2 * time.Minute)
				now, _ := r.LookupBytes([]byte("/a/1.0.0"))
				if (now != first) != take {
					t.Errorf("the changed version is used: %v", now != first)
				}
				if n := seen.count(); n != 1 {
					t.Errorf("the change was reported %d times", n)
				}
			})
		})
	}
}

func TestLatestFollowsANewVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{files: map[string]string{"a/latest": "1.0.0.yaml", "a/1.0.0.yaml": text("/a/1.0.0", "")}}
		r := serve(t, s, Config{Revalidate: time.Minute})
		if s, err := r.Latest(t.Context(), "a"); err != nil || s.URI != "/a/1.0.0" {
			t.Fatal(s, err)
		}
		s.set("a/1.1.0.yaml", text("/a/1.1.0", ""), 0)
		s.set("a/latest", "1.1.0.yaml", 0)
		<-time.After(61 * time.Second)
		if s, err := r.Latest(t.Context(), "a"); err != nil || s.URI != "/a/1.1.0" {
			t.Error(s, err)
		}
	})
}

// take makes files be there no more.
func (s *server) take(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, name)
}

type changes struct {
	mu   sync.Mutex
	uris []string
}

func (c *changes) SchemaLoaded(string, time.Duration, error) {}
func (c *changes) SchemaChanged(uri string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.uris = append(c.uris, uri)
}

func (c *changes) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.uris)
}

func TestCloseAnswersThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{files: map[string]string{}, delay: time.Hour}
		r := serve(t, s, Config{Timeout: time.Hour})
		got := make(chan error, 1)
		go func() {
			_, err := r.Lookup(t.Context(), "/a/1.0.0")
			got <- err
		}()
		synctest.Wait()
		r.Close()
		if err := <-got; err == nil {
			t.Error("no error")
		}
		if _, err := r.Lookup(t.Context(), "/b/1.0.0"); err == nil {
			t.Error("a lookup after Close")
		}
	})
}

func TestURLsThatAreNoRepository(t *testing.T) {
	for _, u := range []string{"http://", "https:///x", "http://x/?a=b", "http://x/#f"} {
		if r, err := New(Config{Bases: []string{u}}); err == nil {
			r.Close()
			t.Errorf("%s was taken", u)
		}
	}
}

// A password in a repository's URL is used for requests, and told nobody: pages, logs and metrics have the URL without it.
func TestCredentialsAreNotTold(t *testing.T) {
	log := &record{}
	s := &server{files: map[string]string{"a/1.0.0": text("/a/1.0.0", "")}}
	r := open(t, Config{Bases: []string{"http://user:secret@schemas.test/repo"}, Client: &http.Client{Transport: s}, Logger: log.logger()})
	found, err := r.Lookup(t.Context(), "/a/1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if found.Base != "http://schemas.test/repo" || found.File != "http://schemas.test/repo/a/1.0.0" || r.Revisions()[0].Base != found.Base {
		t.Errorf("read from %s of %s, told of %s", found.File, found.Base, r.Revisions()[0].Base)
	}
	if s.authorized == 0 {
		t.Error("the server is asked without the password")
	}
	s.set("x", "", http.StatusForbidden)
	_, err = r.Lookup(t.Context(), "/b/1.0.0")
	log.logger().Warn("refused", "cause", err)
	if len(log.lines("the server answers 403")) != 2 || len(log.lines("secret")) > 0 {
		t.Errorf("the log has %s", &log.text)
	}
}

func TestRevisions(t *testing.T) {
	commit := strings.Repeat("0123456789", 4)
	plain, git, packed := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, plain, "a/1.0.0.yaml", text("/a/1.0.0", ""))
	write(t, git, ".git/HEAD", "ref: refs/heads/main\n")
	write(t, git, ".git/refs/heads/main", commit+"\n")
	write(t, git, "jsonschema/a/1.0.0.yaml", text("/a/1.0.0", ""))
	write(t, packed, ".git/HEAD", "ref: refs/heads/main\n")
	write(t, packed, ".git/packed-refs", "# pack-refs\n"+commit+" refs/heads/main\n")
	r := open(t, Config{Bases: []string{plain, git, filepath.Join(git, "jsonschema"), packed}})
	revisions := r.Revisions()
	for i, rev := range revisions[1:] {
		if rev.Revision != commit {
			t.Errorf("repository %d: %q", i+1, rev.Revision)
		}
	}
	before := revisions[0].Revision
	if !strings.HasPrefix(before, "sha256:") {
		t.Errorf("a folder without git: %q", before)
	}
	write(t, plain, "a/1.1.0.yaml", text("/a/1.1.0", ""))
	if after := r.Revisions()[0].Revision; after == before {
		t.Error("a new file left the digest as it was")
	}
	if err := os.RemoveAll(plain); err != nil {
		t.Fatal(err)
	}
	r.Revisions()
}
