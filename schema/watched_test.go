package schema

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The operator is told which repository, which file and how it fails; the sender is not.
func TestTheOperatorIsToldWhyARepositoryDoesNotAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		fail func(s *server)
		want string
	}{
		"a status":        {func(s *server) { s.status = http.StatusBadGateway }, "http://schemas.test/repo: a/1.0.0: the server answers 502"},
		"time runs out":   {func(s *server) { s.delay = time.Hour }, "http://schemas.test/repo: a/1.0.0: no answer in time"},
		"no connection":   {func(s *server) { s.err = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")} }, "http://schemas.test/repo: a/1.0.0: dial tcp: connection refused"},
		"of what it uses": {func(s *server) { s.files["a/1.0.0"] = text("/a/1.0.0", "allOf: [{$ref: /b/1.0.0}]"); s.broken = "b/" }, "http://schemas.test/repo: b/1.0.0: the server answers 500"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{files: map[string]string{}}
				test.fail(s)
				r := serve(t, s, Config{Revalidate: -1})
				_, err := r.Lookup(t.Context(), "/a/1.0.0")
				var unavailable *UnavailableError
				if !errors.As(err, &unavailable) || strings.Contains(err.Error(), "schemas.test") {
					t.Fatalf("the sender is told %v", err)
				}
				log := &record{}
				log.logger().Warn("refused", slog.Any("cause", err))
				if len(log.lines(test.want)) != 1 {
					t.Errorf("the operator is told %s", &log.text)
				}
			})
		})
	}
}

// An outage is one line when it begins and one when it is over, however often a repository is asked meanwhile.
func TestAnOutageIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &record{}
		s := &server{files: map[string]string{"a/1.0.0": text("/a/1.0.0", ""), "b/1.0.0": text("/b/1.0.0", "")}}
		r := serve(t, s, Config{Revalidate: time.Minute, Logger: log.logger()})
		lookups(t, r, "/a/1.0.0", "/b/1.0.0")
		want := func(down, up int) {
			t.Helper()
			d, u := len(log.lines("does not answer", "the server answers 503", "repository=http://schemas.test/repo")), len(log.lines("answers again", "silent_for="))
			if d != down || u != up {
				t.Errorf("the log has %d beginnings and %d ends: %s", d, u, &log.text)
			}
		}
		for outage := range 2 {
			s.set("x", "", http.StatusServiceUnavailable)
			<-time.After(5 * time.Minute)
			want(outage+1, outage)
			s.set("x", "", 0)
			<-time.After(5 * time.Minute)
			want(outage+1, outage+1)
		}
		// One that answers by turns is out of order for all that time.
		for range 60 {
			s.set("x", "", http.StatusServiceUnavailable)
			r.Revalidate()
			s.set("x", "", 0)
			r.Revalidate()
			<-time.After(time.Second)
		}
		want(3, 2)
	})
}
