package eventgate

import (
	"errors"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/jsonschema"
)

// validate holds the event against its schema, in one strict pass over its bytes. An event with duplicate keys is made to say to everyone what it says to
// the validator; then the schema's defaults are filled in.
func (g *Gate) validate(e *Event) *Refusal {
	if g.cfg.Validate != nil {
		if err := rawjson.Check(e.bytes); err != nil {
			return malformed(err)
		}
		e.checked = true
		return refusalOf(g.cfg.Validate(e.run.ctx, e), "ValidationError")
	}
	v := e.schema.Validator
	verdict := v.Check(e.bytes)
	if verdict.Syntax != nil {
		return malformed(verdict.Syntax)
	}
	e.checked = true
	r := e.run
	if verdict.Duplicates {
		start := len(r.arena)
		r.arena = rawjson.DropDuplicates(r.arena, e.bytes)
		e.become(r.arena[start:len(r.arena):len(r.arena)])
		verdict = v.Check(e.bytes)
		g.observer.Noted(Normalised, e.streamLabel(), e.schemaLabel())
	}
	if !verdict.Valid {
		return g.invalid(e)
	}
	e.fillSchemaDefaults()
	return nil
}

// malformed refuses an event that is not JSON. Unless a step made it so, the whole body is refused in its place.
func malformed(err error) *Refusal {
	return &Refusal{Type: "MalformedEvent", Message: "The event is not valid JSON: " + err.Error()}
}

// mostErrors is how many errors of a request are listed before the rest of its events are refused without a list.
const mostErrors = 20_000

// invalid lists what the schema refuses.
func (g *Gate) invalid(e *Event) *Refusal {
	if e.run.errors > mostErrors {
		return &Refusal{Type: "ValidationError", Message: "The schema refuses the event. Its errors are not listed, since the events before it have so many."}
	}
	err := e.schema.Validator.Validate(e.bytes)
	e.fillSchemaDefaults() // the answer shows the event with them
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return &Refusal{Type: "ValidationError", Message: "The schema refuses the event.", Cause: err}
	}
	e.run.errors += len(invalid.Errors)
	return &Refusal{Type: "ValidationError", Message: invalid.ErrorsText(), Validation: invalid}
}

func (e *Event) fillSchemaDefaults() {
	v := e.schema.Validator
	if !v.HasDefaults() {
		return
	}
	r := e.run
	ins, err := v.Defaults(e.bytes, r.ins[:0])
	if err != nil || len(ins) == 0 {
		return
	}
	r.ins = ins
	t := e.time
	e.become(r.splice(e.bytes, ins))
	e.time = t
}

// refusalOf makes a refusal of a step's error.
func refusalOf(err error, why string) *Refusal {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		return &Refusal{Type: why, Message: invalid.ErrorsText(), Validation: invalid}
	}
	return &Refusal{Fault: Intake, Type: why, Message: "The event could not be processed.", Cause: err}
}
