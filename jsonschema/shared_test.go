package jsonschema

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml/ast"
	yaml "github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/internal/testshared"
)

// vector is a line of the recorded answers of the reference.
type vector struct {
	Schema     string          `json:"schema"`
	Name       string          `json:"name"`
	EventRaw   string          `json:"event_raw"`
	Valid      bool            `json:"valid"`
	Errors     []recordedError `json:"errors"`
	ErrorsText string          `json:"errorsText"`
	EventAfter string          `json:"event_after"` // JSON in a string, "" if nothing changed
	Example    bool            `json:"example"`
}

type recordedError struct {
	Keyword      string          `json:"keyword"`
	DataPath     string          `json:"dataPath"`
	SchemaPath   string          `json:"schemaPath"`
	Params       json.RawMessage `json:"params"`
	Message      string          `json:"message"`
	PropertyName string          `json:"propertyName"`
}

// readVectors reads the recorded answers, and compiles the schemas they are about.
func readVectors(t testing.TB) ([]vector, map[string]*Schema) {
	t.Helper()
	file, err := os.Open(testshared.Path(t, "data/vectors/validation-primary.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := testshared.Path(t, "data/schemas/primary/jsonschema")
	var vectors []vector
	schemas := map[string]*Schema{}
	lines := bufio.NewReaderSize(unzipped, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var v vector
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatal(err)
			}
			vectors = append(vectors, v)
			if schemas[v.Schema] == nil {
				schemas[v.Schema] = compileFile(t, filepath.Join(dir, filepath.FromSlash(v.Schema)+".yaml"))
			}
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return vectors, schemas
}

func compileFile(t testing.TB, name string) *Schema {
	t.Helper()
	s, err := Compile(readYAML(t, name), Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// readYAML reads a YAML file as JSON, keys in their order.
func readYAML(t testing.TB, name string) []byte {
	t.Helper()
	file, err := yaml.ParseFile(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	y := yamlReader{t: t, anchors: map[string]ast.Node{}}
	return y.value(nil, file.Docs[0].Body)
}

// yamlReader writes YAML nodes as JSON.
type yamlReader struct {
	t       testing.TB
	anchors map[string]ast.Node
}

func (y yamlReader) value(dst []byte, n ast.Node) []byte {
	switch n := n.(type) {
	case *ast.AnchorNode:
		y.anchors[n.Name.String()] = n.Value
		return y.value(dst, n.Value)
	case *ast.AliasNode:
		return y.value(dst, y.anchors[n.Value.String()])
	case *ast.MappingNode:
		dst = append(dst, '{')
		for i, m := range n.Values {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = y.member(dst, m)
		}
		return append(dst, '}')
	case *ast.MappingValueNode:
		return append(y.member(append(dst, '{'), n), '}')
	case *ast.SequenceNode:
		dst = append(dst, '[')
		for i, e := range n.Values {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = y.value(dst, e)
		}
		return append(dst, ']')
	case *ast.StringNode:
		if n.Token.Type == token.StringType && rawjson.Check([]byte(n.Value)) == nil {
			return append(dst, n.Value...) // a number that the YAML reader finds too large
		}
		return rawjson.AppendQuoted(dst, []byte(n.Value))
	case *ast.LiteralNode:
		return rawjson.AppendQuoted(dst, []byte(n.Value.Value))
	case *ast.IntegerNode:
		return append(dst, strings.ReplaceAll(n.Token.Value, "_", "")...)
	case *ast.FloatNode:
		return strconv.AppendFloat(dst, n.Value, 'g', -1, 64)
	case *ast.BoolNode:
		return strconv.AppendBool(dst, n.Value)
	case *ast.NullNode:
		return append(dst, "null"...)
	}
	y.t.Fatalf("unexpected YAML node %T", n)
	return nil
}

func (y yamlReader) member(dst []byte, m *ast.MappingValueNode) []byte {
	key := m.Key.(ast.Node)
	if s, ok := key.(*ast.StringNode); ok {
		dst = rawjson.AppendQuoted(dst, []byte(s.Value))
	} else {
		dst = rawjson.AppendQuoted(dst, []byte(key.GetToken().Value))
	}
	return y.value(append(dst, ':'), m.Value)
}

// TestVectors compares verdicts, errors and defaults with the recorded answers of the reference. The reference makes doubles of numbers before it
// looks at them. Where our answer differs for an event with a number that is no double, it must be equal for the event with the double.
func TestVectors(t *testing.T) {
	vectors, schemas := readVectors(t)
	rounded := 0
	for _, v := range vectors {
		s := schemas[v.Schema]
		if !agrees(s.Validate([]byte(v.EventRaw)), v) {
			if doubles := roundNumbers(v.EventRaw); doubles != v.EventRaw {
				t.Logf("%s %q: %v, for the reference %q", v.Schema, v.Name, s.Validate([]byte(v.EventRaw)), v.ErrorsText)
				v.EventRaw = doubles
				rounded++
			}
		}
		event := []byte(v.EventRaw)
		if got := s.Valid(event); got != v.Valid {
			t.Errorf("%s %q: valid = %v, recorded %v", v.Schema, v.Name, got, v.Valid)
		}
		compareErrors(t, v, s.Validate(event))
		compareDefaults(t, v, s)
		if t.Failed() {
			t.Fatalf("event: %s", event)
		}
	}
	t.Logf("%d answers differ because numbers are exact here", rounded)
	testshared.Count(t, "validation-primary", len(vectors))
}

func agrees(err error, v vector) bool {
	if err == nil {
		return v.Valid
	}
	return !v.Valid && err.Error() == v.ErrorsText
}

// roundNumbers rewrites the numbers of a JSON text that are no doubles.
func roundNumbers(text string) string {
	return numberText.ReplaceAllStringFunc(text, func(m string) string {
		if m[0] == '"' || compareNumbers(parseNumber([]byte(m)), parseNumber([]byte(jsNumber(m)))) == 0 {
			return m
		}
		return jsNumber(m)
	})
}

var numberText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?`)

func compareErrors(t *testing.T, v vector, err error) {
	t.Helper()
	var got []Error
	text := ""
	if err != nil {
		refused, ok := err.(*ValidationError)
		if !ok {
			t.Errorf("%s %q: %v", v.Schema, v.Name, err)
			return
		}
		got, text = refused.Errors, refused.ErrorsText()
	}
	if text != v.ErrorsText {
		t.Errorf("%s %q: errorsText\n got %s\nwant %s", v.Schema, v.Name, text, v.ErrorsText)
	}
	if len(got) != len(v.Errors) {
		t.Errorf("%s %q: %d errors, recorded %d", v.Schema, v.Name, len(got), len(v.Errors))
		return
	}
	for i, want := range v.Errors {
		e := recordedError{got[i].Keyword, got[i].DataPath, got[i].SchemaPath, want.Params, got[i].Message, got[i].PropertyName}
		if !reflect.DeepEqual(e, want) || !sameJSON(t, got[i].Params, want.Params) {
			t.Errorf("%s %q: error %d\n got %+v %s\nwant %+v %s", v.Schema, v.Name, i, e, got[i].Params, want, want.Params)
		}
	}
}

func compareDefaults(t *testing.T, v vector, s *Schema) {
	t.Helper()
	ins, err := s.Defaults([]byte(v.EventRaw), nil)
	if err != nil {
		t.Errorf("%s %q: %v", v.Schema, v.Name, err)
		return
	}
	after := rawjson.Splice(nil, []byte(v.EventRaw), ins)
	switch {
	case v.EventAfter == "" && len(ins) > 0:
		t.Errorf("%s %q: defaults filled in: %s", v.Schema, v.Name, after)
	case v.EventAfter != "" && !sameJSON(t, after, []byte(v.EventAfter)):
		t.Errorf("%s %q: after defaults\n got %s\nwant %s", v.Schema, v.Name, after, v.EventAfter)
	case s.Valid(after) != v.Valid:
		t.Errorf("%s %q: the verdict changed after defaults: %s", v.Schema, v.Name, after)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Errorf("%v: %s", err, a)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Errorf("%v: %s", err, b)
	}
	return reflect.DeepEqual(x, y)
}

// TestNoAllocation checks that the first pass allocates nothing for any valid recorded event.
func TestNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	vectors, schemas := readVectors(t)
	for _, v := range vectors {
		if !v.Valid {
			continue
		}
		s, event := schemas[v.Schema], []byte(v.EventRaw)
		if n := testing.AllocsPerRun(20, func() { s.Check(event) }); n != 0 {
			t.Errorf("%s %q: %v allocations", v.Schema, v.Name, n)
		}
	}
}

// TestConcurrently validates the recorded events in several goroutines with the same schemas.
func TestConcurrently(t *testing.T) {
	vectors, schemas := readVectors(t)
	want := make([]bool, len(vectors))
	for i, v := range vectors {
		want[i] = schemas[v.Schema].Valid([]byte(v.EventRaw))
	}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for k := range vectors {
				i := (k*(2*worker+1) + worker) % len(vectors)
				if got := schemas[vectors[i].Schema].Valid([]byte(vectors[i].EventRaw)); got != want[i] {
					t.Errorf("%s %q: valid = %v beside others", vectors[i].Schema, vectors[i].Name, got)
				}
			}
		})
	}
	group.Wait()
}
