package streamconfig

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

type queryVector struct {
	Name    string          `json:"name"`
	Config  json.RawMessage `json:"config"`
	Request struct {
		Streams     []string        `json:"streams"`
		Constraints json.RawMessage `json:"constraints"`
	} `json:"request"`
	Response json.RawMessage `json:"response"`
	Error    *struct{ Class, Message string }
	Quirk    bool `json:"quirk"`
}

// queryDifferences names the vectors whose answer is another here, each with the row of docs/differences/streamconfig.md that says why.
var queryDifferences = map[string]string{
	"regex-target-zero":                  "stream named 0",
	"regex-dollar-before-newline":        "$ before a final newline",
	"topics-prefixes-as-object":          "topic_prefixes as an object",
	"merge-object-over-list":             "topic_prefixes as an object",
	"numeric-stream-name":                "names of digits",
	"numeric-key-with-stream-setting":    "names of digits",
	"con-list-match-ends-the-comparison": "constraints after a met list",
	"con-list-top-level-ends-all":        "constraints after a met list",
	"con-depth-11-is-not-compared":       "constraints below ten levels",
}

func TestQueryVectors(t *testing.T) {
	file, err := os.ReadFile(testshared.Path(t, "data/vectors/streamconfig-queries.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	rows := differenceRows(t)
	equal, different := 0, 0
	lines := bufio.NewScanner(bytes.NewReader(file))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v queryVector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		same, detail := runQuery(t, v)
		row, listed := queryDifferences[v.Name]
		switch {
		case listed && !rows[row]:
			t.Errorf("%s: docs/differences/streamconfig.md has no row %q", v.Name, row)
		case listed && same:
			t.Errorf("%s: listed as different (%s) but equal", v.Name, row)
		case listed:
			different++
		case !same:
			t.Errorf("%s (quirk %v): %s", v.Name, v.Quirk, detail)
		default:
			equal++
		}
	}
	testshared.Count(t, "streamconfig queries equal", equal)
	testshared.Count(t, "streamconfig queries with a row in docs/differences", different)
}

func runQuery(t *testing.T, v queryVector) (bool, string) {
	c, err := vectorConfig(t, v.Config)
	if v.Error != nil {
		if err == nil {
			return false, "loaded, but must be refused: " + v.Error.Message
		}
		return true, ""
	}
	if err != nil {
		return false, err.Error()
	}
	var constraints *Constraints
	if len(v.Request.Constraints) > 0 {
		if constraints, err = ParseConstraints(v.Request.Constraints); err != nil {
			return false, err.Error()
		}
	}
	got := AppendEntries(nil, c.Select(v.Request.Streams, constraints))
	if !sameOrdered(t, got, v.Response) {
		return false, "\n got " + string(got) + "\nwant " + string(v.Response)
	}
	return true, ""
}

// vectorConfig reads a vector's configuration: a file's name or an object, with the streams that another extension provides before its own.
func vectorConfig(t *testing.T, raw json.RawMessage) (*Config, error) {
	t.Helper()
	var file string
	if json.Unmarshal(raw, &file) == nil {
		return Load(testshared.Path(t, "data/"+file))
	}
	var faults []Fault
	name := "vector.json"
	v, err := readJSON(&name, raw, &faults)
	if err != nil {
		t.Fatal(err)
	}
	var sources []source
	if hook := v.get("hook_streams"); hook != nil {
		d := &document{file: name}
		d.declarations(hook, &faults)
		sources = append(sources, source{d})
	}
	own := &value{kind: kindObject}
	for i, key := range v.keys {
		if key != "hook_streams" {
			own.set(key, v.items[i])
		}
	}
	d := &document{file: name}
	d.members(own, &faults)
	return build(append(sources, source{d}), faults)
}

// sameOrdered compares two JSON texts with the order of their members; numbers by value.
func sameOrdered(t *testing.T, a, b []byte) bool {
	t.Helper()
	return reflect.DeepEqual(flatten(t, a), flatten(t, b))
}

func flatten(t *testing.T, text []byte) []any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	var tokens []any
	for d.More() || len(tokens) > 0 {
		tok, err := d.Token()
		if err != nil {
			break
		}
		tokens = append(tokens, tok)
	}
	return tokens
}

// differenceRows are the names of the rows of the table of differences: each row's first cell.
func differenceRows(t *testing.T) map[string]bool {
	t.Helper()
	doc, err := os.ReadFile("../docs/differences/streamconfig.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, line := range strings.Split(string(doc), "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			rows[strings.TrimSpace(cells[1])] = true
		}
	}
	return rows
}
