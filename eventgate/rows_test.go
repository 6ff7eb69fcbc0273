package eventgate

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
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
	was, waited := finals(v.recorded())
	if v.Connection != "" {
		was = []recorded{{}} // no answer ever
	}
	got, waits := finals(got)
	asked := v.requests()
	if waited != waits {
		if row = "http-parser"; !slices.ContainsFunc(asked, (*vector).oddExpect) {
			return "", fmt.Sprintf("%d times 100 Continue, want %d", waits, waited)
		}
	}
	ours, theirs := shares(got, len(records)), shares(was, len(v.Produced))
	broken := false // a request is not HTTP to one of the two, which then knows none behind it
	for i := range max(len(was), len(got)) {
		broken = broken || i < len(asked) && asked[i].oddHTTP()
		noAnswer := i == len(was) && i < len(asked) && asked[i].Request.Method == "CONNECT"
		switch {
		case noAnswer:
			was = append(was, recorded{})
			theirs = append(theirs, span{len(v.Produced), len(v.Produced)})
		case broken && min(len(was), len(got)) <= i:
			return "http-parser", ""
		case min(len(was), len(got), len(asked)) <= i:
			return "", fmt.Sprintf("%d answers to %d requests, want %d", len(got), len(asked), len(was))
		}
		one := asked[i]
		one.Produced = v.Produced[theirs[i].from:theirs[i].to]
		own := records[ours[i].from:ours[i].to]
		d := compare(got[i], was[i])
		if d == "" {
			d = compareProduced(one, own)
		}
		if d == "" {
			continue
		}
		because, problem := judgeOne(one, was[i], got[i], own, d)
		if problem != "" {
			return because, problem
		}
		row = because
	}
	return row, ""
}

func judgeOne(v *vector, was recorded, got recorded, records []kafka.Record, unexplained string) (row, diff string) {
	if v.oddHTTP() && libraryRefuses(got) && len(records) == 0 {
		return "http-parser", "" // whatever the reference did
	}
	for _, r := range rules {
		if r.applies(v, was) {
			return r.row, r.check(v, was, got, records)
		}
	}
	return "", unexplained
}

// finals leaves out and counts what tells a client to go on.
func finals(answers []recorded) (final []recorded, waits int) {
	for _, a := range answers {
		if a.Status == 100 {
			waits++
		} else {
			final = append(final, a)
		}
	}
	return final, waits
}

// acceptedEvents is how many events an answer says were accepted.
func acceptedEvents(a recorded) (n int) {
	if m := acceptedCount.FindStringSubmatch(a.Reason); m != nil {
		n, _ = strconv.Atoi(m[1] + m[2])
	}
	return n
}

type span struct{ from, to int }

var acceptedCount = regexp.MustCompile(`^(?:All )?(\d+) out of \d+ events were accepted|^(\d+) events hastily`)

// shares says which of so many records are whose, of the requests on one connection. What is left belongs to hasty ones, whose answers do not tell how
// many, and to the last.
func shares(answers []recorded, total int) []span {
	counts, left := make([]int, len(answers)), total
	for i, a := range answers {
		counts[i] = acceptedEvents(a)
		if a.Status != 202 {
			left -= counts[i]
		}
	}
	all, at := make([]span, len(answers)), 0
	for i, a := range answers {
		n := counts[i]
		if a.Status == 202 {
			n = max(0, min(n, left))
			left -= n
		}
		all[i] = span{min(at, total), min(at+n, total)}
		at += n
	}
	if len(all) > 0 {
		all[len(all)-1].to = total
	}
	return all
}

func hasTitle(title, detail string) func(*vector, recorded) bool {
	return func(_ *vector, was recorded) bool {
		return was.Status == 500 && strings.Contains(was.Body, `"title":"`+title+`"`) && strings.Contains(was.Body, detail)
	}
}

// taken is how requests are answered whose body we read and the reference does not, or not as we do: as what the body turns out to be.
func taken(v *vector, was recorded, got recorded, records []kafka.Record) string {
	text, err := v.text()
	total := len(v.events())
	switch {
	case errors.Is(err, errEncoding):
		return status(415, "Unsupported Media Type")(v, was, got, records)
	case errors.Is(err, errTooLarge):
		return status(413, "Payload Too Large")(v, was, got, records)
	case err != nil:
		return status(400, "Request body cannot be decompressed.")(v, was, got, records)
	case total == 0 && (len(text) == 0 || emptyJSON.Match(text)):
		if got.Status != 400 || got.Reason != emptyBody {
			return fmt.Sprintf("status %d %q, want 400 %q", got.Status, got.Reason, emptyBody)
		}
		return plain(400)(v, was, got, records)
	case total == 0:
		return status(400, notJSON)(v, was, got, records)
	case v.hasty():
		if got.Status != 202 || got.Reason != fmt.Sprintf("%d events hastily received.", total) || len(records) > total {
			return fmt.Sprintf("status %d %q and %d records, want %d events received", got.Status, got.Reason, len(records), total)
		}
		return ""
	}
	var after lists
	n := total - len(records)
	if err := json.Unmarshal([]byte(got.Body), &after); err != nil && got.Body != "" || len(after.Invalid) != n || len(after.Error) > 0 {
		return fmt.Sprintf("%d of %d events were produced, but %s", len(records), total, got.Body)
	}
	return counted(got, n, total)
}

var emptyJSON = regexp.MustCompile(`^\s*(\[\s*]|{\s*})\s*$`)

// counted holds status and reason of an answer against how many events of how many were refused.
func counted(got recorded, n, total int) string {
	want, reason := 207, fmt.Sprintf("%d out of %d events were accepted, but %d failed (%d invalid and 0 errored).", total-n, total, n, n)
	switch n {
	case 0:
		want, reason = 201, fmt.Sprintf("All %d out of %d events were accepted.", total, total)
	case total:
		want, reason = 400, fmt.Sprintf("%d out of %d events were invalid and not accepted.", n, n)
	}
	if got.Status != want || got.Reason != reason {
		return fmt.Sprintf("status %d %q, want %d %q", got.Status, got.Reason, want, reason)
	}
	return ""
}

// status is how requests are answered that are refused as a whole.
func status(want int, reason string) func(*vector, recorded, recorded, []kafka.Record) string {
	return func(_ *vector, _ recorded, got recorded, records []kafka.Record) string {
		if got.Status != want || got.Reason != reason {
			return fmt.Sprintf("status %d %q, want %d %q", got.Status, got.Reason, want, reason)
		}
		if len(records) > 0 {
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
	{"method", func(v *vector, was recorded) bool {
		return v.known() && (was.Status == 400 && v.unknownMethod() || was.Status == 0 && v.Request.Method == "CONNECT")
	}, notAllowed},
	{"http-parser", func(v *vector, was recorded) bool { return parsed(was) || was.Status == 500 && v.badEscapes() },
		func(v *vector, was recorded, got recorded, records []kafka.Record) string {
			if len(records) == 0 && (libraryRefuses(got) || got.Status == was.Status) || v.oddHTTP() && v.understood(got, records) {
				return ""
			}
			return fmt.Sprintf("status %d and %d records", got.Status, len(records))
		}},
	{"nesting", func(v *vector, _ recorded) bool { return v.posts() && depth(v.readable()) > 4096 }, status(400, notJSON)},
	{"routing-first", func(v *vector, was recorded) bool {
		return was.Status == 500 && !v.posts() && (v.Request.Method == "HEAD" || strings.Contains(was.Body, `"type":"internal_error"`))
	}, func(v *vector, _ recorded, got recorded, records []kafka.Record) string {
		produces := v.endpoint() == testEndpoint && v.Request.Method != "OPTIONS" && got.Status/100 == 2
		if len(records) != acceptedEvents(got) && got.Status != 202 || len(records) > 0 && !produces || got.Status >= 500 || !v.known() && got.Status != 404 {
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
	}, taken},
	{"content-encoding", hasTitle("UnsupportedMediaTypeError", "encoding"), status(415, "Unsupported Media Type")},
	{"compressed-body", func(v *vector, was recorded) bool {
		_, err := v.text()
		return hasTitle("Error", "")(v, was) && err != nil
	}, taken},
	{"json-types", func(v *vector, was recorded) bool {
		_, read := mediaType(v.header("Content-Type"))
		return was.Reason == emptyBody && len(v.body()) > 0 && read
	}, taken},
	{"media-type", func(v *vector, was recorded) bool { return was.Reason == emptyBody && len(v.body()) > 0 }, status(415, "Unsupported Media Type")},
	{"hasty-switch", func(v *vector, was recorded) bool { return was.Status == 202 && !v.hasty() }, taken},
	{"doc", func(v *vector, _ recorded) bool { return v.gets("doc") && !strings.Contains(v.Request.Path, "path") }, plain(200, 304)},
	{"doc", func(v *vector, _ recorded) bool { return v.gets("doc") }, plain(200, 404)},
	{"method", func(v *vector, was recorded) bool { return was.Status == 404 && v.known() }, notAllowed},
	{"utf-8", func(v *vector, _ recorded) bool { return v.posts() && !utf8.Valid(v.readable()) }, status(400, notJSON)},
	{"bytes", func(v *vector, was recorded) bool {
		return beyondDoubles.Match(v.readable()) && !errored(was) && !slices.ContainsFunc(v.events(), v.excepted)
	}, checkBytes},
	{"spec", func(v *vector, _ recorded) bool { return v.gets("spec") },
		func(_ *vector, _ recorded, got recorded, records []kafka.Record) string {
			if got.Status != 200 || len(records) > 0 || !strings.Contains(got.Body, `"x-amples"`) && got.Body != "" {
				return "no description"
			}
			return ""
		}},
	{"schema-revisions", func(v *vector, _ recorded) bool { return strings.HasPrefix(strings.ToLower(v.Request.Path), "/_info") }, plain(200)},
	{"large-event", func(v *vector, was recorded) bool { return was.Status/100 != 2 && len(v.readable()) > 900_000 }, checkEvents},
	{"dotted-keys", func(v *vector, _ recorded) bool { return slices.ContainsFunc(v.events(), v.dotted) }, checkEvents},
	{"senders-fault", func(_ *vector, was recorded) bool { return errored(was) && sameMessages.MatchString(was.Body) }, checkEvents},
	{"schema-uri", func(v *vector, _ recorded) bool { return slices.ContainsFunc(v.events(), v.excepted) }, checkEvents},
	{"senders-fault", func(_ *vector, was recorded) bool { return errored(was) }, checkEvents},
}

// beyondDoubles finds numbers that doubles cannot hold, by their exponent or length.
var beyondDoubles = regexp.MustCompile(`\d[eE][+-]?\d{3,}|\d{309}`)

// checkBytes holds an answer against the recorded one but for numbers that are no doubles.
func checkBytes(v *vector, was recorded, got recorded, records []kafka.Record) string {
	if got.Status != was.Status || got.Reason != was.Reason || len(records) != len(v.Produced) {
		return fmt.Sprintf("status %d %q and %d records, want %d %q and %d", got.Status, got.Reason, len(records), was.Status, was.Reason, len(v.Produced))
	}
	if got.Body != was.Body && !sameDoubles(got.Body, was.Body) {
		return "body " + got.Body
	}
	for i := range records {
		if records[i].Topic != v.Produced[i].Topic || !sameDoubles(string(records[i].Value), v.Produced[i].Value) {
			return fmt.Sprintf("record %d: %s", i, records[i].Value)
		}
	}
	return ""
}

// libraryRefuses says whether an answer may be the HTTP library's refusal.
func libraryRefuses(got recorded) bool {
	return got.Status/100 == 4 || got.Status == 501 || got.Status == 505
}

// understood says whether an answer may be that of the request's path, if it is a request.
func (v *vector) understood(got recorded, records []kafka.Record) bool {
	brings := v.posts() || v.endpoint() == testEndpoint && v.Request.Method != "OPTIONS"
	switch {
	case got.Status == 202:
		return brings && len(records) <= acceptedEvents(got)
	case len(records) != acceptedEvents(got):
		return false
	case got.Status == 201 || got.Status == 207:
		return brings
	case got.Status == 200 || got.Status == 301 || got.Status == 304:
		return !brings
	}
	return got.Status/100 == 4
}

// parsed says whether the recorded answer is that of Node's HTTP parser or server.
func parsed(was recorded) bool {
	for name := range was.Headers {
		if strings.EqualFold(name, "Content-Type") {
			return false
		}
	}
	switch was.Status {
	case 400, 408, 413, 417, 431:
		return was.Body == "" && was.Reason != emptyBody && !strings.Contains(was.Reason, "events")
	}
	return false
}

var erroredCount = regexp.MustCompile(`[1-9]\d* errored\)`)

// errored says whether the recorded answer counts errors: that of HEAD does so only in its reason.
func errored(was recorded) bool {
	return strings.Contains(was.Body, `"error":[{`) || erroredCount.MatchString(was.Reason)
}

func notAllowed(v *vector, _ recorded, got recorded, records []kafka.Record) string {
	if v.endpoint() == homeEndpoint && got.Status == 301 {
		return "" // it takes any
	}
	if got.Status != 405 || got.Headers["allow"] == "" || len(records) > 0 {
		return fmt.Sprintf("status %d, Allow %q", got.Status, got.Headers["allow"])
	}
	return ""
}
