package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	santhosh "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/eventplatform/eventplatform/schema"
)

// subject is a schema with its examples, in the forms that the validators want.
type subject struct {
	name     string
	ours     *schema.Schema
	events   [][]byte
	santhosh *santhosh.Schema // nil if it does not compile there
	values   []any
	shape    map[string]bool
}

func events(subjects []subject) [][]byte {
	var all [][]byte
	for _, s := range subjects {
		all = append(all, s.events...)
	}
	return all
}

// choose picks the newest version of the n titles whose declared properties differ most: each next one is the one least like those already there.
func choose(dir string, n int) ([]subject, error) {
	repository, err := schema.New(schema.Config{Bases: []string{dir}})
	if err != nil {
		return nil, err
	}
	defer repository.Close()
	titles, err := repository.Titles()
	if err != nil {
		return nil, err
	}
	var found []subject
	for _, title := range titles {
		s, err := repository.Latest(context.Background(), title)
		if err != nil {
			return nil, err
		}
		if len(s.Examples) > 0 {
			found = append(found, prepare(s))
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no schema with examples in %s", dir)
	}
	chosen, rest := found[:1:1], found[1:]
	for len(chosen) < n && len(rest) > 0 {
		best, farthest := 0, -1.0
		for i, candidate := range rest {
			nearest := 1.0
			for _, c := range chosen {
				nearest = min(nearest, distance(candidate.shape, c.shape))
			}
			if nearest > farthest {
				best, farthest = i, nearest
			}
		}
		chosen = append(chosen, rest[best])
		rest = append(rest[:best:best], rest[best+1:]...)
	}
	return chosen, nil
}

// distance is the share of properties that only one of two schemas has.
func distance(a, b map[string]bool) float64 {
	common := 0
	for p := range a {
		if b[p] {
			common++
		}
	}
	return 1 - float64(common)/float64(len(a)+len(b)-common+1)
}

func prepare(s *schema.Schema) subject {
	p := subject{name: s.URI, ours: s, shape: map[string]bool{}}
	for _, example := range s.Examples {
		var compact bytes.Buffer
		if json.Compact(&compact, example) == nil && s.Validator.Valid(compact.Bytes()) {
			p.events = append(p.events, compact.Bytes())
		}
	}
	source, err := santhosh.UnmarshalJSON(bytes.NewReader(s.Source))
	if err != nil {
		return p
	}
	shape(p.shape, "", source)
	withoutIDs(source, true)
	c := santhosh.NewCompiler()
	c.AssertFormat()
	if c.AddResource("schema.json", source) == nil {
		p.santhosh, _ = c.Compile("schema.json")
	}
	for _, event := range p.events {
		v, err := santhosh.UnmarshalJSON(bytes.NewReader(event))
		if err != nil || p.santhosh != nil && p.santhosh.Validate(v) != nil {
			p.santhosh = nil
		}
		p.values = append(p.values, v)
	}
	return p
}

// shape collects the paths of the declared properties with their types.
func shape(into map[string]bool, path string, v any) {
	s, ok := v.(map[string]any)
	if !ok {
		return
	}
	into[fmt.Sprint(path, s["type"], s["format"])] = true
	if properties, ok := s["properties"].(map[string]any); ok {
		for name, sub := range properties {
			shape(into, path+"/"+name, sub)
		}
	}
	shape(into, path+"/*", s["additionalProperties"])
	shape(into, path+"/[]", s["items"])
}

// withoutIDs removes $schema and $id: santhosh refuses a schema that repeats an $id, as real ones do.
func withoutIDs(v any, schema bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, sub := range v {
			if text, ok := sub.(string); ok && schema && (name == "$id" || name == "$schema") && !strings.HasPrefix(text, "#") {
				delete(v, name)
				continue
			}
			withoutIDs(sub, name != "properties")
		}
	case []any:
		for _, sub := range v {
			withoutIDs(sub, true)
		}
	}
}
