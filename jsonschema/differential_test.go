package jsonschema

import (
	"bytes"
	"encoding/json"
	"testing"

	santhosh "github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// TestAgainstAnother compares verdicts with another implementation on random schemas and instances.
func TestAgainstAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn{t: t, refs: rapid.Bool().Draw(t, "refs"), plain: true}
		schema := d.root(3)
		s, err := Compile([]byte(schema), Options{})
		if err != nil {
			t.Skip("a $ref that leads back to itself")
		}
		doc, err := santhosh.UnmarshalJSON(bytes.NewReader([]byte(schema)))
		if err != nil {
			t.Fatal(err)
		}
		c := santhosh.NewCompiler()
		c.DefaultDraft(santhosh.Draft7)
		if err := c.AddResource("schema.json", doc); err != nil {
			t.Fatal(err)
		}
		other, err := c.Compile("schema.json")
		if err != nil {
			t.Skip("a pattern that RE2 cannot express")
		}
		for range 5 {
			instance := d.instance(3)
			v, err := santhosh.UnmarshalJSON(bytes.NewReader([]byte(instance)))
			if err != nil {
				t.Fatal(err)
			}
			got, want := s.Valid([]byte(instance)), other.Validate(v) == nil
			if got != want && !siblingsOfRef(doc) {
				t.Fatalf("%s\n%s: valid = %v, the other says %v", schema, instance, got, want)
			}
			consistent(t, s, []byte(instance))
		}
	})
}

// siblingsOfRef reports whether type stands beside a $ref, where ajv heeds it.
func siblingsOfRef(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["$ref"]; ok && v["type"] != nil {
			return true
		}
		for _, sub := range v {
			if siblingsOfRef(sub) {
				return true
			}
		}
	case []any:
		for _, sub := range v {
			if siblingsOfRef(sub) {
				return true
			}
		}
	}
	return false
}

// TestPassesAgree compares the two passes on random schemas with defaults and formats too.
func TestPassesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn{t: t, refs: rapid.Bool().Draw(t, "refs")}
		s, err := Compile([]byte(d.root(3)), Options{})
		if err != nil {
			t.Skip(err)
		}
		for range 5 {
			consistent(t, s, []byte(d.instance(3)))
		}
	})
}

// consistent checks that all answers about an event agree: the first pass, the second one, and what encoding/json makes of the text.
func consistent(t interface{ Fatalf(string, ...any) }, s *Schema, event []byte) {
	v := s.Check(event)
	syntax := rawjson.Check(event)
	if (v.Syntax != nil) != (syntax != nil) || s.Valid(event) != v.Valid || v.Syntax != nil && v.Valid {
		t.Fatalf("%s: %+v, syntax %v", event, v, syntax)
	}
	err := s.Validate(event)
	if (err == nil) != v.Valid {
		t.Fatalf("%s: valid = %v, but %v", event, v.Valid, err)
	}
	if refused, ok := err.(*ValidationError); ok && len(refused.Errors) == 0 {
		t.Fatalf("%s: refused without a reason", event)
	}
	if syntax != nil {
		return
	}
	errs, done := s.explain(parse(event), len(event))
	if done && (len(errs) == 0) != v.Valid {
		t.Fatalf("%s: valid = %v, but the second pass says %v", event, v.Valid, errs)
	}
	plain := rawjson.DropDuplicates(nil, event)
	if (len(plain) != len(event)) != v.Duplicates && !v.Valid || v.Valid && v.Duplicates != (len(plain) != len(event)) {
		t.Fatalf("%s: duplicates = %v", event, v.Duplicates)
	}
	ins, err := s.Defaults(event, nil)
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	if after := rawjson.Splice(nil, event, ins); !json.Valid(after) {
		t.Fatalf("%s: with defaults %s", event, after)
	}
}

// TestMutations changes the recorded events byte by byte. What encoding/json refuses must be refused, and all answers must agree.
func TestMutations(t *testing.T) {
	vectors, schemas := readVectors(t)
	step := 41
	if testing.Short() || raceEnabled {
		step = 397
	}
	n := 0
	for k, v := range vectors {
		if !v.Example && k%29 != 0 {
			continue
		}
		s := schemas[v.Schema]
		for i := k % step; i < len(v.EventRaw); i += step {
			for _, c := range []byte(`"\{}[],:0-e 1x`) {
				event := []byte(v.EventRaw)
				event[i] = c
				consistent(t, s, event)
				if !json.Valid(event) && s.Valid(event) {
					t.Fatalf("%s is valid", event)
				}
				n++
			}
			for _, c := range []byte{0, 0x1f, 0x80, 0xff} {
				event := []byte(v.EventRaw)
				event[i] = c
				consistent(t, s, event)
			}
			consistent(t, s, []byte(v.EventRaw[:i]+v.EventRaw[i+1:]))
			consistent(t, s, []byte(v.EventRaw[:i]))
		}
	}
	t.Logf("%d mutations", n)
}
