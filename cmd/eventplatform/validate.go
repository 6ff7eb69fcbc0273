package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/jsonschema"
	"github.com/eventplatform/eventplatform/schema"
)

type validateCommand struct {
	Schemas []string `help:"Schema repository: a folder or URL. Repeatable. Without any: the built-in schemas." placeholder:"DIR|URL" sep:"none"`
	JSON    bool     `help:"One JSON object a line instead of text."`
	Files   []string `arg:"" optional:"" help:"Files of events, one a line; - is standard input." default:"-"`
}

// maxLine bounds one event, in bytes.
const maxLine = 64 << 20

// Run checks every line of every file; it fails if any event is invalid.
func (c *validateCommand) Run(ctx context.Context, t *terminal) error {
	repositories, err := openRepositories(schemaConfig(c.Schemas))
	if err != nil {
		return err
	}
	defer repositories.Close()
	plan, err := event.NewPlan("$schema")
	if err != nil {
		return err
	}
	v := &validation{
		ctx: ctx, schemas: repositories, json: c.JSON, out: bufio.NewWriterSize(t.Out, 64<<10),
		plan: plan, fields: make([]event.Field, plan.Len()), progress: newProgress(t),
	}
	for _, name := range c.Files {
		if err := v.file(name, t.In); err != nil {
			return errors.Join(err, v.out.Flush())
		}
	}
	v.progress.end()
	if err := v.out.Flush(); err != nil {
		return err
	}
	if v.invalid > 0 {
		fmt.Fprintf(t.Err, "%d of %d events are invalid\n", v.invalid, v.events)
		return errFailed
	}
	return nil
}

// validation is one run over any number of files.
type validation struct {
	ctx             context.Context
	schemas         *schema.Repositories
	json            bool
	out             *bufio.Writer
	progress        *progress
	plan            *event.Plan
	fields          []event.Field
	uri             []byte // buffer
	events, invalid int
}

// verdict is what is said of one line; in this form with --json.
type verdict struct {
	File       string             `json:"file,omitempty"`
	Line       int                `json:"line"`
	Valid      bool               `json:"valid"`
	Schema     string             `json:"schema,omitempty"`
	Errors     []jsonschema.Error `json:"errors,omitempty"`
	ErrorsText string             `json:"errorsText,omitempty"`
}

func (v *validation) file(name string, stdin io.Reader) error {
	in, size := stdin, int64(0)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
		in = f
	}
	v.progress.begin(name, size)
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 1<<20), maxLine)
	for line := 1; lines.Scan(); line++ {
		if v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		v.progress.add(len(lines.Bytes()) + 1)
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		r := verdict{Line: line}
		if name != "-" {
			r.File = name
		}
		v.check(text, &r)
		if err := v.write(&r); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("%s: a line is longer than %d MiB: events are one a line", name, maxLine>>20)
	}
	return lines.Err()
}

// check judges one event. Its schema is found in one structural scan, and one strict pass judges the rest; only a refusal takes another.
func (v *validation) check(text []byte, r *verdict) {
	v.events++
	s, err := v.schema(text)
	if err == nil {
		r.Schema = s.URI
		if r.Valid = s.Validator.Check(text).Valid; r.Valid {
			return
		}
		err = s.Validator.Validate(text)
	} else if syntax := rawjson.Check(text); syntax != nil {
		err = syntax
	}
	v.invalid++
	r.ErrorsText = err.Error()
	if failed, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		r.Errors, r.ErrorsText = failed.Errors, failed.ErrorsText()
	}
}

// schema finds the schema that the event names.
func (v *validation) schema(text []byte) (*schema.Schema, error) {
	const missing = `the event has no "$schema" that names its schema, for example "/test/event/1.0.0"`
	if v.plan.Scan(text, 0, v.fields) < 0 {
		return nil, errors.New(missing)
	}
	named := v.fields[v.plan.Slot("$schema")].In(text)
	if len(named) == 0 || named[0] != '"' {
		return nil, errors.New(missing)
	}
	v.uri = rawjson.AppendUnquoted(v.uri[:0], named)
	if s, ok := v.schemas.LookupBytes(v.uri); ok {
		return s, nil
	}
	return v.schemas.Lookup(v.ctx, string(v.uri))
}

func (v *validation) write(r *verdict) error {
	if v.json {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = v.out.Write(append(text, '\n'))
		return err
	}
	line := v.out.AvailableBuffer()
	if r.File != "" {
		line = append(append(line, r.File...), ':')
	} else {
		line = append(line, "line "...)
	}
	line = strconv.AppendInt(line, int64(r.Line), 10)
	if r.Valid {
		line = append(line, ": valid\n"...)
	} else {
		line = append(append(append(line, ": invalid: "...), r.ErrorsText...), '\n')
	}
	_, err := v.out.Write(line)
	return err
}
