package eventgate

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

const (
	typeJSON    = "application/json; charset=utf-8"
	typeProblem = "application/problem+json"
	emptyBody   = "Request body was empty. Must provide JSON encoded events."
	notJSON     = "Request body is not valid JSON."
	// retryAfter is how many seconds a sender is asked to wait when the intake is busy.
	retryAfter = "5"
)

// tally is how many events ended in which way.
type tally struct{ events, accepted, invalid, failed, busy int }

func (r *run) tally() tally {
	t := tally{events: len(r.events)}
	for i := range r.events {
		switch ref := r.events[i].refusal; {
		case ref == nil:
			t.accepted++
		case ref.Fault == Sender:
			t.invalid++
		default:
			t.failed++
			if ref.Fault == Busy {
				t.busy++
			}
		}
	}
	return t
}

// status is the HTTP status of a request whose events ended so.
func (t tally) status() int {
	switch {
	case t.accepted == t.events:
		return 201
	case t.accepted > 0:
		return 207
	case t.failed == 0:
		return 400
	case t.busy > 0:
		return 503
	}
	return 500
}

// accepted has the reason phrases of small requests whose events were all accepted.
var accepted = func() (phrases [64]string) {
	for n := range phrases {
		phrases[n] = tally{events: n, accepted: n}.word()
	}
	return phrases
}()

// reason is the reason phrase, in the reference's words.
func (t tally) reason() string {
	if t.accepted == t.events && t.events < len(accepted) {
		return accepted[t.events]
	}
	return t.word()
}

func (t tally) word() string {
	b := make([]byte, 0, 96)
	switch {
	case t.accepted == t.events:
		b = append(b, "All "...)
		b = outOf(b, t.accepted, t.events)
		b = append(b, " events were accepted."...)
	case t.accepted > 0:
		b = outOf(b, t.accepted, t.events)
		b = append(b, " events were accepted, but "...)
		b = strconv.AppendInt(b, int64(t.events-t.accepted), 10)
		b = append(b, " failed "...)
		b = append(t.failures(b), '.')
	case t.failed == 0:
		b = outOf(b, t.events, t.events)
		b = append(b, " events were invalid and not accepted."...)
	default:
		b = outOf(b, t.events, t.events)
		b = append(b, " events had failures and were not accepted. "...)
		b = append(t.failures(b), '.')
	}
	return string(b)
}

func outOf(b []byte, n, all int) []byte {
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, " out of "...)
	return strconv.AppendInt(b, int64(all), 10)
}

func (t tally) failures(b []byte) []byte {
	b = append(b, '(')
	b = strconv.AppendInt(b, int64(t.invalid), 10)
	b = append(b, " invalid and "...)
	b = strconv.AppendInt(b, int64(t.failed), 10)
	return append(b, " errored)"...)
}

// answer writes what became of the events.
func (g *Gate) answer(r *run, resp *Response) {
	t := r.tally()
	resp.Status, resp.Reason = t.status(), t.reason()
	if r.req.DryRun && resp.Status == 201 {
		resp.Status, resp.Reason = 200, "All "+string(outOf(nil, t.accepted, t.events))+" events would be accepted. None was produced, since this was a dry run."
	}
	if resp.Status == 503 {
		resp.Set("Retry-After", retryAfter)
	}
	if t.accepted == t.events && !r.req.Receipts && !r.req.DryRun {
		return
	}
	b := resp.Body
	if r.req.Problem && resp.Status >= 400 {
		b = appendProblem(b, r.req, resp, resp.Reason)
		b = append(b, ',')
	} else {
		b = append(b, '{')
	}
	if r.req.Receipts || r.req.DryRun {
		b = r.appendReceipts(b)
		b = append(b, ',')
	}
	b = append(b, `"invalid":`...)
	b = r.appendRefused(b, true)
	if t.failed > 0 || resp.Status == 207 {
		b = append(b, `,"error":`...)
		b = r.appendRefused(b, false)
	}
	resp.Body = append(b, '}')
	if resp.Get("Content-Type") == "" {
		resp.Set("Content-Type", typeJSON)
	}
}

// appendRefused lists the events that were refused by the sender's or by the intake's fault.
func (r *run) appendRefused(b []byte, sender bool) []byte {
	b = append(b, '[')
	first := true
	for i := range r.events {
		e := &r.events[i]
		if e.refusal == nil || (e.refusal.Fault == Sender) != sender {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = e.appendRefusal(b)
	}
	return append(b, ']')
}

// appendRefusal writes one entry: the event as it was to be produced, and why it was not.
func (e *Event) appendRefusal(b []byte) []byte {
	b = appendText(b, `{"status":`, e.refusal.status())
	b = append(b, `,"event":`...)
	b = append(b, e.bytes...)
	b = append(b, `,"context":`...)
	b = e.refusal.appendContext(b, e.run.req.Problem)
	return append(b, '}')
}

// status is the event's in answers.
func (r *Refusal) status() string {
	switch {
	case r.Fault == Sender:
		return "invalid"
	case r.OutcomeUnknown:
		return "unknown"
	}
	return "error"
}

// appendContext writes why. The pointers are not in the Node.js service's answers and only told in problem documents.
func (r *Refusal) appendContext(b []byte, pointers bool) []byte {
	if r.Validation == nil {
		b = append(b, `{"message":`...)
		b = rawjson.AppendQuoted(b, []byte(r.Message))
		return append(b, '}')
	}
	b = append(b, `{"errors":[`...)
	for i, v := range r.Validation.Errors {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		if v.PropertyName != "" {
			b = appendText(b, `"propertyName":`, v.PropertyName)
			b = append(b, ',')
		}
		b = appendText(b, `"keyword":`, v.Keyword)
		b = appendText(b, `,"dataPath":`, v.DataPath)
		b = appendText(b, `,"schemaPath":`, v.SchemaPath)
		b = append(b, `,"params":`...)
		b = append(b, v.Params...)
		b = appendText(b, `,"message":`, v.Message)
		if pointers {
			b = appendText(b, `,"pointer":`, v.Pointer)
		}
		b = append(b, '}')
	}
	b = appendText(b, `],"errorsText":`, r.Message)
	return append(b, '}')
}

// appendText writes a member whose value is a text.
func appendText(b []byte, key, text string) []byte {
	return rawjson.AppendQuoted(append(b, key...), []byte(text))
}

// refuseEmpty answers a body without events.
func (g *Gate) refuseEmpty(ctx context.Context, req *Request, resp *Response) {
	resp.Status, resp.Reason = 400, emptyBody
	if req.Problem {
		resp.Body = append(appendProblem(resp.Body[:0], req, resp, emptyBody), '}')
	}
	g.reportRequest(ctx, req, resp.Status, "EmptyBody", emptyBody)
}

// RefuseBody answers a request whose body holds no events that could be told apart: none of it was looked at. offset is the byte at which
// something is wrong, -1 if there is none.
func (g *Gate) RefuseBody(req *Request, resp *Response, status int, reason, message string, offset int) {
	resp.Status, resp.Reason = status, reason
	b := resp.Body[:0]
	if req.Problem {
		b = appendProblem(b, req, resp, message)
		b = append(b, ',')
	} else {
		resp.Set("Content-Type", typeJSON)
		b = append(b, '{')
	}
	b = append(b, `"invalid":[{"status":"invalid","event":null,"context":`...)
	b = appendText(b, `{"message":`, message)
	if offset >= 0 {
		b = append(b, `,"offset":`...)
		b = strconv.AppendInt(b, int64(offset), 10)
	}
	resp.Body = append(b, `}}]}`...)
}

// refuseBody answers a body that is not JSON; err is what is wrong with one event of it, nil if nothing more is known.
func (g *Gate) refuseBody(r *run, resp *Response, err error) {
	if whole := rawjson.Check(r.req.Body); whole != nil {
		err = whole
	}
	message, offset := "The request body must be one event, which is an object, or an array of events.", rawjson.SkipSpace(r.req.Body, 0)
	if err != nil {
		message = err.Error()
	}
	if syntax, ok := errors.AsType[*rawjson.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	g.RefuseBody(r.req, resp, 400, notJSON, message, offset)
	g.reportBody(r, resp, message)
}

// refuseMany answers a body with more events than are taken at once.
func (g *Gate) refuseMany(r *run, resp *Response) {
	message := "too many events: a request may have " + strconv.Itoa(maxEvents)
	g.RefuseBody(r.req, resp, 413, "Payload Too Large", message, -1)
	g.reportBody(r, resp, message)
}

// appendProblem writes the members of a problem document (RFC 9457), without the closing brace. Its type says no more than the status, and so does the
// title then.
func appendProblem(b []byte, req *Request, resp *Response, detail string) []byte {
	resp.Set("Content-Type", typeProblem)
	b = append(b, `{"type":"about:blank","status":`...)
	b = strconv.AppendInt(b, int64(resp.Status), 10)
	b = appendText(b, `,"title":`, http.StatusText(resp.Status))
	b = appendText(b, `,"detail":`, detail)
	return appendText(b, `,"instance":`, req.URI)
}

// appendReceipts lists what became of each event, in the order in which they were sent.
func (r *run) appendReceipts(b []byte) []byte {
	b = append(b, `"receipts":[`...)
	for i := range r.events {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.appendReceipt(b, &r.events[i])
	}
	return append(b, ']')
}

func (r *run) appendReceipt(b []byte, e *Event) []byte {
	status := "accepted"
	switch {
	case e.refusal != nil:
		status = e.refusal.status()
	case e.discarded:
		status = "discarded"
	}
	b = appendText(b, `{"status":`, status)
	if id := e.Find(r.gate.cfg.IDField); len(id) > 0 && id[0] == '"' {
		b = append(append(b, `,"id":`...), id...)
	}
	if e.dest.Topic != "" {
		b = appendText(b, `,"topic":`, e.dest.Topic)
	}
	if e.record >= 0 && e.refusal == nil {
		o := &r.batch.Outcomes[e.record]
		b = append(b, `,"partition":`...)
		b = strconv.AppendInt(b, int64(o.Partition), 10)
		b = append(b, `,"offset":`...)
		b = strconv.AppendInt(b, o.Offset, 10)
		b = append(b, `,"timestamp":`...)
		b = strconv.AppendInt(b, o.Timestamp, 10)
	}
	return append(b, '}')
}
