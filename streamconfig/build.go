package streamconfig

import (
	"fmt"
	"sync"
)

// source is what was read from one file, folder or URL.
type source []*document

// builder makes a Config of sources.
type builder struct {
	defaults *value
	order    []declaration
	place    map[string]int
	base     *Config         // without the overlays; its streams are used where no overlay changes them
	touched  map[string]bool // streams that an overlay changes
	allNew   bool            // an overlay changes the defaults, and with them all streams
	faults   []Fault
	warnings []Fault
	reported map[string]bool
	lenient  bool // what cannot be used is left out with a warning: the source is another service's answer
}

// build merges the sources, later over earlier, and checks every stream.
func build(sources []source, faults []Fault) (*Config, error) {
	return newBuilder(faults).build(sources)
}

func newBuilder(faults []Fault) *builder {
	return &builder{defaults: &value{kind: kindObject}, place: map[string]int{}, touched: map[string]bool{}, reported: map[string]bool{}, faults: faults}
}

func (b *builder) build(sources []source) (*Config, error) {
	for _, s := range sources {
		b.add(s)
	}
	return b.finish()
}

// finish checks every stream and makes the Config.
func (b *builder) finish() (*Config, error) {
	c := &Config{
		streams:  make([]*Stream, 0, len(b.order)),
		byName:   make(map[string]*Stream, len(b.order)),
		aliases:  map[string]*Stream{},
		defaults: b.defaults,
	}
	b.checkLists(b.defaults, "/default_settings")
	for _, decl := range b.order {
		s := b.unchanged(decl.name)
		if s == nil {
			s = b.stream(decl)
		}
		if s == nil {
			continue
		}
		c.streams = append(c.streams, s)
		c.byName[s.Name] = s
		if s.IsRegex {
			c.regexes = append(c.regexes, s)
		}
	}
	b.aliases(c)
	if b.lenient {
		b.warnings, b.faults = append(b.warnings, b.faults...), nil
	}
	if len(b.faults) > 0 {
		return nil, &LoadError{Faults: b.faults}
	}
	c.warnings = b.warnings
	c.all = sync.OnceValue(func() []byte { return AppendEntries(nil, c.Select(nil, nil)) })
	return c, nil
}

// unchanged returns the base's stream if no overlay changes it.
func (b *builder) unchanged(name string) *Stream {
	if b.base == nil || b.allNew || b.touched[name] {
		return nil
	}
	return b.base.byName[name]
}

// add puts a source's declarations over those of the sources before it. A stream that was declared before keeps its place and loses its settings.
func (b *builder) add(s source) {
	own := map[string]declaration{}
	var defaults *value
	for _, d := range s {
		if d.defaults != nil {
			if defaults != nil {
				b.fault(Fault{
					Pos: d.defaults.position(), Pointer: "/default_settings",
					Message: fmt.Sprintf("default_settings are given twice in one source, first at %s", defaults.position()),
					Remedy:  "keep them in one of the files",
				})
				continue
			}
			defaults = d.defaults
		}
		for _, decl := range d.streams {
			if first, twice := own[decl.name]; twice {
				b.twice(first, decl)
			}
			own[decl.name] = decl
			if i, known := b.place[decl.name]; known {
				b.order[i] = decl
				continue
			}
			b.place[decl.name] = len(b.order)
			b.order = append(b.order, decl)
		}
	}
	if defaults != nil && defaults.kind == kindObject {
		b.defaults = merge(b.defaults, defaults)
	}
}

// overlay merges an overlay's declarations over the ones before it, stream by stream; new streams follow.
func (b *builder) overlay(s source) {
	for _, d := range s {
		if d.defaults != nil && d.defaults.kind == kindObject && len(d.defaults.keys) > 0 {
			b.defaults = merge(b.defaults, d.defaults)
			b.allNew = true
		}
		for _, decl := range d.streams {
			b.touched[decl.name] = true
			i, known := b.place[decl.name]
			if !known {
				b.place[decl.name] = len(b.order)
				b.order = append(b.order, decl)
				continue
			}
			merged := b.order[i]
			merged.settings = merge(merged.settings, decl.settings)
			b.order[i] = merged
		}
	}
}

// twice reports a stream that one source declares twice. In the old form, a list of entries with their names inside, the reference takes the later
// one, and files in that form are in use: there it is a warning.
func (b *builder) twice(first, second declaration) {
	f := Fault{
		Pos: second.settings.position(), Pointer: second.pointer,
		Message: fmt.Sprintf("stream %q is declared twice in one source, first at %s", second.name, first.settings.position()),
		Remedy:  "remove one of the declarations",
	}
	if inList(first) && inList(second) && first.settings.position().File == second.settings.position().File {
		b.warnings = append(b.warnings, f)
		return
	}
	b.fault(f)
}

// inList reports whether a declaration stands in a list of streams.
func inList(d declaration) bool { return d.pointer != pointerStep("/streams", d.name) }

// fault collects a fault once: what is wrong in the defaults is wrong in every stream.
func (b *builder) fault(f Fault) {
	if key := f.Pos.String() + f.Message; !b.reported[key] {
		b.reported[key] = true
		b.faults = append(b.faults, f)
	}
}

// aliases indexes the old names. One that is taken is a fault: it would be read as another stream.
func (b *builder) aliases(c *Config) {
	for _, s := range c.streams {
		for _, alias := range s.Aliases {
			f := Fault{
				Pos: s.declared.get("aliases").position(), Pointer: pointerStep("/streams", s.Name) + "/aliases",
				Remedy: "remove the alias, or the declaration that has its name",
			}
			if other, taken := c.byName[alias]; taken {
				f.Message = fmt.Sprintf("the alias %q is a declared stream (%s)", alias, other.Source)
				b.fault(f)
				continue
			} else if other, taken := c.aliases[alias]; taken {
				f.Message = fmt.Sprintf("the alias %q is an alias of stream %q as well", alias, other.Name)
				b.fault(f)
				continue
			}
			c.aliases[alias] = s
		}
	}
}
