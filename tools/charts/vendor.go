package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"helm.sh/helm/v3/pkg/chartutil"
)

// definitions are the JSON Schemas of values that several charts have: one file, copied into the values.schema.json of each.
const definitions = "eventplatform-lib/values-definitions.json"

// vendor puts copies of the charts that others depend on into their charts folders, where Helm looks for them, and the shared definitions into
// each values.schema.json. What is there already is replaced.
func vendor(root string) error {
	shared, err := os.ReadFile(filepath.Join(root, definitions))
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if dir := filepath.Join(root, e.Name()); e.IsDir() {
			if err := define(filepath.Join(dir, chartutil.SchemafileName), shared); err != nil {
				return err
			}
		}
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := vendorInto(root, e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func vendorInto(root, name string) error {
	meta, err := chartutil.LoadChartfile(filepath.Join(root, name, chartutil.ChartfileName))
	if err != nil {
		return err
	}
	into := filepath.Join(root, name, chartutil.ChartsDir)
	if err := os.RemoveAll(into); err != nil {
		return err
	}
	for _, d := range meta.Dependencies {
		if err := os.CopyFS(filepath.Join(into, d.Name), os.DirFS(filepath.Join(root, d.Name))); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// define writes the definitions that a schema refers to, directly or through others, into its $defs.
func define(file string, shared []byte) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a library has none
	}
	if err != nil {
		return err
	}
	var all, schema map[string]any
	if err := json.Unmarshal(shared, &all); err != nil {
		return fmt.Errorf("%s: %w", definitions, err)
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	delete(schema, "$defs")
	used := map[string]any{}
	if err := collect(schema, all, used); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	schema["$defs"] = used
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(schema); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// collect follows the $refs of a schema into all and keeps what they name in used.
func collect(schema any, all, used map[string]any) error {
	switch s := schema.(type) {
	case []any:
		for _, below := range s {
			if err := collect(below, all, used); err != nil {
				return err
			}
		}
	case map[string]any:
		if ref, ok := s["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/$defs/")
			if used[name] == nil {
				if all[name] == nil {
					return fmt.Errorf("%q is not in %s", ref, definitions)
				}
				used[name] = all[name]
				if err := collect(all[name], all, used); err != nil {
					return err
				}
			}
		}
		for _, below := range s {
			if err := collect(below, all, used); err != nil {
				return err
			}
		}
	}
	return nil
}
