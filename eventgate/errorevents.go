package eventgate

// errorEvents produces an event about each refused one.
type errorEvents struct{ gate *Gate }

func newErrorEvents(g *Gate) *errorEvents { return &errorEvents{gate: g} }

// send produces error events for the run's refused events.
func (x *errorEvents) send(r *run) {}

// sendBody produces an error event for a body that could not be taken apart.
func (x *errorEvents) sendBody(r *run, message string) {}
