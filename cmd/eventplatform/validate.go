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
	v := &validation{schemas: repositories, out: bufio.NewWriterSize(t.Out, 64<<10), json: c.JSON}
	for _, name := range c.Files {
		if err := v.file(ctx, name, t.In); err != nil {
			return errors.Join(err, v.out.Flush())
		}
	}
	if err := v.out.Flush(); err != nil {
		return err
	}
	if v.invalid > 0 {
		if !c.JSON {
			fmt.Fprintf(t.Err, "%d of %d events are invalid\n", v.invalid, v.events)
		}
		return errFailed
	}
	return nil
}

type validation struct {
	schemas         *schema.Repositories
	out             *bufio.Writer
	json            bool
	uri             []byte // buffer
	events, invalid int
}

// verdict is one line of the JSON form.
type verdict struct {
	File       string             `json:"file,omitempty"`
	Line       int                `json:"line"`
	Valid      bool               `json:"valid"`
	Schema     string             `json:"schema,omitempty"`
	Errors     []jsonschema.Error `json:"errors,omitempty"`
	ErrorsText string             `json:"errorsText,omitempty"`
}

func (v *validation) file(ctx context.Context, name string, stdin io.Reader) error {
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
	lines.Buffer(make([]byte, 0, 1<<20), maxLine)
	line := 0
	for lines.Scan() {
		line++
		if text := bytes.TrimSpace(lines.Bytes()); len(text) > 0 {
			if err := v.event(ctx, name, line, text); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s, after line %d: %w", name, line, err)
	}
	return ctx.Err()
}

func (v *validation) event(ctx context.Context, file string, line int, text []byte) error {
	v.events++
	result := verdict{Line: line}
	if file != "-" {
		result.File = file
	}
	s, err := v.schema(ctx, text)
	if err == nil {
		result.Schema = s.URI
		err = s.Validator.Validate(text)
	}
	var failed *jsonschema.ValidationError
	switch {
	case err == nil:
		result.Valid = true
	case errors.As(err, &failed):
		result.Errors, result.ErrorsText = failed.Errors, failed.ErrorsText()
	default:
		result.ErrorsText = err.Error()
	}
	if !result.Valid {
		v.invalid++
	}
	return v.write(result)
}

// schema finds the schema that the event names.
func (v *validation) schema(ctx context.Context, text []byte) (*schema.Schema, error) {
	if err := rawjson.Check(text); err != nil {
		return nil, err
	}
	start, end, ok := rawjson.Find(text, "$schema")
	if !ok || text[start] != '"' {
		return nil, errors.New(`the event has no "$schema" that names its schema, for example "/test/event/1.0.0"`)
	}
	v.uri = rawjson.AppendUnquoted(v.uri[:0], text[start:end])
	if s, ok := v.schemas.LookupBytes(v.uri); ok {
		return s, nil
	}
	return v.schemas.Lookup(ctx, string(v.uri))
}

func (v *validation) write(r verdict) error {
	if v.json {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = v.out.Write(append(text, '\n'))
		return err
	}
	place := fmt.Sprintf("line %d", r.Line)
	if r.File != "" {
		place = fmt.Sprintf("%s:%d", r.File, r.Line)
	}
	word := "valid"
	if !r.Valid {
		word = "invalid: " + r.ErrorsText
	}
	_, err := fmt.Fprintf(v.out, "%s: %s\n", place, word)
	return err
}
