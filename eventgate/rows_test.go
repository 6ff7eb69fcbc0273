package eventgate

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

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

func named(names ...string) func(*vector, recorded) bool {
	return func(v *vector, _ recorded) bool {
		for _, name := range names {
			if v.Name == name {
				return true
			}
		}
		return false
	}
}

func hasTitle(title, detail string) func(*vector, recorded) bool {
	return func(_ *vector, was recorded) bool {
		return was.Status == 500 && strings.Contains(was.Body, `"title":"`+title+`"`) && strings.Contains(was.Body, detail)
	}
}

// taken is how requests are answered of which we accept more than the reference does.
func taken(_ *vector, _ recorded, got recorded, records []kafka.Record) string {
	if got.Status != 201 || len(records) != 1 {
		return fmt.Sprintf("status %d and %d records, want 201 and one record", got.Status, len(records))
	}
	return ""
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

// plain is how requests are answered that are answered outside the gate.
func plain(want int) func(*vector, recorded, recorded, []kafka.Record) string {
	return func(_ *vector, _ recorded, got recorded, records []kafka.Record) string {
		if got.Status != want || len(records) > 0 {
			return fmt.Sprintf("status %d and %d records, want %d and none", got.Status, len(records), want)
		}
		return ""
	}
}

var refusedURIs = regexp.MustCompile(`^(Failed loading schema at |Absolute schema URIs are not allowed but event schema_uri is )`)

// sameMessages are about what we refuse for the same reason.
var sameMessages = regexp.MustCompile(`"message":"(Failed loading schema at /(no/such/schema/1\.0\.0|test/event/9\.9\.9|тест/1\.0\.0)"|Field\(s\) )`)

// rules are tried in this order.
var rules = []rule{
	{"http-parser", named("HTTP/1.1 without Host", "not HTTP", "header too large", "content-length and transfer-encoding", "two content-lengths",
		"bad chunk", "negative content-length", "expect: something-else", "POST /%", "POST /%zz", "GET /%", "HTTP/1.0 without Host"),
		func(_ *vector, was recorded, got recorded, _ []kafka.Record) string {
			if got.Status/100 != 4 && got.Status != was.Status {
				return fmt.Sprintf("status %d", got.Status)
			}
			return ""
		}},
	{"nesting", func(v *vector, _ recorded) bool { return v.Connection == "timeout" }, status(400, notJSON)},
	{"routing-first", named("GET /_info with malformed JSON body"), plain(200)},
	{"routing-first", named("POST unknown path, malformed JSON", "oversized body on an unknown path"), plain(404)},
	{"malformed-json", hasTitle("SyntaxError", ""), status(400, notJSON)},
	{"body-too-large", hasTitle("PayloadTooLargeError", ""), status(413, "Payload Too Large")},
	{"encodings", named("content-encoding x-gzip"), taken},
	{"encodings", named("content-encoding unknown"), status(400, "Request body cannot be decompressed.")},
	{"charset", hasTitle("UnsupportedMediaTypeError", "charset"), status(415, "Unsupported Media Type")},
	{"charset", named(`content-type "application/json; charset=utf-7"`), status(415, "Unsupported Media Type")},
	{"content-encoding", hasTitle("UnsupportedMediaTypeError", "encoding"), status(415, "Unsupported Media Type")},
	{"compressed-body", hasTitle("Error", ""), status(400, "Request body cannot be decompressed.")},
	{"json-types", named(`content-type "application/json;"`, `content-type "application/json; boundary"`, `content-type "application/csp-report"`,
		`content-type "application/problem+json"`, `content-type "application/vnd.api+json"`), taken},
	{"media-type", func(v *vector, was recorded) bool {
		return was.Reason == emptyBody && v.Request.Body != nil && len(*v.Request.Body) > 2
	}, status(415, "Unsupported Media Type")},
	{"hasty-switch", named("?hasty=false, valid", "?hasty=0, valid", "?hasty[]=x, valid"), taken},
	{"method", func(v *vector, was recorded) bool {
		return was.Status == 404 && strings.Contains(was.Body+" "+v.Name, "Cannot ") || v.Name == "HEAD /v1/events" || v.Name == "unknown method"
	}, func(_ *vector, _ recorded, got recorded, records []kafka.Record) string {
		if got.Status != 405 || got.Headers["allow"] == "" || len(records) > 0 {
			return fmt.Sprintf("status %d, Allow %q", got.Status, got.Headers["allow"])
		}
		return ""
	}},
	{"utf-8", named("invalid UTF-8 in a string", "truncated UTF-8 in a string", "CESU-8 surrogate bytes"), status(400, notJSON)},
	{"bytes", named("numbers out of range"), taken},
	{"spec", func(v *vector, _ recorded) bool { return strings.Contains(v.Request.Path, "?spec") },
		func(_ *vector, _ recorded, got recorded, _ []kafka.Record) string {
			if got.Status != 200 || !strings.Contains(got.Body, `"x-amples"`) && got.Body != "" {
				return "no description"
			}
			return ""
		}},
	{"doc", func(v *vector, _ recorded) bool {
		return strings.HasPrefix(v.Request.Path, "/?doc") && !strings.Contains(v.Request.Path, "path=")
	}, plain(200)},
	{"doc", func(v *vector, _ recorded) bool { return strings.HasPrefix(v.Request.Path, "/?doc") }, plain(404)},
	{"senders-fault", func(_ *vector, was recorded) bool {
		return strings.Contains(was.Body, `"error":[{`) && sameMessages.MatchString(was.Body)
	}, checkMoved},
	{"schema-uri", func(v *vector, _ recorded) bool {
		return strings.Contains(v.Name, "$schema") || strings.Contains(v.Name, "uri")
	}, checkSchemaURI},
	{"large-event", named("1 MB string"), checkMoved},
	{"senders-fault", func(_ *vector, was recorded) bool { return strings.Contains(was.Body, `"error":[{`) }, checkMoved},
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
		if sameBody(string(other.Event), string(e.Event)) && len(other.Context) > 10 {
			return true
		}
	}
	return false
}

// checkSchemaURI holds the answer to an event whose schema's URI we refuse or read otherwise: it is the sender's fault, and nothing is produced.
func checkSchemaURI(v *vector, was recorded, got recorded, records []kafka.Record) string {
	if got.Status == 201 && len(records) == 1 && strings.Contains(v.Name, "current") {
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
