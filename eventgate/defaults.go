package eventgate

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// clientIPField is filled with the address of whoever sent the request, legacyTimeField with the time of arrival where the schema is of an old kind.
const (
	clientIPField   = "http.client_ip"
	legacyTimeField = "dt"
	legacyTitles    = "analytics/legacy"
)

// mostCharacters is how much of a header is taken over into an event.
const mostCharacters = 400

// target is a field that is filled in if the event does not have it and the schema has a place for it.
type target struct {
	slot   int
	path   string
	source source
	header string // canonical name, for fromHeader
}

type source uint8

const (
	fromID source = iota
	fromTime
	fromTimeIfLegacy
	fromHeader
	fromClientIP
)

// targetPaths are the paths of everything that can be filled in with these header fields, besides id and time.
func targetPaths(headers []streamconfig.HeaderField) []string {
	paths := []string{legacyTimeField, clientIPField}
	for _, h := range headers {
		paths = append(paths, h.Field)
	}
	return paths
}

func (g *Gate) targetsIn(plan *event.Plan, headers []streamconfig.HeaderField) []target {
	all := []target{
		{path: g.cfg.IDField, source: fromID},
		{path: g.cfg.TimeField, source: fromTime},
		{path: legacyTimeField, source: fromTimeIfLegacy},
	}
	for _, h := range headers {
		if h.Header != "" {
			all = append(all, target{path: h.Field, source: fromHeader, header: canonical(h.Header)})
		}
	}
	all = append(all, target{path: clientIPField, source: fromClientIP})
	for i := range all {
		all[i].slot = plan.Slot(all[i].path)
	}
	return all
}

// fillDefaults is the step [DefaultsStep].
func (g *Gate) fillDefaults(_ context.Context, e *Event) error {
	r, rt := e.run, e.route
	if rt == nil {
		return nil
	}
	fields, base := e.fields, e.base
	if rt.plan != g.plan || fields == nil {
		base = e.bytes
		if fields = r.scan(rt.plan, base); fields == nil {
			return nil // not JSON: the validation says so
		}
	}
	values := r.slots(rt.plan.Len())
	wanted := false
	for _, t := range rt.targetsFor(e.schema) {
		if fields[t.slot].Present() {
			continue
		}
		v := r.valueOf(t)
		values[t.slot] = v
		wanted = wanted || v != nil
	}
	if e.time = fields[rt.timeSlot].In(base); e.time == nil {
		e.time = values[rt.timeSlot]
	}
	if wanted {
		e.fill(rt.plan, base, fields, values)
		e.fields, e.base = nil, nil
	}
	return nil
}

// scan finds a plan's fields in one event, in memory that lasts until the next scan; nil if its structure cannot be followed.
func (r *run) scan(plan *event.Plan, src []byte) []event.Field {
	n := plan.Len()
	if cap(r.fields) < n {
		r.fields = make([]event.Field, n)
	}
	fields := r.fields[:n]
	if plan.Scan(src, 0, fields) < 0 {
		return nil
	}
	return fields
}

// valueOf is the JSON text that a field is filled with, nil for none. It is valid until the next event.
func (r *run) valueOf(t target) []byte {
	switch t.source {
	case fromID:
		return r.newID()
	case fromTime, fromTimeIfLegacy:
		return r.timeText()
	case fromHeader:
		return r.header(t.header)
	default:
		return r.header(clientIPField)
	}
}

// headerText is a header of the request as a JSON string, nil if it was not sent. The same header fills a field of many events.
type headerText struct {
	name string
	text []byte
}

// header returns a header, or the client's address for clientIPField.
func (r *run) header(name string) []byte {
	for i := range r.headers {
		if r.headers[i].name == name {
			return r.headers[i].text
		}
	}
	var value string
	if name == clientIPField {
		value = r.clientIP()
	} else if r.req.Header != nil {
		value = r.req.Header.Get(name)
	}
	h := headerText{name: name}
	if value != "" {
		start := len(r.arena)
		r.arena = rawjson.AppendQuoted(r.arena, []byte(cut(value)))
		h.text = r.arena[start:len(r.arena):len(r.arena)]
	}
	r.headers = append(r.headers, h)
	return h.text
}

// cut returns at most mostCharacters of a header, as valid UTF-8: bytes that are not UTF-8 are read as ISO 8859-1, which is what they were
// before HTTP had UTF-8.
func cut(s string) string {
	if !utf8.ValidString(s) {
		var b strings.Builder
		for i := range min(len(s), mostCharacters) {
			b.WriteRune(rune(s[i]))
		}
		return b.String()
	}
	if len(s) <= mostCharacters {
		return s
	}
	n := 0
	for i := range s {
		if n == mostCharacters {
			return s[:i]
		}
		n++
	}
	return s
}
