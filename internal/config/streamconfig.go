package config

// LoadStreamConfig reads the file of a stream configuration service: a service-runner file whose conf has the sources to serve as "streams". Without
// a file ("") the sources are those of the command line.
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
			"streams":           texts(&c.Sources),
			"stream_config_ttl": seconds(&c.Refresh),
			"spec":              nothing(reasonSpec),
		})
	}
	if len(over.Streams) > 0 {
		c.Sources = over.Streams
	}
	if len(c.Sources) == 0 && len(r.report.Faults) == 0 {
		r.fault(0, "streams", "is missing: name the files, folders or URLs to serve in services[0].conf.streams, or give --streams")
	}
	r.report.sort()
	return c, &r.report
}
