package streamconfig

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// service is a configuration service in memory.
type service struct {
	mu       sync.Mutex
	requests []*http.Request
	times    []time.Time
	status   int
	body     string
	err      error
	delay    time.Duration
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	s.times = append(s.times, time.Now())
	status, body, err, delay := s.status, s.body, s.err, s.delay
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
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (s *service) answer(status int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.body, s.err = status, body, nil
}

func (s *service) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

const (
	apiURI = "http://mw.test/w/api.php?format=json&action=streamconfigs&constraints=destination_event_service=x"
	good   = `{"streams":{"a":{"schema_title":"t","producers":[],"topic_prefixes":["p."],"stream":"a","topics":["p.a"]},
		"/^j\\./":{"schema_title":"j","topic_prefixes":["p."],"stream":"/^j\\./","topics":["/^(p\\.)j\\./"]}}}`
	better   = `{"streams":{"a":{"schema_title":"t"},"b":{"schema_title":"t"}}}`
	apiError = `{"error":{"code":"internal_api_error_X","info":"Caught exception"}}`
)

func client(t *testing.T, s *service, c ClientConfig) *Client {
	t.Helper()
	c.URI, c.ObjectPath, c.Transport = apiURI, "streams", s
	client, err := NewClient(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestTheClientAsksAsEventGateDoes(t *testing.T) {
	s := &service{status: 200, body: good}
	c := client(t, s, ClientConfig{Header: http.Header{"Host": {"meta.wikimedia.org"}, "x-test": {"1"}}})
	r := s.requests[0]
	if r.Host != "meta.wikimedia.org" || r.URL.Host != "mw.test" || r.Header.Get("X-Test") != "1" || r.URL.String() != apiURI {
		t.Errorf("%s %s %v", r.Host, r.URL, r.Header)
	}
	j, ok := c.Current().Lookup("j.x")
	if !ok || strings.Join(j.TopicsFor("j.x"), ",") != "p.j.x" || j.SchemaTitle != "j" {
		t.Errorf("a regex stream of an answer: %+v", j)
	}
	if got := string(j.AppendSettings(nil, "j.x")); !strings.Contains(got, `"topics":["p.j.x"]`) {
		t.Error(got)
	}
}

func TestTheClientReadsItsOwnServersAnswers(t *testing.T) {
	served := mustParse(t, "x.yaml", "default_settings: {topic_prefixes: [p.]}\nstreams: {a: {schema_title: t}, /^j/i: {schema_title: j}}")
	got, err := parseAnswer("uri", []byte(`{"streams":`+string(served.allStreams())+`}`), "streams")
	if err != nil || string(got.allStreams()) != string(served.allStreams()) {
		t.Errorf("%v\n got %s\nwant %s", err, got.allStreams(), served.allStreams())
	}
}

func TestOneBadEntryOfAnAnswerCostsOnlyItself(t *testing.T) {
	c, err := parseAnswer("uri", []byte(`{"streams":{"a":{"schema_title":"t"},"/a++b(*ACCEPT)/":{},"c":"text","d":{"topics":7},"e":{}}}`), "streams")
	if err != nil || names(c) != "a e" || len(c.Warnings()) != 3 {
		t.Error(err, names(c), c.Warnings())
	}
}

func TestRetriesWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{err: errors.New("connection refused")}
		_, err := NewClient(t.Context(), ClientConfig{URI: apiURI, ObjectPath: "streams", Transport: s, Retries: 3})
		if err == nil || !strings.Contains(err.Error(), "connection refused") {
			t.Error(err)
		}
		if s.count() != 4 {
			t.Fatalf("%d attempts", s.count())
		}
		for i, longest := range []time.Duration{200, 400, 800} {
			pause := s.times[i+1].Sub(s.times[i])
			if pause < longest*time.Millisecond/2 || pause > longest*time.Millisecond {
				t.Errorf("pause %d is %v", i, pause)
			}
		}
	})
}

func TestAnErrorInTheBodyIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{status: 200, body: good}
		c := client(t, s, ClientConfig{Retries: -1})
		before := c.Current()
		for _, bad := range []string{apiError, `{"streams":7}`, `{}`, `not json`, `<html>`, ``} {
			s.answer(200, bad)
			if err := c.Refresh(t.Context()); err == nil {
				t.Errorf("%s is no error", bad)
			}
			if c.Current() != before {
				t.Fatalf("%s replaced the configuration", bad)
			}
		}
		s.answer(404, "")
		asked := s.count()
		c.config.Retries = 3
		if err := c.Refresh(t.Context()); err == nil || s.count() != asked+1 {
			t.Errorf("a 404 was asked for %d times: %v", s.count()-asked, err)
		}
		s.answer(200, better)
		if err := c.Refresh(t.Context()); err != nil || names(c.Current()) != "a b" {
			t.Error(err)
		}
	})
}

func TestTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{status: 200, body: good}
		seen := &reloads{}
		c := client(t, s, ClientConfig{TTL: time.Minute, Observer: seen})
		go c.Run(t.Context())
		s.answer(200, better)
		<-time.After(67 * time.Second)
		if names(c.Current()) != "a b" || s.count() != 2 {
			t.Error(names(c.Current()), s.count())
		}
		s.answer(500, "")
		<-time.After(10 * time.Minute)
		if names(c.Current()) != "a b" || c.Age() < 9*time.Minute {
			t.Error(names(c.Current()), c.Age())
		}
		if good, bad := seen.count(); good != 2 || bad < 8 {
			t.Errorf("%d good and %d failed fetches were counted", good, bad)
		}
	})
}

func TestAFloodOfUnknownNamesCostsOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{status: 200, body: good}
		c := client(t, s, ClientConfig{Dynamic: true, DynamicInterval: 10 * time.Second})
		var wg sync.WaitGroup
		for i := range 500 {
			wg.Go(func() {
				if _, ok, err := c.Find(t.Context(), fmt.Sprint("random", i)); ok || err != nil {
					t.Error(ok, err)
				}
			})
		}
		wg.Wait()
		if s.count() != 2 {
			t.Errorf("%d requests", s.count())
		}
		s.answer(200, better)
		if _, ok, _ := c.Find(t.Context(), "b"); ok {
			t.Error("asked again inside the interval")
		}
		<-time.After(10 * time.Second)
		if _, ok, err := c.Find(t.Context(), "b"); !ok || err != nil || s.count() != 3 {
			t.Error("a new stream is not found: ", err, s.count())
		}
		s.answer(503, "")
		<-time.After(10 * time.Second)
		if _, ok, err := c.Find(t.Context(), "c"); ok || err == nil {
			t.Error("a failed fetch is not told")
		}
	})
}

// A service that hangs costs one fetch, however many ask; none of them waits long, and what it answers in the end is taken.
func TestNobodyWaitsLongForAHangingService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{status: 200, body: good}
		c := client(t, s, ClientConfig{Dynamic: true, Retries: 100})
		s.mu.Lock()
		s.body, s.delay = better, 9*time.Second
		s.mu.Unlock()
		start := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				for range 5 { // names of one request, one after the other
					if _, ok, err := c.Find(t.Context(), "b"); ok || err == nil || !strings.Contains(err.Error(), "was not there after 2s") {
						t.Error(ok, err)
					}
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took != patience || s.count() != 2 {
			t.Errorf("they waited %v for %d requests", took, s.count())
		}
		if _, ok, err := c.Find(t.Context(), "b"); ok || err == nil || time.Since(start) != patience {
			t.Error("one who came later: ", ok, err, time.Since(start))
		}
		if err := c.Reload(t.Context()); err == nil || time.Since(start) != 2*patience {
			t.Error("a reload: ", err, time.Since(start))
		}
		<-time.After(9*time.Second - 2*patience)
		synctest.Wait()
		if _, ok, err := c.Find(t.Context(), "b"); !ok || err != nil || s.count() != 2 {
			t.Error("the late answer is not used: ", ok, err, s.count())
		}
	})
}

// As long as the last fetch failed an unknown name is no refusal: the sender is to come again.
func TestAFailedFetchIsToldForTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{status: 200, body: good}
		c := client(t, s, ClientConfig{Dynamic: true, Retries: -1})
		s.answer(404, "")
		for range 3 {
			if _, ok, err := c.Find(t.Context(), "b"); ok || err == nil || s.count() != 2 {
				t.Error(ok, err, s.count())
			}
			<-time.After(time.Second)
		}
		s.answer(200, good)
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := c.Find(t.Context(), "b"); ok || err != nil || s.count() != 3 {
			t.Error("after a good one: ", ok, err, s.count())
		}
	})
}

func TestAStartDuringAnOutageUsesWhatWasKept(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "streams.json")
	synctest.Test(t, func(t *testing.T) {
		s := &service{status: 200, body: good}
		client(t, s, ClientConfig{CacheFile: kept})
		s.answer(503, "")
		<-time.After(time.Hour)
		c := client(t, s, ClientConfig{CacheFile: kept})
		if names(c.Current()) != `a /^j\./` || c.Age() < time.Hour {
			t.Error(names(c.Current()), c.Age())
		}
		if _, err := NewClient(t.Context(), ClientConfig{URI: "http://other.test/", Transport: s, CacheFile: kept}); err == nil {
			t.Error("what was kept of another service was used")
		}
	})
}

func TestAHangingServiceIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{delay: time.Hour}
		start := time.Now()
		if _, err := NewClient(t.Context(), ClientConfig{URI: apiURI, Transport: s, Retries: 1, Timeout: 2 * time.Second}); err == nil {
			t.Error("no error")
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAFileIsASourceLikeAnother(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "s.yaml", "default_settings: {topic_prefixes: [p.]}\nstreams: {a: {}}")
	c, err := NewClient(t.Context(), ClientConfig{URI: "file://" + filepath.Join(dir, "s.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if s, _ := c.Current().Lookup("a"); s == nil || s.Topics[0] != "p.a" {
		t.Error(names(c.Current()))
	}
	withPath, err := NewClient(t.Context(), ClientConfig{URI: filepath.Join(dir, "s.yaml"), ObjectPath: "streams"})
	if err != nil {
		t.Fatal(err)
	}
	defer withPath.Close()
	if s, _ := withPath.Current().Lookup("a"); s == nil || s.Topics[0] != "p.a" {
		t.Error("a document of declarations lost its defaults because of the object path")
	}
	write(t, dir, "bare.yaml", "a: {topic_prefixes: [q.]}\nb: {}")
	bare, err := NewClient(t.Context(), ClientConfig{URI: filepath.Join(dir, "bare.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	if s, _ := bare.Current().Lookup("a"); s == nil || s.Topics[0] != "q.a" || len(bare.Current().Streams()) != 2 {
		t.Error(names(bare.Current()))
	}
	if _, err := NewClient(t.Context(), ClientConfig{URI: filepath.Join(dir, "nothing")}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}
