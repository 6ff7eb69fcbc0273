package eventgate

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/eventplatform/eventplatform/kafka"
)

// documentedRows reads the ids of the rows of docs/differences/eventgate.md.
func documentedRows(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("../docs/differences/eventgate.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|").FindAllSubmatch(text, -1) {
		rows[string(m[1])] = true
	}
	return rows
}

// A rule says how we answer where we answer otherwise than the recording: want is what has to be answered then, "" for vectors it is not about.
type rule struct {
	row     string
	applies func(v *vector, was recorded) bool
	check   func(v *vector, was recorded, got recorded, records []kafka.Record) string
}

// judge returns the row that an answer differs by, "" if it does not differ, and what is wrong with it, "" if nothing.
func judge(v *vector, got []recorded, records []kafka.Record) (row, diff string) {
	was := v.recorded()
	if v.Connection != "" {
		was = []recorded{{}} // no answer ever
	}
	if len(got) != len(was) {
		return "", fmt.Sprintf("%d answers, want %d", len(got), len(was))
	}
	for i := range was {
		d := compare(got[i], was[i])
		if d == "" {
			continue
		}
		one, problem := judgeOne(v, was[i], got[i], records, d)
		if problem != "" {
			return one, problem
		}
		row = one
	}
	if row == "" {
		d := compareProduced(v, records)
		if d == "" {
			return "", ""
		}
		row, diff = judgeOne(v, was[len(was)-1], got[len(got)-1], records, d)
	}
	return row, diff
}

func judgeOne(v *vector, was recorded, got recorded, records []kafka.Record, unexplained string) (row, diff string) {
	for _, r := range rules {
		if r.applies(v, was) {
			return r.row, r.check(v, was, got, records)
		}
	}
	return "", unexplained
}

func hasTitle(title, detail string) func(*vector, recorded) bool {
	return func(_ *vector, was recorded) bool {
		return was.Status == 500 && strings.Contains(was.Body, `"title":"`+title+`"`) && strings.Contains(was.Body, detail)
	}
}

// taken is how requests are answered of which we accept more than the reference does: their events are judged.
func taken(_ *vector, _ recorded, got recorded, records []kafka.Record) string {
	switch judged := strings.Contains(got.Reason, "events were "); {
	case got.Status == 201 && len(records) > 0, got.Status == 207 && len(records) > 0 && judged, got.Status == 400 && len(records) == 0 && judged:
		return ""
	}
	return fmt.Sprintf("status %d %q and %d records, want the events judged", got.Status, got.Reason, len(records))
}

// either accepts what one of two checks accepts.
func either(one, other func(*vector, recorded, recorded, []kafka.Record) string) func(*vector, recorded, recorded, []kafka.Record) string {
	return func(v *vector, was recorded, got recorded, records []kafka.Record) string {
		problem := one(v, was, got, records)
		if problem == "" || other(v, was, got, records) == "" {
			return ""
		}
		return problem
	}
}

// status is how requests are answered that are refused as a whole.
func status(want int, reason string) func(*vector, recorded, recorded, []kafka.Record) string {
	return func(v *vector, _ recorded, got recorded, records []kafka.Record) string {
		if got.Status != want || got.Reason != reason {
			return fmt.Sprintf("status %d %q, want %d %q", got.Status, got.Reason, want, reason)
		}
		if len(records) > 0 && v.Response != nil {
			return fmt.Sprintf("%d records were produced", len(records))
		}
		var body struct {
			Invalid []struct {
				Status  string
				Event   json.RawMessage
				Context struct{ Message string }
			}
		}
		if err := json.Unmarshal([]byte(got.Body), &body); err != nil {
			return err.Error()
		}
		if len(body.Invalid) != 1 || body.Invalid[0].Status != "invalid" || string(body.Invalid[0].Event) != "null" || body.Invalid[0].Context.Message == "" {
			return "body " + got.Body
		}
		return ""
	}
}

// plain is how requests are answered outside the gate.
func plain(want ...int) func(*vector, recorded, recorded, []kafka.Record) string {
	return func(_ *vector, _ recorded, got recorded, records []kafka.Record) string {
		if !slices.Contains(want, got.Status) || len(records) > 0 {
			return fmt.Sprintf("status %d and %d records, want %v and none", got.Status, len(records), want)
		}
		return ""
	}
}

var refusedURIs = regexp.MustCompile(`^(Failed loading schema at |Absolute schema URIs are not allowed but event schema_uri is )`)

// sameMessages are about what we refuse for the same reason.
var sameMessages = regexp.MustCompile(`"message":"(Failed loading schema at /(no/such/schema/1\.0\.0|test/event/9\.9\.9|тест/1\.0\.0)"|Field\(s\) )`)

// rules are tried in this order.
var rules = []rule{
	{"method", func(v *vector, was recorded) bool { return was.Status == 400 && v.unknownMethod() }, notAllowed},
	{"http-parser", func(v *vector, was recorded) bool { return v.parsed(was) || was.Status == 500 && v.badEscapes() },
		func(_ *vector, was recorded, got recorded, _ []kafka.Record) string {
			if got.Status/100 != 4 && got.Status != was.Status && got.Status != 501 && got.Status != 505 {
				return fmt.Sprintf("status %d", got.Status)
			}
			return ""
		}},
	{"nesting", func(v *vector, _ recorded) bool { return v.Connection == "timeout" }, status(400, notJSON)},
	{"routing-first", func(v *vector, was recorded) bool {
		return strings.Contains(was.Body, `"type":"internal_error"`) && !v.posts()
	}, func(v *vector, _ recorded, got recorded, records []kafka.Record) string {
		if len(records) > 0 != (v.endpoint() == testEndpoint && got.Status/100 == 2) || got.Status >= 500 {
			return fmt.Sprintf("status %d and %d records", got.Status, len(records))
		}
		return ""
	}},
	{"charset", func(v *vector, _ recorded) bool { return v.otherCharset() }, status(415, "Unsupported Media Type")},
	{"malformed-json", hasTitle("SyntaxError", ""), status(400, notJSON)},
	{"malformed-json", hasTitle("TypeError", ""), status(400, notJSON)}, // a line separator first
	{"body-too-large", hasTitle("PayloadTooLargeError", ""), status(413, "Payload Too Large")},
	{"encodings", func(v *vector, was recorded) bool {
		encoding := strings.ToLower(v.header("Content-Encoding"))
		return was.Status == 500 && (encoding == "zstd" || encoding == "x-gzip")
	}, either(taken, either(status(400, "Request body cannot be decompressed."), plain(400)))},
	{"content-encoding", hasTitle("UnsupportedMediaTypeError", "encoding"), status(415, "Unsupported Media Type")},
	{"compressed-body", hasTitle("Error", ""), status(400, "Request body cannot be decompressed.")},
	{"json-types", func(v *vector, was recorded) bool {
		_, read := mediaType(v.header("Content-Type"))
		return was.Reason == emptyBody && len(v.body()) > 0 && read
	}, either(taken, status(400, notJSON))},
	{"media-type", func(v *vector, was recorded) bool { return was.Reason == emptyBody && len(v.body()) > 0 }, status(415, "Unsupported Media Type")},
	{"hasty-switch", func(v *vector, was recorded) bool {
		_, query := cutTarget(v.Request.Path)
		x := &exchange{query: query}
		return was.Status == 202 && !x.switchedOn("hasty")
	}, taken},
	{"doc", func(v *vector, _ recorded) bool { return v.gets("doc") && !strings.Contains(v.Request.Path, "path") }, plain(200, 304)},
	{"doc", func(v *vector, _ recorded) bool { return v.gets("doc") }, plain(200, 404)},
	{"method", func(v *vector, was recorded) bool { return was.Status == 404 && v.known() }, notAllowed},
	{"utf-8", func(v *vector, _ recorded) bool { return v.brokenText() }, status(400, notJSON)},
	{"bytes", func(v *vector, was recorded) bool {
		return beyondDoubles.Match(v.body()) && !strings.Contains(was.Body, `"error":[{`)
	},
		func(v *vector, was recorded, got recorded, records []kafka.Record) string {
			if got.Status != was.Status || got.Reason != was.Reason || len(records) != len(v.Produced) {
				return fmt.Sprintf("status %d %q and %d records, want %d %q and %d", got.Status, got.Reason, len(records), was.Status, was.Reason, len(v.Produced))
			}
			return ""
		}},
	{"spec", func(v *vector, _ recorded) bool { return v.gets("spec") },
		func(_ *vector, _ recorded, got recorded, _ []kafka.Record) string {
			if got.Status != 200 || !strings.Contains(got.Body, `"x-amples"`) && got.Body != "" {
				return "no description"
			}
			return ""
		}},
	{"schema-revisions", func(v *vector, _ recorded) bool { return strings.HasPrefix(strings.ToLower(v.Request.Path), "/_info") }, plain(200)},
	{"large-event", func(v *vector, was recorded) bool { return was.Status/100 != 2 && len(v.body()) > 900_000 }, checkMoved},
	{"senders-fault", func(_ *vector, was recorded) bool {
		return strings.Contains(was.Body, `"error":[{`) && sameMessages.MatchString(was.Body)
	}, checkMoved},
	{"schema-uri", func(v *vector, _ recorded) bool { return v.oddURI() || v.lacking }, checkSchemaURI},
	{"senders-fault", func(_ *vector, was recorded) bool { return strings.Contains(was.Body, `"error":[{`) }, checkMoved},
}

// beyondDoubles finds numbers that doubles cannot hold, by their exponent.
var beyondDoubles = regexp.MustCompile(`\d[eE][+-]?\d{3,}`)

func notAllowed(v *vector, _ recorded, got recorded, records []kafka.Record) string {
	if v.endpoint() == homeEndpoint && got.Status == 301 {
		return "" // it takes any
	}
	if got.Status != 405 || got.Headers["allow"] == "" || len(records) > 0 {
		return fmt.Sprintf("status %d, Allow %q", got.Status, got.Headers["allow"])
	}
	return ""
}

func (v *vector) header(name string) string {
	for key, value := range v.Request.Headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

func (v *vector) body() []byte {
	switch {
	case v.Request.Body != nil:
		return []byte(*v.Request.Body)
	case v.Request.BodyB64 != nil:
		body, err := base64.StdEncoding.DecodeString(*v.Request.BodyB64)
		if err != nil {
			return nil
		}
		return body
	}
	return nil
}

// otherCharset says whether the body has a type that is read and a charset that is not.
func (v *vector) otherCharset() bool {
	charset, read := mediaType(v.header("Content-Type"))
	_, known := decoder(charset)
	return v.posts() && v.RawRequest == nil && read && !known
}

// brokenText says whether the body is not what its charset is.
func (v *vector) brokenText() bool {
	charset, _ := mediaType(v.header("Content-Type"))
	text := v.body()
	if decode, _ := decoder(charset); decode != nil {
		text = decode(text)
	}
	return v.header("Content-Encoding") == "" && !utf8.Valid(text)
}

// badEscapes says whether the path has escapes that are none, or none of UTF-8.
func (v *vector) badEscapes() bool {
	path, _ := cutTarget(v.Request.Path)
	text, err := url.PathUnescape(path)
	return err != nil || !utf8.ValidString(text)
}

// gets says whether the root is asked for one of its documents.
func (v *vector) gets(document string) bool {
	_, query := cutTarget(v.Request.Path)
	return v.endpoint() == rootEndpoint && (v.Request.Method == "GET" || v.Request.Method == "HEAD") && (&exchange{query: query}).has(document)
}

// known says whether the path is one of the intake's.
func (v *vector) known() bool { return v.endpoint() != nil }

// endpoint is what the path stands for.
func (v *vector) endpoint() *endpoint {
	target := v.Request.Path
	if v.RawRequest != nil {
		if parts := strings.SplitN(*v.RawRequest, " ", 3); len(parts) == 3 {
			target = parts[1]
		}
	}
	path, _ := cutTarget(target)
	all := &surface{HandlerConfig: HandlerConfig{TestEvents: []json.RawMessage{}}}
	return all.find(path)
}

// posts says whether the request is one that brings events.
func (v *vector) posts() bool {
	path, _ := cutTarget(v.Request.Path)
	return v.RawRequest != nil || v.Request.Method == "POST" && (&surface{}).find(path) == eventsEndpoint
}

var nodeMethods = regexp.MustCompile(`^(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH|LINK|UNLINK|BIND|REBIND|UNBIND|` +
	`ACL|REPORT|MKACTIVITY|CHECKOUT|MERGE|M-SEARCH|NOTIFY|SUBSCRIBE|UNSUBSCRIBE|PURGE|MKCALENDAR|SOURCE) `)

// unknownMethod says whether the method of a request to a known path is none of those that Node's parser knows.
func (v *vector) unknownMethod() bool {
	first := v.Request.Method + " "
	if v.RawRequest != nil {
		first = *v.RawRequest
	}
	return first[0] != ' ' && !nodeMethods.MatchString(first) && v.known()
}

// parsed says whether the answer is the HTTP parser's, or the request has no Host, which HTTP/1.0 does not need.
func (v *vector) parsed(was recorded) bool {
	if v.RawRequest != nil && !strings.Contains(strings.ToLower(*v.RawRequest), "\r\nhost:") {
		return true
	}
	_, typed := was.Headers["Content-Type"]
	switch was.Status {
	case 400, 408, 413, 417, 431:
		return was.Body == "" && !typed && was.Reason != emptyBody && !strings.Contains(was.Reason, "events")
	}
	return false
}

var plainURI = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+/\d+\.\d+\.\d+$`)

// uri is what the only event names its schema by, as JSON; "" if it has none.
func (v *vector) uri() string {
	var event struct {
		URI  json.RawMessage `json:"$schema"`
		Meta json.RawMessage
	}
	if json.Unmarshal(v.body(), &event) != nil {
		return ""
	}
	var meta struct {
		URI json.RawMessage `json:"schema_uri"`
	}
	if event.URI == nil && json.Unmarshal(event.Meta, &meta) == nil {
		return string(meta.URI)
	}
	return string(event.URI)
}

// oddURI says whether the schema's URI is not simply a title and a version.
func (v *vector) oddURI() bool {
	var text string
	return v.uri() != "" && (json.Unmarshal([]byte(v.uri()), &text) != nil || !plainURI.MatchString(text))
}

type entry struct {
	Status  string          `json:"status"`
	Event   json.RawMessage `json:"event"`
	Context json.RawMessage `json:"context"`
}

type lists struct {
	Invalid []entry `json:"invalid"`
	Error   []entry `json:"error"`
}

// checkMoved holds an answer against what the recorded one becomes when the sender's faults are no errors: the entries under "error" are among
// those under "invalid", and status and reason are counted anew. Messages may be better than the recorded ones.
func checkMoved(_ *vector, was recorded, got recorded, records []kafka.Record) string {
	var before, after lists
	if err := json.Unmarshal([]byte(got.Body), &after); err != nil {
		return err.Error() + ": " + got.Body
	}
	if was.BodyTail == nil {
		if err := json.Unmarshal([]byte(was.Body), &before); err != nil {
			return err.Error()
		}
		if len(after.Invalid) != len(before.Invalid)+len(before.Error) {
			return fmt.Sprintf("%d entries under invalid, want %d", len(after.Invalid), len(before.Invalid)+len(before.Error))
		}
		for _, e := range append(before.Invalid, before.Error...) {
			if !contains(after.Invalid, e) {
				return fmt.Sprintf("no entry for %s under invalid of %s", e.Event, got.Body)
			}
		}
	}
	n := len(after.Invalid)
	want, wantReason := 400, fmt.Sprintf("%d out of %d events were invalid and not accepted.", n, n)
	if was.Status == 207 {
		want, wantReason = 207, fmt.Sprintf("%d out of %d events were accepted, but %d failed (%d invalid and 0 errored).", len(records), len(records)+n, n, n)
	}
	if got.Status != want || got.Reason != wantReason || len(after.Error) > 0 {
		return fmt.Sprintf("status %d %q, want %d %q", got.Status, got.Reason, want, wantReason)
	}
	return ""
}

func contains(list []entry, e entry) bool {
	for _, other := range list {
		if reflect.DeepEqual(asDoubles(other.Event), asDoubles(e.Event)) && len(other.Context) > 10 {
			return true
		}
	}
	return false
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

// checkSchemaURI holds the answer to an event whose schema's URI we refuse or read otherwise: it is the sender's fault, and nothing is produced.
func checkSchemaURI(v *vector, was recorded, got recorded, records []kafka.Record) string {
	if got.Status == 201 && len(records) == 1 && (strings.Contains(v.uri(), "/current") || strings.Contains(v.uri(), "/latest")) {
		return "" // the newest version, whatever was loaded before
	}
	var after lists
	if err := json.Unmarshal([]byte(got.Body), &after); err != nil {
		return err.Error() + ": " + got.Body
	}
	var context struct{ Message string }
	if got.Status != 400 || len(after.Invalid) != 1 || len(after.Error) > 0 || len(records) > 0 {
		return fmt.Sprintf("status %d, %s", got.Status, got.Body)
	}
	if err := json.Unmarshal(after.Invalid[0].Context, &context); err != nil {
		return err.Error()
	}
	if !refusedURIs.MatchString(context.Message) && !strings.HasPrefix(context.Message, "$schema must be") && !strings.HasPrefix(context.Message, "Field(s)") {
		return "message " + context.Message
	}
	if got.Reason != "1 out of 1 events were invalid and not accepted." {
		return "reason " + got.Reason
	}
	return ""
}

// lacksSchema says whether the only event's schema is one of the recording's that are not here.
func (v *vector) lacksSchema(folders []string) bool {
	var uri string
	if json.Unmarshal([]byte(v.uri()), &uri) != nil {
		return false
	}
	for _, folder := range folders {
		for _, extension := range []string{"", ".yaml"} {
			if _, err := os.Stat(filepath.Join(folder, "jsonschema", filepath.FromSlash(uri)+extension)); err == nil {
				return false
			}
		}
	}
	return true
}
