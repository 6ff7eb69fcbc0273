package streamconfig

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Layout says of which sources a configuration is made: the base, over it the overlays of one environment, over that those of each wiki. A base
// source that declares a stream again replaces it whole; an overlay is merged over it, setting by setting.
type Layout struct {
	// Streams are the base's sources: files, folders and URLs.
	Streams []string
	// Environment names which of Environments is served. Empty: the base alone.
	Environment  string
	Environments map[string][]string
	// Wikis have views of their own.
	Wikis []Wiki
}

// Wiki is one wiki's view.
type Wiki struct {
	ID      string   // asked for by ?wiki=
	Hosts   []string // asked for by the Host header, without port
	Streams []string // overlays
}

// ReadLayout reads a file that describes a layout, alone or as the conf of a service-runner file's first service:
//
//	streams: [streams/]
//	environment: beta
//	environments: {beta: [beta.yaml]}
//	wikis: {enwiki: {hosts: [en.wikipedia.org], streams: [enwiki.yaml]}}
//
// Relative paths are relative to the file. A file without streams is no error here: they may be given elsewhere. What the file says besides is not looked
// at: that is the service's.
func ReadLayout(file string, text []byte) (Layout, error) {
	var faults []Fault
	root, err := readValue(file, text, &faults)
	if err != nil {
		return Layout{}, syntaxFault(err)
	}
	at := ""
	if services := root.get("services"); services != nil {
		switch {
		case services.get("conf") != nil:
			root, at = services.get("conf"), "/services/conf"
		case services.kind == kindList && len(services.items) > 0 && services.items[0].get("conf") != nil:
			root, at = services.items[0].get("conf"), "/services/0/conf"
		}
	}
	r := layoutReader{dir: filepath.Dir(file), at: at, faults: faults}
	l := Layout{Streams: r.paths(root.get("streams"), "/streams"), Environment: root.get("environment").str()}
	l.Environments = r.environments(root.get("environments"))
	if _, ok := l.Environments[l.Environment]; l.Environment != "" && !ok {
		r.fault(root.get("environment"), "/environment", fmt.Sprintf("the environment %q is not one of environments", l.Environment),
			"its overlays must be listed there: "+strings.Join(slices.Sorted(maps.Keys(l.Environments)), ", "))
	}
	l.Wikis = r.wikis(root.get("wikis"))
	if len(r.faults) > 0 {
		return Layout{}, &LoadError{Faults: r.faults}
	}
	return l, nil
}

type layoutReader struct {
	dir    string
	at     string // where the layout is in the document
	faults []Fault
}

func (r *layoutReader) fault(at *value, pointer, message, remedy string) {
	r.faults = append(r.faults, Fault{Pos: at.position(), Pointer: r.at + pointer, Message: message, Remedy: remedy})
}

func (r *layoutReader) environments(v *value) map[string][]string {
	if v.isNull() {
		return nil
	}
	if v.kind != kindObject {
		r.fault(v, "/environments", "environments is "+v.kind.String(), "it must be an object: an environment's name to its overlays")
		return nil
	}
	list := make(map[string][]string, len(v.keys))
	for i, name := range v.keys {
		list[name] = r.paths(v.items[i], pointerStep("/environments", name))
	}
	return list
}

func (r *layoutReader) wikis(v *value) []Wiki {
	if v.isNull() {
		return nil
	}
	if v.kind != kindObject {
		r.fault(v, "/wikis", "wikis is "+v.kind.String(), "it must be an object: a wiki's id to its hosts and streams")
		return nil
	}
	list := make([]Wiki, 0, len(v.keys))
	taken := map[string]string{}
	for i, id := range v.keys {
		at, item := pointerStep("/wikis", id), v.items[i]
		if item.kind != kindObject && !item.isNull() {
			r.fault(item, at, "the wiki is "+item.kind.String(), "it must be an object: hosts and streams")
			continue
		}
		hosts, ok := item.get("hosts").strings()
		if !ok {
			r.fault(item, at+"/hosts", "hosts is no list of texts", "write hosts: [en.wikipedia.org]")
		}
		for _, host := range hosts {
			host = strings.ToLower(host)
			if other, twice := taken[host]; twice {
				r.fault(item.get("hosts"), at+"/hosts", fmt.Sprintf("the host %s is one of the wiki %s as well", host, other), "a host shows one wiki's view: remove it from one of them")
			}
			taken[host] = id
		}
		for j, key := range item.keys {
			if key != "hosts" && key != "streams" {
				r.fault(item.items[j], pointerStep(at, key), fmt.Sprintf("unknown member %q", key), `a wiki has "hosts" and "streams"`)
			}
		}
		list = append(list, Wiki{ID: id, Hosts: hosts, Streams: r.paths(item.get("streams"), at+"/streams")})
	}
	return list
}

// paths reads one source or a list of them.
func (r *layoutReader) paths(v *value, pointer string) []string {
	if v != nil && v.kind == kindString {
		v = &value{kind: kindList, items: []*value{v}}
	}
	list, ok := v.strings()
	if !ok {
		r.fault(v, pointer, "it is "+v.kind.String(), "it must be a list of files, folders or URLs")
	}
	for i, p := range list {
		if !strings.Contains(p, "://") && !filepath.IsAbs(p) {
			list[i] = filepath.Join(r.dir, p)
		}
	}
	return list
}

// all are the sources of a layout, in order.
func (l Layout) all() []string {
	list := slices.Concat(l.Streams, l.Environments[l.Environment])
	for _, w := range l.Wikis {
		list = append(list, w.Streams...)
	}
	return list
}

// views are a configuration as all who ask see it.
type views struct {
	at    time.Time // when it was read
	base  *Config
	wikis map[string]*Config
	hosts map[string]*Config
}

// load reads a layout's sources and makes its views. One fault anywhere is an error.
func (l loader) views(ctx context.Context, layout Layout) (*views, error) {
	var faults []Fault
	read := func(names []string) ([]source, error) { return l.sources(ctx, names, &faults) }
	base, err := read(layout.Streams)
	if err != nil {
		return nil, err
	}
	environment, err := read(layout.Environments[layout.Environment])
	if err != nil {
		return nil, err
	}
	overlaid := func(common *Config, faults []Fault, overlays ...[]source) (*Config, error) {
		b := newBuilder(faults)
		b.base = common
		for _, s := range base {
			b.add(s)
		}
		for i, list := range overlays {
			if i == len(overlays)-1 {
				// What the overlays before the last change is changed in the common configuration as well.
				clear(b.touched)
				b.allNew = false
			}
			for _, s := range list {
				b.overlay(s)
			}
		}
		return b.finish()
	}
	overlays := make([][]source, len(layout.Wikis))
	for i, w := range layout.Wikis {
		if overlays[i], err = read(w.Streams); err != nil {
			return nil, err
		}
	}
	v := &views{at: time.Now(), wikis: map[string]*Config{}, hosts: map[string]*Config{}}
	if v.base, err = overlaid(nil, faults, environment); err != nil {
		return nil, err
	}
	for i, w := range layout.Wikis {
		c, err := overlaid(v.base, nil, environment, overlays[i])
		if err != nil {
			return nil, fmt.Errorf("wiki %s: %w", w.ID, err)
		}
		v.wikis[w.ID] = c
		for _, host := range w.Hosts {
			v.hosts[strings.ToLower(host)] = c
		}
	}
	return v, nil
}
