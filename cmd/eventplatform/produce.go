package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
)

type produceCommand struct {
	To     string   `default:"http://127.0.0.1:8080" help:"The intake." placeholder:"URL"`
	Batch  int      `default:"100" help:"How many events travel in a request, at most." placeholder:"N"`
	DryRun bool     `env:"-" help:"Have the events checked and not produced; this platform's intake only."`
	JSON   bool     `help:"Print a JSON object for every event, also for those that were accepted: file, line, status, id, reason, and where it is (topic, partition, offset) if the intake tells."`
	Files  []string `arg:"" optional:"" help:"Files of events, one a line; - is standard input." default:"-"`
}

// Bounds of a request: more events than maxBatch are never in it, and no further one once it has batchBytes.
const (
	maxBatch   = 10_000
	batchBytes = 1 << 20
)

// Run sends every line of every file. An event without a meta.id gets one first, so that sending it again gives no other event: what an intake could not
// take, or did not answer for, is sent again for a while.
func (c *produceCommand) Run(ctx context.Context, t *terminal) error {
	if c.Batch < 1 || c.Batch > maxBatch {
		return fmt.Errorf("--batch %d: it must be from 1 to %d", c.Batch, maxBatch)
	}
	to, err := c.intake()
	if err != nil {
		return err
	}
	plan, err := event.NewPlan("meta.id")
	if err != nil {
		return err
	}
	p := &production{
		sender: sender{to: to}, plan: plan, size: c.Batch, json: c.JSON, out: bufio.NewWriter(t.Out),
	}
	for _, name := range c.Files {
		if err = p.file(ctx, name, t.In); err != nil {
			break
		}
	}
	if err == nil {
		err = p.flush(ctx)
	}
	if err = errors.Join(err, p.out.Flush()); err != nil {
		return err
	}
	word := "accepted"
	if c.DryRun {
		word = "would be accepted"
	}
	fmt.Fprintf(t.Err, "%d events %s, %d refused, %d failed\n", p.counts[accepted], word, p.counts[refused], p.counts[failed])
	return failedIf(p.counts[refused]+p.counts[failed] > 0)
}

func (c *produceCommand) intake() (string, error) {
	u, err := url.Parse(c.To)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("--to %s: write the intake's URL, such as http://127.0.0.1:8080", c.To)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/events"
	}
	q := u.Query()
	if c.DryRun {
		q.Set("dry_run", "true")
	}
	if c.JSON {
		q.Set("receipt", "true")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// fate is what became of an event.
type fate string

const (
	accepted fate = "accepted"
	refused  fate = "refused" // by the sender's fault: sending it again will not help
	failed   fate = "failed"  // tried again until there was no point in it
)

// outgoing is an event on its way.
type outgoing struct {
	file   string
	line   int
	id     string
	text   []byte
	fate   fate // "" as long as it is not known
	reason string
	at     receipt
}

// receipt says where an event is, as far as the intake tells.
type receipt struct {
	Topic     string `json:"topic,omitempty"`
	Partition *int32 `json:"partition,omitempty"`
	Offset    *int64 `json:"offset,omitempty"`
}

// production is one run over any number of files.
type production struct {
	sender
	plan   *event.Plan
	size   int
	json   bool
	out    *bufio.Writer
	batch  []*outgoing
	bytes  int
	counts map[fate]int
}

func (p *production) file(ctx context.Context, name string, stdin io.Reader) error {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for line := 1; lines.Scan(); line++ {
		if text := bytes.TrimSpace(lines.Bytes()); len(text) > 0 {
			if err := p.add(ctx, &outgoing{file: name, line: line, text: bytes.Clone(text)}); err != nil {
				return err
			}
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("%s: a line is longer than %d MiB: events are one a line", name, maxLine>>20)
	}
	return lines.Err()
}

// add takes one event in, and sends the batch when it is full.
func (p *production) add(ctx context.Context, e *outgoing) error {
	if err := p.prepare(e); err != nil {
		e.fate, e.reason = refused, err.Error()
	}
	p.batch = append(p.batch, e)
	p.bytes += len(e.text)
	if len(p.batch) < p.size && p.bytes < batchBytes {
		return nil
	}
	return p.flush(ctx)
}

// prepare checks that the line is an object, or one broken line would have its whole request refused, and gives it an id.
func (p *production) prepare(e *outgoing) error {
	if err := rawjson.Check(e.text); err != nil {
		return err
	}
	if e.text[0] != '{' {
		return errors.New("not an event: an event is an object")
	}
	fields := make([]event.Field, p.plan.Len())
	p.plan.Scan(e.text, 0, fields)
	slot := p.plan.Slot("meta.id")
	if id := fields[slot].In(e.text); id != nil {
		return json.Unmarshal(id, &e.id)
	}
	values := make([][]byte, p.plan.Len())
	id := event.AppendID(nil, time.Now())
	values[slot] = rawjson.AppendQuoted(nil, id)
	insertions, _ := p.plan.Fill(nil, nil, e.text, fields, values)
	e.id, e.text = string(id), rawjson.Splice(nil, e.text, insertions)
	return nil
}

// flush sends the batch and tells what became of it.
func (p *production) flush(ctx context.Context) error {
	p.send(ctx, p.batch)
	if p.counts == nil {
		p.counts = map[fate]int{}
	}
	for _, e := range p.batch {
		p.counts[e.fate]++
		if err := p.report(e); err != nil {
			return err
		}
	}
	p.batch, p.bytes = p.batch[:0], 0
	if err := ctx.Err(); err != nil {
		return errors.New("interrupted: what follows was not sent")
	}
	return nil
}

func (p *production) report(e *outgoing) error {
	if p.json {
		encoder := json.NewEncoder(p.out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			File   string `json:"file"`
			Line   int    `json:"line"`
			Status fate   `json:"status"`
			ID     string `json:"id,omitempty"`
			receipt
			Reason string `json:"reason,omitempty"`
		}{e.file, e.line, e.fate, e.id, e.at, e.reason})
	}
	if e.fate == accepted {
		return nil
	}
	_, err := fmt.Fprintf(p.out, "%s:%d: %s: %s\n", e.file, e.line, e.fate, e.reason)
	return err
}
