package eventgate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/schema"
)

// findSchema finds the event's schema by the first of the configured fields that it has, or by the request's query.
func (g *Gate) findSchema(e *Event) *Refusal {
	raw := e.first(g.schemaSlots)
	if raw == nil && e.isObject() && e.run.req.SchemaURI != "" {
		e.insert(g.plan, g.schemaSlots[0], e.run.req.SchemaURI)
		raw = e.first(g.schemaSlots)
	}
	if raw == nil {
		return &Refusal{Type: "MissingSchemaURI", Message: missing(g.cfg.SchemaURIFields)}
	}
	text, ok := e.run.text(raw)
	if !ok {
		return &Refusal{Type: "InvalidSchemaURI", Message: g.cfg.SchemaURIFields[0] + ` must be a string that names a schema, such as "/title/1.0.0".`}
	}
	e.uri = text
	if b := e.before; b != nil && b.schema != nil && bytes.Equal(b.uri, text) { // most requests are of one kind
		e.schema = b.schema
		return nil
	}
	if s, ok := g.cfg.Schemas.LookupBytes(text); ok {
		e.schema = s
		return nil
	}
	s, err := g.cfg.Schemas.Lookup(e.run.ctx, string(text))
	if err != nil {
		return g.noSchema(string(text), err)
	}
	e.schema = s
	return nil
}

// noSchema words why there is no schema for an event.
func (g *Gate) noSchema(uri string, err error) *Refusal {
	var (
		invalid *schema.InvalidURIError
		unknown *schema.NotFoundError
		broken  *schema.BrokenError
		silent  *schema.UnavailableError
	)
	message := "Failed loading schema at " + shorten(uri)
	switch {
	case errors.As(err, &invalid):
		if strings.Contains(uri, "://") {
			message = "Absolute schema URIs are not allowed but event schema_uri is " + shorten(uri)
		} else {
			message += ": " + invalid.Reason
		}
		return &Refusal{Type: "InvalidSchemaURI", Message: message}
	case errors.As(err, &unknown):
		return &Refusal{Type: "UnknownSchema", Message: message}
	case errors.As(err, &broken) && !namesVersion(uri):
		return &Refusal{Type: "InvalidSchemaURI", Message: message + ": it does not name a version of a schema"}
	case errors.As(err, &broken):
		return &Refusal{Fault: Intake, Type: "BrokenSchema", Message: message + ": " + broken.Message, Cause: err}
	case errors.As(err, &silent):
		return &Refusal{Fault: Busy, Type: "SchemaUnavailable", Message: message + ": a schema repository does not answer; send the event again later.", Cause: err}
	}
	return &Refusal{Fault: Busy, Type: "SchemaUnavailable", Message: message + ": it cannot be looked up now; send the event again later.", Cause: err}
}

// namesVersion reports whether a URI ends as those of schemas do; other files of a repository are not what an event can have meant.
func namesVersion(uri string) bool {
	last := strings.TrimSuffix(uri[strings.LastIndexByte(uri, '/')+1:], "#")
	for _, ext := range []string{".yaml", ".yml", ".json"} {
		last = strings.TrimSuffix(last, ext)
	}
	_, ok := schema.ParseVersion(last)
	return ok || last == "latest" || last == "current"
}

// findStream finds the name of the event's stream, by the first of the configured fields that it has, or by the request's query.
func (g *Gate) findStream(e *Event) *Refusal {
	raw := e.first(g.streamSlots)
	if raw == nil && e.isObject() && e.run.req.Stream != "" {
		e.insert(g.plan, g.streamSlots[0], e.run.req.Stream)
		raw = e.first(g.streamSlots)
	}
	if raw == nil {
		return &Refusal{Type: "MissingStream", Message: missing(g.cfg.StreamFields)}
	}
	text, ok := e.run.text(raw)
	if !ok {
		return &Refusal{Type: "InvalidStream", Message: g.cfg.StreamFields[0] + " must be a string that names a stream."}
	}
	e.stream = text
	return nil
}

// missing has the reference's words.
func missing(fields []string) string {
	return fmt.Sprintf("Field(s) %s were missing from event and could not be extracted.", strings.Join(fields, ","))
}

// shorten keeps a sender's text in a message readable.
func shorten(s string) string { return shortenTo(s, 1024) }

func shortenTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func (e *Event) isObject() bool { return len(e.sent) > 0 && e.sent[0] == '{' }

// first returns the value of the first of some fields that the event has, nil if it has none. The first present one counts, also if it is null.
func (e *Event) first(slots []int) []byte {
	for _, slot := range slots {
		var v []byte
		if e.fields != nil {
			v = e.fields[slot].In(e.base)
		} else {
			v = e.Find(e.run.gate.plan.Path(slot))
		}
		if v != nil {
			return v
		}
	}
	return nil
}

// text returns the text of a JSON string, false for another value.
func (r *run) text(raw []byte) ([]byte, bool) {
	if raw[0] != '"' {
		return nil, false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], true
	}
	start := len(r.arena)
	r.arena = rawjson.AppendUnquoted(r.arena, raw)
	return r.arena[start:len(r.arena):len(r.arena)], true
}

// insert sets one field of the gate's plan, which the event does not have, to a text, and finds the fields anew.
func (e *Event) insert(plan *event.Plan, slot int, text string) {
	r := e.run
	values := r.slots(plan.Len())
	values[slot] = rawjson.AppendQuoted(nil, []byte(text))
	e.fill(plan, e.base, e.fields, values)
	if plan.Scan(e.bytes, 0, e.fields) < 0 {
		clear(e.fields)
	}
	e.base = e.bytes
}

// slots returns n empty values.
func (r *run) slots(n int) [][]byte {
	for cap(r.values) < n {
		r.values = append(r.values[:cap(r.values)], nil)
	}
	r.values = r.values[:n]
	clear(r.values)
	return r.values
}

// fill splices values into the event where it has no field; fields are those of plan in base. The event's own fields are out of date afterwards.
func (e *Event) fill(plan *event.Plan, base []byte, fields []event.Field, values [][]byte) {
	r := e.run
	r.ins, r.filling = plan.Fill(r.ins[:0], r.filling[:0], base, fields, values)
	if len(r.ins) == 0 {
		return
	}
	at := fields[0].Start
	for i := range r.ins {
		r.ins[i].Offset -= at
	}
	e.bytes = r.splice(e.bytes, r.ins)
}
