package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Intake checks that an intake takes an event.
type Intake struct {
	// URL is the intake's. With a path it is asked for as it is, else /v1/_test/events is: the intake's own test events, which it produces.
	URL string
	// Stream, if set, is sent an event of the schema /test/event/1.0.0 instead.
	Stream string
	// DryRun has that event checked, and not produced. Only this platform's intake knows it; others produce the event.
	DryRun bool
	// Warning and Critical bound the time until the answer; Critical also ends the check.
	Warning, Critical time.Duration
	UserAgent         string
}

// Run sends the event.
func (c Intake) Run(ctx context.Context) Result {
	const name = "INTAKE"
	to, body, err := c.request()
	if err != nil {
		return failed(name, Unknown, "%v", err)
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.Critical)
	defer cancel()
	got, err := ask(ctx, c.UserAgent, to, body)
	took := time.Since(began)
	values := []Value{seconds("time", took, c.Warning, c.Critical)}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Result{Name: name, Status: Critical, Text: fmt.Sprintf("no answer within %v", c.Critical), Values: values}
	case err != nil:
		return failed(name, Critical, "%v", err)
	case got.code == http.StatusNotFound && c.Stream == "":
		return failed(name, Critical, "the intake has no test events (404): configure test_events, or name a stream of the schema test/event with --stream")
	case got.code != http.StatusCreated && got.code != http.StatusAccepted && (got.code != http.StatusOK || !c.DryRun):
		return Result{Name: name, Status: Critical, Text: got.status + excerpt(got.body), Values: values}
	}
	r := Result{Name: name, Text: fmt.Sprintf("%s after %.3f s", got.status, took.Seconds()), Values: values}
	if c.Warning > 0 && took > c.Warning {
		r.Status = Warning
	}
	return r
}

func (c Intake) request() (to, body string, err error) {
	if c.Stream == "" {
		if c.DryRun {
			return "", "", errors.New("the intake's own test events are always produced: a dry run needs a stream")
		}
		to, err = at(c.URL, "/v1/_test/events")
		return to, "", err
	}
	if to, err = at(c.URL, "/v1/events"); err != nil {
		return "", "", err
	}
	if c.DryRun {
		u, err := url.Parse(to)
		if err != nil {
			return "", "", err
		}
		q := u.Query()
		q.Set("dry_run", "true")
		u.RawQuery = q.Encode()
		to = u.String()
	}
	stream, err := json.Marshal(c.Stream)
	return to, `{"$schema":"/test/event/1.0.0","meta":{"stream":` + string(stream) + `},"test":"check"}`, err
}

// excerpt is the beginning of an answer's body.
func excerpt(body []byte) string {
	text := strings.Join(strings.Fields(string(body)), " ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	if text == "" {
		return ""
	}
	return ": " + text
}
