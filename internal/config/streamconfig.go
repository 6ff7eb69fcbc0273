package config

import (
	"errors"
	"os"
	"strings"

	"github.com/eventplatform/eventplatform/streamconfig"
)

// LoadStreamConfig reads the file of a stream configuration service: a service-runner file whose conf has the sources to serve as "streams", with overlays
// for an environment and for wikis (streamconfig.ReadLayout). Without a file ("") the sources are those of the command line.
func LoadStreamConfig(file string, over Overrides) (*StreamConfig, *Report) {
	r := &reading{file: file, over: over}
	c := &StreamConfig{}
	forms := endpoint{name: "streamconfig", port: 8080, address: "127.0.0.1"}
	if file == "" {
		r.file = "the command line"
		c.Name = forms.name
		r.endpoint(&c.Service, nil, "", forms)
	} else {
		forms.port, forms.address = 8888, "0.0.0.0"
		conf, place := r.serviceRunner(&c.Service, forms)
		r.object(place, conf, fields{
			"port": known, "interface": known, "user_agent": known,
			"streams": known, "environment": known, "environments": known, "wikis": known,
			"schema_base_uris":  texts(&c.Schemas),
			"stream_config_ttl": seconds(&c.Refresh),
			"spec":              nothing(reasonSpec),
		})
		if conf != nil {
			c.Layout = r.layout()
		}
	}
	if len(over.Schemas) > 0 {
		c.Schemas = over.Schemas
	}
	if len(over.Streams) > 0 {
		c.Layout.Streams = over.Streams
	}
	if len(c.Layout.Streams) == 0 && len(r.report.Faults) == 0 {
		r.fault(0, "streams", "is missing: name the files, folders or URLs to serve in services[0].conf.streams, or give --streams")
	}
	r.report.sort()
	return c, &r.report
}

// layout reads where the declarations are and what lies over them.
func (r *reading) layout() streamconfig.Layout {
	text, err := os.ReadFile(r.file)
	if err != nil {
		r.fault(0, "", "cannot be read: %v", err)
		return streamconfig.Layout{}
	}
	again := &reading{file: r.file} // what is to be said of variables is said already
	layout, err := streamconfig.ReadLayout(r.file, again.environment(text))
	var load *streamconfig.LoadError
	switch {
	case errors.As(err, &load):
		for _, f := range load.Faults {
			r.fault(f.Pos.Line, dotted(f.Pointer), "%s", strings.TrimSuffix(f.Message+"; "+f.Remedy, "; "))
		}
	case err != nil:
		r.fault(0, "", "%v", err)
	}
	return layout
}

// dotted is a JSON pointer as paths are written here: services[0].conf.streams.
func dotted(pointer string) string {
	var path string
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if step != "" && strings.Trim(step, "0123456789") == "" {
			path += "[" + step + "]"
		} else {
			path = join(path, step)
		}
	}
	return path
}
