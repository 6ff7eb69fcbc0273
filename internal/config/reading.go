package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// reading is one file on its way to a configuration.
type reading struct {
	file   string
	over   Overrides
	root   *node // the document
	report Report
}

func (r *reading) note(line int, key, format string, args []any) Note {
	return Note{File: r.file, Line: line, Key: key, Text: fmt.Sprintf(format, args...)}
}

func (r *reading) fault(line int, key, format string, args ...any) {
	r.report.Faults = append(r.report.Faults, r.note(line, key, format, args))
}

func (r *reading) warn(line int, key, format string, args ...any) {
	r.report.Warnings = append(r.report.Warnings, r.note(line, key, format, args))
}

func (r *reading) ignore(line int, key, format string, args ...any) {
	r.report.Ignored = append(r.report.Ignored, r.note(line, key, format, args))
}

// document reads the file; nil if it cannot be read, which is a fault then.
func (r *reading) document() *node {
	text, err := os.ReadFile(r.file)
	if err != nil {
		var reason *fs.PathError
		switch {
		case errors.Is(err, fs.ErrNotExist):
			r.fault(0, "", "there is no such file: give one with -c FILE")
		case errors.As(err, &reason):
			r.fault(0, "", "cannot be read: %v", reason.Err)
		default:
			r.fault(0, "", "cannot be read: %v", err)
		}
		return nil
	}
	r.root = r.parse(r.environment(text))
	return r.root
}

// reader reads a setting. It never gets an empty one: that is as if it were not there.
type reader func(r *reading, path string, n *node)

// fields are the settings of one object.
type fields map[string]reader

// object reads the members of an object. The readers of what is missing are not called.
func (r *reading) object(path string, n *node, known fields) {
	if n.isNull() {
		return
	}
	if n.kind != kindObject {
		r.fault(n.line, path, "is %s: it must be an object", n.kind)
		return
	}
	for i, key := range n.keys {
		place := join(path, key)
		read, ok := known[key]
		switch {
		case !ok:
			r.unknown(n.at[i], place, key, known)
		case !n.items[i].isNull():
			item := n.items[i]
			if item.kind != kindObject && item.kind != kindList {
				item.line = n.at[i]
			}
			read(r, place, item)
		}
	}
}

// unknown reports a key that nothing reads. One that is nearly a known one is a mistake and stops the start; one that is like none may be meant for
// something else that reads the file.
func (r *reading) unknown(line int, place, key string, known fields) {
	nearest, near := nearestKey(key, known)
	switch {
	case near:
		r.fault(line, place, "is not known; did you mean %q?", nearest)
	case nearest != "":
		r.warn(line, place, "is not known and is not used; the nearest known setting is %q", nearest)
	default:
		r.warn(line, place, "is not known and is not used")
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
