package canary

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/schema"
)

// Domain is the meta.domain of canary events: consumers leave out what has it.
const Domain = "canary"

// Event is one canary event.
type Event struct {
	Stream string
	ID     string // meta.id; "" if neither the schema nor its example has one
	Time   string // meta.dt
	Text   []byte // the event, a JSON object
}

// fields are what an example is changed in.
var fields = []string{"$schema", "meta.stream", "meta.domain", "meta.dt", "meta.id"}

var plan = func() *event.Plan {
	p, err := event.NewPlan(fields...)
	if err != nil {
		panic(err) // the paths above are wrong
	}
	return p
}()

// Make makes a stream's canary event from the first example of a schema. What the example does not have is put in where the schema declares it.
func Make(s *schema.Schema, stream string, now time.Time) (Event, error) {
	if len(s.Examples) == 0 {
		return Event{}, errors.New("the schema " + s.URI + " has no examples")
	}
	text := bytes.TrimSpace(s.Examples[0])
	found := make([]event.Field, plan.Len())
	if plan.Scan(text, 0, found) < 0 || text[0] != '{' {
		return Event{}, errors.New("the first example of the schema " + s.URI + " is not an object")
	}
	id := string(event.AppendID(nil, now))
	e := Event{Stream: stream, ID: id, Time: string(event.AppendTime(nil, now))}
	missing := make([][]byte, plan.Len())
	for i, given := range []string{s.URI, stream, Domain, e.Time, id} {
		value, _ := json.Marshal(given) // a text always has a form in JSON
		slot := plan.Slot(fields[i])
		switch at := found[slot]; {
		case at.Present():
			text = slices.Concat(text[:at.Start], value, text[at.End:])
			plan.Scan(text, 0, found)
		case i < 2, s.Validator.Declares(strings.Split(fields[i], ".")...): // without schema and stream no intake takes it, whatever the schema declares
			missing[slot] = value
		case given == id:
			e.ID = ""
		}
	}
	insertions, _ := plan.Fill(nil, nil, text, found, missing)
	at := 0
	for _, in := range insertions {
		e.Text = append(append(e.Text, text[at:in.Offset]...), in.Bytes...)
		at = in.Offset
	}
	e.Text = append(e.Text, text[at:]...)
	return e, nil
}
