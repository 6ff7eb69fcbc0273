package eventgate

import (
	"context"
	"strings"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Step is one transform of an event before it is validated. An error refuses the event: a *[Refusal] as it says, any other as a failure of the intake.
type Step func(ctx context.Context, e *Event) error

// DefaultsStep is the name of the step that fills in ids, times, request headers and the client's address.
const DefaultsStep = "eventgateWikimediaDefaults"

// Event is one event on its way through the gate, as steps see it. It is valid only during the request.
type Event struct {
	run    *run
	before *Event        // of the same request, nil for the first
	sent   []byte        // as it stands in the body
	bytes  []byte        // as it will be produced
	fields []event.Field // of the gate's plan in bytes; offsets are in the body while bytes is part of it
	base   []byte        // what the offsets of fields are in

	uri    []byte // text of the schema's URI
	stream []byte // text of the stream's name
	schema *schema.Schema
	route  *route
	time   []byte // JSON text of the time field, nil if it has to be looked for
	dest   Destination

	refusal   *Refusal
	checked   bool // bytes are known to be JSON
	discarded bool // accepted, but not to be produced
	record    int  // index in the batch, -1 if it was not produced
}

// Bytes returns the event's JSON text as it is now. It must not be changed.
func (e *Event) Bytes() []byte { return e.bytes }

// SchemaURI returns the URI that the event names its schema by.
func (e *Event) SchemaURI() string { return string(e.uri) }

// Schema returns the event's schema.
func (e *Event) Schema() *schema.Schema { return e.schema }

// Stream returns the name of the event's stream, "" if it has none.
func (e *Event) Stream() string { return string(e.stream) }

// StreamSettings returns the declaration of the event's stream, nil without a stream configuration.
func (e *Event) StreamSettings() *streamconfig.Stream {
	if e.route == nil {
		return nil
	}
	return e.route.settings
}

// Header returns a header of the request, "" if it was not sent.
func (e *Event) Header(name string) string { return e.run.sentHeader(canonical(name)) }

// Find returns the JSON text of the field at a dotted path, nil if the event does not have it.
func (e *Event) Find(path string) []byte {
	if !e.checked {
		if rawjson.Check(e.bytes) != nil {
			return nil // the validation says so
		}
		e.checked = true
	}
	start, end, ok := rawjson.Find(e.bytes, strings.Split(path, ".")...)
	if !ok {
		return nil
	}
	return e.bytes[start:end]
}

// Replace makes value, one JSON object, the event. The event keeps it.
func (e *Event) Replace(value []byte) {
	e.become(value)
	e.checked = false
}

// become is Replace by bytes that are JSON if the event was.
func (e *Event) become(value []byte) {
	e.bytes, e.base, e.fields, e.time = value, nil, nil, nil
}

// Fill sets the field at a dotted path to a JSON value if the event does not have it, and makes absent parents. It fails on a path that cannot be.
func (e *Event) Fill(path string, value []byte) error {
	plan, err := event.NewPlan(path)
	if err != nil {
		return err
	}
	fields := make([]event.Field, plan.Len())
	if plan.Scan(e.bytes, rawjson.SkipSpace(e.bytes, 0), fields) < 0 {
		return nil // not JSON: the validation says so
	}
	values := make([][]byte, plan.Len())
	values[plan.Slot(path)] = value
	ins, _ := plan.Fill(nil, nil, e.bytes, fields, values)
	if len(ins) > 0 {
		e.become(rawjson.Splice(nil, e.bytes, ins))
	}
	return nil
}

// Discard has the event answered as accepted without being produced.
func (e *Event) Discard() { e.discarded = true }

// schemaLabel and streamLabel are what observers may see: never a value that the sender chose.
func (e *Event) schemaLabel() string {
	if e.schema == nil {
		return "other"
	}
	return e.schema.URI
}

func (e *Event) streamLabel() string {
	if e.route == nil {
		return "other"
	}
	return e.route.label
}
