package eventgate

import (
	"bytes"
	"strings"
)

// checkStream finds the event's stream in the stream configuration and holds it against the schema. The messages are the reference's.
func (g *Gate) checkStream(e *Event) *Refusal {
	if b := e.before; b != nil && b.route != nil && bytes.Equal(b.stream, e.stream) {
		e.route = b.route
	} else {
		e.route = g.routeOf(e.stream)
	}
	if e.route == nil && g.cfg.UnknownStream != nil {
		if err := g.cfg.UnknownStream(e.run.ctx, string(e.stream)); err != nil {
			return &Refusal{Fault: Busy, Type: "StreamConfigUnavailable", Cause: err,
				Message: e.describe() + " is not allowed in stream; got error when fetching stream config; send the event again later."}
		}
		e.route = g.routeOf(e.stream)
	}
	if e.route == nil {
		return e.forbidden("UnknownStream", e.Stream()+" is not configured.")
	}
	if e.route.settings == nil {
		return nil
	}
	switch title := e.route.settings.SchemaTitle; {
	case !e.route.settings.HasSettings():
		return e.forbidden("StreamWithoutSchema", e.Stream()+" is configured but does not have any settings.")
	case title == "":
		return e.forbidden("StreamWithoutSchema", e.Stream()+" does not have a schema_title setting.")
	case e.schema.Title == "":
		return &Refusal{Fault: Intake, Type: "SchemaWithoutTitle", Message: "Schema at " + shorten(e.SchemaURI()) + " must define a 'title' field. From " + e.describe()}
	case e.schema.Title != title:
		return e.forbidden("SchemaNotAllowed", "schema title must be "+title+".")
	}
	return g.checkMajor(e)
}

// checkMajor compares the major version in the stream's name with the schema's.
func (g *Gate) checkMajor(e *Event) *Refusal {
	want := e.route.major
	if want == "" {
		return nil
	}
	if major, _, _ := strings.Cut(e.schema.Version, "."); major == want {
		return nil
	}
	if g.cfg.RefuseOtherMajor {
		return e.forbidden("OtherMajorVersion", "the stream's name asks for major version "+want+" of the schema.")
	}
	if e.route.toldMajor.CompareAndSwap(false, true) {
		g.log.Warn("the schema's major version is not the one in the stream's name; more of this stream are only counted", "stream", e.Stream(), "schema_uri", shorten(e.SchemaURI()))
	}
	g.observer.Noted(OtherMajor, e.streamLabel(), e.schemaLabel())
	return nil
}

func (e *Event) forbidden(why, message string) *Refusal {
	return &Refusal{Type: why, Message: e.describe() + " is not allowed in stream; " + message}
}

// describe names the event for people, leaving out what is not known.
func (e *Event) describe() string {
	var b strings.Builder
	b.WriteString("event")
	if e.fields != nil {
		if raw := e.fields[e.run.gate.idSlot].In(e.base); raw != nil {
			if id, ok := e.run.text(raw); ok {
				b.WriteString(" " + shorten(string(id)))
			}
		}
	}
	if len(e.uri) > 0 {
		b.WriteString(" of schema at " + shorten(e.SchemaURI()))
	}
	if len(e.stream) > 0 {
		b.WriteString(" destined to stream " + shorten(e.Stream()))
	}
	return b.String()
}
