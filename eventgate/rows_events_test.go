package eventgate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/kafka"
)

type entry struct {
	Status  string          `json:"status"`
	Event   json.RawMessage `json:"event"`
	Context json.RawMessage `json:"context"`
}

type lists struct {
	Invalid []entry `json:"invalid"`
	Error   []entry `json:"error"`
}

// checkEvents holds an answer against what the recorded one becomes when the sender's faults are no errors: the entries under "error" are among those
// under "invalid", and status and reason are counted anew. Messages may be better than the recorded ones. Events that we refuse or read otherwise for
// their schema's URI or a key with a dot are held against their own rows.
func checkEvents(v *vector, was recorded, got recorded, records []kafka.Record) string {
	var before, after lists
	if err := json.Unmarshal([]byte(was.Body), &before); err != nil && was.Body != "" && was.BodyTail == nil {
		return err.Error() + ": " + was.Body
	}
	if err := json.Unmarshal([]byte(got.Body), &after); err != nil && got.Body != "" {
		return err.Error() + ": " + got.Body
	}
	if problem := v.checkAccepted(records); problem != "" {
		return problem
	}
	total, n := len(v.events()), len(after.Invalid)
	switch {
	case was.Status == 202:
		if got.Status != was.Status || got.Reason != was.Reason {
			return fmt.Sprintf("status %d %q, want it hasty", got.Status, got.Reason)
		}
		return ""
	case v.Request.Method == "HEAD":
		return counted(got, total-len(records), total)
	case len(after.Error) > 0:
		return "errors: " + got.Body
	case v.Written == nil && n+len(records) != total:
		return fmt.Sprintf("%d events refused and %d produced, but there are %d", n, len(records), total)
	}
	if was.BodyTail == nil {
		usual := func(e entry) bool { return !v.excepted(e.Event) }
		want, have := filter(append(before.Invalid, before.Error...), usual), filter(after.Invalid, usual)
		if len(want) != len(have) {
			return fmt.Sprintf("%d entries under invalid, want %d", len(have), len(want))
		}
		for _, e := range want {
			if !contains(have, e) {
				return fmt.Sprintf("no entry for %s under invalid of %s", e.Event, got.Body)
			}
		}
	}
	for _, e := range after.Invalid {
		if problem := v.checkException(e, before.Invalid); problem != "" {
			return problem
		}
	}
	return counted(got, n, total)
}

func filter[T any](list []T, keep func(T) bool) (kept []T) {
	for _, one := range list {
		if keep(one) {
			kept = append(kept, one)
		}
	}
	return kept
}

// checkException holds the refusal of an event that the reference may accept against what its row says.
func (v *vector) checkException(e entry, before []entry) string {
	var context struct{ Message string }
	switch {
	case !v.excepted(e.Event), v.dotted(e.Event), asksNewest(e.Event) && len(e.Context) > 10:
		return "" // the usual; any refusal for what it says without that key, or by the newest schema
	case json.Unmarshal(e.Context, &context) == nil && (refusedURIs.MatchString(context.Message) ||
		strings.HasPrefix(context.Message, "$schema must be") || strings.HasPrefix(context.Message, "Field(s)")):
		return ""
	}
	for _, other := range before { // refused by both, for what the schema says
		if sameDoubles(string(other.Event), string(e.Event)) && sameBody(string(other.Context), string(e.Context)) {
			return ""
		}
	}
	return fmt.Sprintf("context %s of %s", e.Context, e.Event)
}

// checkAccepted holds what was produced against the recording. We do not produce all of the events that are excepted, and none that it does not have,
// but for those of the newest schema, whatever was loaded before, and in the topic that they name in its place.
func (v *vector) checkAccepted(records []kafka.Record) string {
	if v.Written != nil {
		return ""
	}
	type record struct{ topic, value string }
	var want, have []record
	for _, p := range v.Produced {
		want = append(want, record{p.Topic, p.Value})
	}
	for _, r := range records {
		have = append(have, record{r.Topic, string(r.Value)})
	}
	same := func(a, b record) bool { return a.topic == b.topic && sameDoubles(a.value, b.value) }
	usual := func(r record) bool { return !v.excepted([]byte(r.value)) }
	if a, b := filter(have, usual), filter(want, usual); !slices.EqualFunc(a, b, same) {
		return fmt.Sprintf("%d records %.400q were produced, want %.400q", len(a), a, b)
	}
	for _, r := range have {
		known := slices.ContainsFunc(want, func(w record) bool { return same(w, r) })
		if !usual(r) && !known && !asksNewest([]byte(r.value)) && (!v.dotted([]byte(r.value)) || r.topic != v.topic([]byte(r.value))) {
			return fmt.Sprintf("produced to %s: %s", r.topic, r.value)
		}
	}
	return ""
}

func contains(list []entry, e entry) bool {
	for _, other := range list {
		if sameDoubles(string(other.Event), string(e.Event)) && len(other.Context) > 10 {
			return true
		}
	}
	return false
}

func sameDoubles(a, b string) bool {
	return reflect.DeepEqual(asDoubles([]byte(a)), asDoubles([]byte(b)))
}

// asDoubles is an event as the reference echoes it: a number that is no double becomes null (row "bytes").
func asDoubles(event json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return err
	}
	var convert func(any) any
	convert = func(v any) any {
		switch v := v.(type) {
		case json.Number:
			if f, err := v.Float64(); err == nil {
				return f
			}
			return nil
		case []any:
			for i := range v {
				v[i] = convert(v[i])
			}
		case map[string]any:
			for name := range v {
				v[name] = convert(v[name])
			}
		}
		return v
	}
	return convert(value)
}
