package streamconfig

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// document is one file as read: its own declarations, not merged with anything.
type document struct {
	file     string
	defaults *value // nil without default_settings
	streams  []declaration
}

// declaration is one stream of a document.
type declaration struct {
	name     string
	settings *value
	pointer  string
	unnamed  bool // in a list and without a "stream": its index is its name
}

// readDocument reads a file's text. Faults that leave the rest readable are collected.
func readDocument(file string, src []byte, faults *[]Fault) (*document, error) {
	root, err := readValue(file, src, faults)
	if err != nil {
		return nil, err
	}
	d := &document{file: file}
	switch root.kind {
	case kindObject:
		d.members(root, faults)
	case kindNull:
		// An empty file declares nothing.
	default:
		*faults = append(*faults, Fault{
			Pos: root.position(), Message: "the document is " + root.kind.String(),
			Remedy: `it must be an object with "streams" and, if wanted, "default_settings"`,
		})
	}
	return d, nil
}

// readValue reads JSON or YAML: by the file's extension, else by how the text begins.
func readValue(file string, src []byte, faults *[]Fault) (*value, error) {
	lower := strings.ToLower(file)
	isYAML := strings.HasSuffix(lower, ".yaml") || strings.HasSuffix(lower, ".yml")
	text := bytes.TrimLeft(bytes.TrimPrefix(src, []byte("\ufeff")), " \t\r\n")
	begins := len(text) > 0 && (text[0] == '{' || text[0] == '[')
	if strings.HasSuffix(lower, ".json") || begins && !isYAML {
		return readJSON(&file, src, faults)
	}
	if begins {
		// JSON is YAML, and nearly all YAML that begins like this is JSON, which is read far faster.
		before := len(*faults)
		if v, err := readJSON(&file, src, faults); err == nil {
			return v, nil
		}
		*faults = (*faults)[:before]
	}
	return readYAML(&file, src, faults)
}

func (d *document) members(root *value, faults *[]Fault) {
	for i, key := range root.keys {
		item := root.items[i]
		switch key {
		case "default_settings":
			if item.kind == kindObject || item.kind == kindList && len(item.items) == 0 {
				d.defaults = item
				continue
			}
			*faults = append(*faults, Fault{
				Pos: item.position(), Pointer: "/default_settings", Message: "default_settings is " + item.kind.String(),
				Remedy: "it must be an object of settings",
			})
		case "streams":
			d.declarations(item, faults)
		case "warnings", "requestid":
			// An answer of the action API, kept in a file.
		default:
			*faults = append(*faults, Fault{
				Pos: item.position(), Pointer: pointerStep("", key), Message: fmt.Sprintf("unknown member %q", key),
				Remedy: `a document has "default_settings" and "streams"; a stream's declaration stands under "streams"`,
			})
		}
	}
}

func (d *document) declarations(v *value, faults *[]Fault) {
	switch v.kind {
	case kindObject:
		for i, name := range v.keys {
			d.declare(declaration{name: name, settings: v.items[i], pointer: pointerStep("/streams", name)}, faults)
		}
	case kindList:
		for i, item := range v.items {
			decl := declaration{name: item.get("stream").str(), settings: item, pointer: pointerIndex("/streams", i)}
			if item.get("stream").isNull() {
				decl.name, decl.unnamed = strconv.Itoa(i), true
			}
			d.declare(decl, faults)
		}
	case kindNull:
	default:
		*faults = append(*faults, Fault{
			Pos: v.position(), Pointer: "/streams", Message: "streams is " + v.kind.String(),
			Remedy: "it must be an object: a stream's name to its settings",
		})
	}
}

func (d *document) declare(decl declaration, faults *[]Fault) {
	switch s := decl.settings; {
	case s.kind == kindObject:
		d.streams = append(d.streams, decl)
	case s.kind == kindList && len(s.items) == 0:
		// PHP's empty array: no settings of its own.
		empty := *s
		empty.kind = kindObject
		decl.settings = &empty
		d.streams = append(d.streams, decl)
	default:
		*faults = append(*faults, Fault{
			Pos: s.position(), Pointer: decl.pointer,
			Message: fmt.Sprintf("the settings of stream %q are %s", decl.name, s.kind),
			Remedy:  `they must be an object, for example {"schema_title": "my/schema"}`,
		})
	}
}
