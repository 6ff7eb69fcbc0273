package uiapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// tryBytes bounds a body that is tried or sent from the page.
const tryBytes = 1 << 20

// Verdict answers POST try and POST send: what the intake says of a body.
type Verdict struct {
	// Status and Title are the intake's answer's.
	Status int    `json:"status"`
	Title  string `json:"title"`
	// OK tells that every event is, or would be, accepted.
	OK bool `json:"ok"`
	// Events are the body's, in its order; one without a receipt if the body cannot be taken apart.
	Events []EventVerdict `json:"events"`
}

// EventVerdict says what became, or would become, of one event.
type EventVerdict struct {
	Receipt
	// Event is the event as it is produced: with what the intake fills in.
	Event    json.RawMessage `json:"event,omitempty"`
	Problems []Problem       `json:"problems,omitempty"`
}

// Receipt is the intake's.
type Receipt struct {
	// Status is accepted, discarded, invalid or error.
	Status    string `json:"status"`
	ID        string `json:"id,omitempty"`
	Topic     string `json:"topic,omitempty"`
	Partition *int32 `json:"partition,omitempty"`
	Offset    *int64 `json:"offset,omitempty"`
	Timestamp int64  `json:"timestamp,omitempty"`
}

// Problem is one reason why an event is refused.
type Problem struct {
	Message string `json:"message"`
	// Pointer is the place in the event as a JSON pointer (RFC 6901), Place the same in the text.
	Pointer string `json:"pointer,omitempty"`
	Place   *Place `json:"place,omitempty"`
	// Keyword is the schema's keyword that refuses, SchemaPath where it is in the schema, Rule the part of the schema that it is in.
	Keyword    string          `json:"keyword,omitempty"`
	SchemaURI  string          `json:"schema_uri,omitempty"`
	SchemaPath string          `json:"schema_path,omitempty"`
	Rule       json.RawMessage `json:"rule,omitempty"`
}

func (s *Server) try(r *http.Request, _ viewer) (any, error) {
	return s.ask(r, "/v1/events?dry_run=true&receipt=true")
}
func (s *Server) send(r *http.Request, _ viewer) (any, error) {
	return s.ask(r, "/v1/events?receipt=true")
}

// ask has the intake answer a body.
func (s *Server) ask(r *http.Request, target string) (any, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, tryBytes))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, &fault{http.StatusRequestEntityTooLarge, "The page takes texts of at most 1 MiB; the intake itself takes more.", nil}
		}
		return nil, badRequest("The text did not arrive whole.")
	}
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.RequestURI, request.RemoteAddr = target, r.RemoteAddr
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/problem+json")
	for _, name := range []string{"User-Agent", "X-Client-Ip", "X-Forwarded-For", "X-Request-Id"} {
		if value := r.Header.Get(name); value != "" {
			request.Header.Set(name, value)
		}
	}
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	s.cfg.Intake.ServeHTTP(answer, request)
	return s.verdict(r, body, answer)
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *recorder) Header() http.Header         { return c.header }
func (c *recorder) WriteHeader(status int)      { c.status = status }
func (c *recorder) Write(p []byte) (int, error) { return c.body.Write(p) }

// intakeAnswer is what is read of the intake's answer.
type intakeAnswer struct {
	Title    string        `json:"title"`
	Detail   string        `json:"detail"`
	Receipts []Receipt     `json:"receipts"`
	Invalid  []refusedPart `json:"invalid"`
	Error    []refusedPart `json:"error"`
}

// refusedPart is one refused event in the intake's answer.
type refusedPart struct {
	Status  string          `json:"status"`
	Event   json.RawMessage `json:"event"`
	Context struct {
		Message    string `json:"message"`
		Offset     *int   `json:"offset"`
		ErrorsText string `json:"errorsText"`
		Errors     []struct {
			PropertyName string `json:"propertyName"`
			Keyword      string `json:"keyword"`
			DataPath     string `json:"dataPath"`
			SchemaPath   string `json:"schemaPath"`
			Message      string `json:"message"`
			Pointer      string `json:"pointer"`
			Params       struct {
				AdditionalProperty string `json:"additionalProperty"`
			} `json:"params"`
		} `json:"errors"`
	} `json:"context"`
}

// verdict puts the intake's answer and the text together.
func (s *Server) verdict(r *http.Request, body []byte, answer *recorder) (Verdict, error) {
	var a intakeAnswer
	if answer.body.Len() > 0 && json.Unmarshal(answer.body.Bytes(), &a) != nil {
		return Verdict{}, &fault{http.StatusBadGateway, "The intake answered " + http.StatusText(answer.status) + " and nothing that can be read.", nil}
	}
	v := Verdict{Status: answer.status, Title: a.Title, OK: answer.status < http.StatusMultipleChoices && answer.status != http.StatusMultiStatus, Events: []EventVerdict{}}
	if v.Title == "" {
		v.Title = http.StatusText(answer.status)
	}
	texts := eventTexts(body)
	invalid, failed := a.Invalid, a.Error
	for i, receipt := range a.Receipts {
		one := EventVerdict{Receipt: receipt}
		var part refusedPart
		switch {
		case receipt.Status == "invalid" && len(invalid) > 0:
			part, invalid = invalid[0], invalid[1:]
		case receipt.Status == "error" && len(failed) > 0:
			part, failed = failed[0], failed[1:]
		}
		if part.Status != "" {
			var at span
			if i < len(texts) {
				at = texts[i]
			}
			one.Event, one.Problems = part.Event, s.problems(r, body, at, part)
		}
		v.Events = append(v.Events, one)
	}
	if len(a.Receipts) == 0 {
		for _, part := range invalid {
			v.Events = append(v.Events, EventVerdict{Receipt: Receipt{Status: "invalid"}, Problems: s.problems(r, body, span{}, part)})
		}
	}
	return v, nil
}

// span is a part of a body.
type span struct{ start, end int }

// eventTexts tells where the events of a body are; nothing if it is not JSON.
func eventTexts(body []byte) []span {
	if rawjson.Check(body) != nil {
		return nil
	}
	start, end := trimmed(body, 0, len(body))
	if body[start] != '[' {
		return []span{{start, end}}
	}
	var list []span
	for e := rawjson.NewElements(body); e.Next(); {
		list = append(list, span{e.Start(), e.Start() + len(e.Value())})
	}
	return list
}

// problems are the reasons of one refusal, with their places in the text.
func (s *Server) problems(r *http.Request, body []byte, at span, part refusedPart) []Problem {
	there := at.end > at.start
	if len(part.Context.Errors) == 0 {
		p := Problem{Message: part.Context.Message}
		switch {
		case part.Context.Offset != nil:
			p.Place = placeOf(body, *part.Context.Offset, *part.Context.Offset+1)
		case there:
			p.Place = placeOf(body, at.start, at.start+1)
		}
		return []Problem{p}
	}
	uri := schemaURI(part.Event)
	list := make([]Problem, 0, len(part.Context.Errors))
	for _, e := range part.Context.Errors {
		p := Problem{Message: strings.TrimSpace("'" + e.DataPath + "' " + e.Message), Pointer: e.Pointer, Keyword: e.Keyword, SchemaURI: uri, SchemaPath: e.SchemaPath}
		if there {
			member := e.Params.AdditionalProperty
			if e.PropertyName != "" {
				member = e.PropertyName
			}
			start, end := resolve(body[at.start:at.end], e.Pointer, member)
			p.Place = placeOf(body, at.start+start, at.start+end)
		}
		p.Rule = s.rule(r, uri, e.SchemaPath)
		list = append(list, p)
	}
	return list
}

// schemaURI is what an event names its schema by.
func schemaURI(event []byte) string {
	if rawjson.Check(event) != nil || !isObject(bytes.TrimSpace(event)) {
		return ""
	}
	return textOf(event, "$schema")
}

// ruleBytes bounds the part of a schema that is shown beside a problem.
const ruleBytes = 2 << 10

// rule is the part of a schema that a keyword is in, or if that is long the keyword alone; nil if there is none to show.
func (s *Server) rule(r *http.Request, uri, path string) json.RawMessage {
	if s.cfg.Schemas == nil || uri == "" {
		return nil
	}
	found, err := s.cfg.Schemas.Lookup(r.Context(), uri)
	if err != nil {
		return nil
	}
	return ruleAt(found.Source, path)
}

func ruleAt(source []byte, path string) json.RawMessage {
	at, ok := strings.CutPrefix(path, "#/")
	if !ok {
		return nil // in another document
	}
	parent, keyword, value := []byte(nil), "", bytes.TrimSpace(source)
	for token := range strings.SplitSeq(at, "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~", "%24", "$", "%25", "%").Replace(token)
		if len(value) == 0 || value[0] != '{' && value[0] != '[' {
			return nil
		}
		_, _, start, end, ok := child(value, token)
		if !ok {
			break // ajv names some keywords by what is wrong
		}
		parent, keyword, value = value, token, value[start:end]
	}
	if parent == nil {
		return nil
	}
	if whole := compact(parent); len(whole) <= ruleBytes && keyword != "required" && keyword != "additionalProperties" {
		return whole
	}
	if len(value) > ruleBytes {
		return nil
	}
	one := append(rawjson.AppendQuoted([]byte("{"), []byte(keyword)), ':')
	return append(append(one, compact(value)...), '}')
}
