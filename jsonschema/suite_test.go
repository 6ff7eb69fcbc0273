package jsonschema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// suiteCase is a schema of the public test suite with its instances.
type suiteCase struct {
	Description string          `json:"description"`
	Schema      json.RawMessage `json:"schema"`
	Tests       []struct {
		Description string          `json:"description"`
		Data        json.RawMessage `json:"data"`
		Valid       bool            `json:"valid"`
	} `json:"tests"`
}

// TestSuite runs the required tests of the public JSON Schema test suite for draft-07.
func TestSuite(t *testing.T) {
	dir := testshared.Path(t, "data/json-schema-test-suite")
	load := func(uri string) ([]byte, error) {
		name, ok := strings.CutPrefix(uri, "http://localhost:1234/")
		if !ok {
			return nil, os.ErrNotExist
		}
		return os.ReadFile(filepath.Join(dir, "remotes", filepath.FromSlash(name)))
	}
	files, err := filepath.Glob(filepath.Join(dir, "draft7", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no test files", err)
	}
	ran := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []suiteCase
		if err := json.Unmarshal(src, &cases); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			s, err := Compile(c.Schema, Options{Load: load, UnknownFormats: UnknownFormatsIgnore})
			if err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(file), c.Description, err)
				continue
			}
			for _, test := range c.Tests {
				ran++
				if got := s.Valid(test.Data); got != test.Valid {
					t.Errorf("%s: %s: %s: %s valid = %v", filepath.Base(file), c.Description, test.Description, test.Data, got)
				}
				if err := s.Validate(test.Data); (err == nil) != test.Valid {
					t.Errorf("%s: %s: %s: %s: error = %v", filepath.Base(file), c.Description, test.Description, test.Data, err)
				}
			}
		}
	}
	testshared.Count(t, "json-schema-test-suite/draft7", ran)
}
