package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/eventstreams/client"
)

// Stream checks that streams bring an event.
type Stream struct {
	// From is what to consume: URL, Streams and Query.
	From client.Config
	// Warning and Within bound the time until the first event; Warning may be 0.
	Warning, Within time.Duration
	// Datacenter, if set, is where the event must come from: what its topic begins with, without the dot.
	Datacenter string
	// IgnoreCanary leaves out canary events, so that the stream's own must come.
	IgnoreCanary bool
	// Header is sent besides, such as the X-Client-IP that a proxy in front would set.
	Header http.Header
}

// header is what checks read of an event.
type header struct {
	Meta struct {
		ID     string `json:"id"`
		Stream string `json:"stream"`
		Domain string `json:"domain"`
		Topic  string `json:"topic"`
		Time   string `json:"dt"`
	} `json:"meta"`
}

func (h *header) isCanary() bool { return h.Meta.Domain == "canary" }

// datacenter is where the event was produced: the prefix of its topic.
func (h *header) datacenter() string {
	prefix, ok := strings.CutSuffix(h.Meta.Topic, h.Meta.Stream)
	if !ok {
		prefix, _, _ = strings.Cut(h.Meta.Topic, ".")
	}
	return strings.TrimSuffix(prefix, ".")
}

// errEnough ends consuming.
var errEnough = errors.New("enough")

// Run waits for an event.
func (c Stream) Run(ctx context.Context) Result {
	const name = "STREAM"
	streams := strings.Join(c.From.Streams, ",")
	if c.Datacenter != "" {
		streams += " from " + c.Datacenter
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	var trouble error
	c.From.HTTP = &http.Client{CheckRedirect: stay, Transport: adding{header: c.Header}}
	c.From.OnRetry = func(err error, _ time.Duration) { trouble = err }
	var got header
	canaries, elsewhere := 0, 0
	err := client.Consume(ctx, c.From, func(e client.Event) error {
		got = header{}
		_ = json.Unmarshal(e.Data, &got) // what has no meta of that form is an event all the same, if nothing is asked of it
		switch {
		case c.IgnoreCanary && got.isCanary():
			canaries++
			return nil
		case c.Datacenter != "" && got.datacenter() != c.Datacenter:
			elsewhere++
			return nil
		}
		return errEnough
	})
	took := time.Since(began)
	values := []Value{seconds("time", took, c.Warning, c.Within)}
	switch status := (*client.StatusError)(nil); {
	case errors.Is(err, errEnough):
		r := Result{Name: name, Text: fmt.Sprintf("an event of %s after %.2f s", streams, took.Seconds()), Values: values}
		if at, err := time.Parse(time.RFC3339Nano, got.Meta.Time); err == nil {
			age := max(time.Since(at), 0)
			r.Text += fmt.Sprintf(", %.2f s old", age.Seconds())
			r.Values = append(r.Values, seconds("age", age, 0, 0))
		}
		if c.Warning > 0 && took > c.Warning {
			r.Status = Warning
		}
		return r
	case errors.As(err, &status):
		return failed(name, Critical, "%s: %v", streams, status)
	case err == nil:
		err = errors.New("the stream has ended")
	case errors.Is(err, context.DeadlineExceeded):
		err = nil
	}
	r := failed(name, Critical, "no event of %s within %v", streams, c.Within)
	for _, e := range []error{err, trouble} {
		if e != nil {
			r.Text = oneLine(fmt.Sprintf("no event of %s: %v", streams, e))
		}
	}
	if canaries+elsewhere > 0 {
		r.Text += fmt.Sprintf("; not counted: %d canary events, %d of other data centres", canaries, elsewhere)
	}
	r.Values = values
	return r
}
