package config

import (
	"maps"
	"net/http"

	"github.com/eventplatform/eventplatform/kafka"
)

// LoadEventStreams reads a streamer's file.
func LoadEventStreams(file string, over Overrides) (*EventStreams, *Report) {
	r := &reading{file: file, over: over}
	c := &EventStreams{}
	conf, place := r.serviceRunner(&c.Service, endpoint{name: "eventstreams", port: 8888, address: "0.0.0.0"})
	var section *node
	var schemaHeaders http.Header
	f := fields{
		"port": known, "interface": known, "user_agent": known,
		"cors": textOrFalse(&c.Streamer.CORS, "false"),
		"csp":  textOrFalse(&c.Streamer.CSP, "false"),

		"allowed_streams":            texts(&c.Streamer.AllowedStreams),
		"client_ip_connection_limit": whole(&c.Streamer.ClientIPConnectionLimit, 0, 1_000_000),
		"mediawiki_redacted_pages":   pages(&c.Streamer.RedactedPages),
		"stream_ui_enabled":          truth(&c.UI),

		"schema_base_uris":      texts(&c.Schemas.Bases),
		"schema_latest_version": text(&c.Streamer.SchemaLatestVersion),
		"schema_uri_options":    inside(fields{"headers": headers(&schemaHeaders), "timeout": nothing("every fetch is bounded")}),

		"stream_config_defaults":  streamSettings(&c.Streamer.StreamDefaults),
		"stream_config_overrides": streamSettings(&c.Streamer.StreamOverrides),
		"kafka":                   keep(&section),

		// Ours.
		"denied_clients":      denied(&c.Streamer.Denied),
		"denied_clients_file": text(&c.DeniedFile),
		"trusted_proxies":     networks(&c.Streamer.TrustedProxies),
		"overload":            overload(&c.Streamer.Kafka.OverloadAsStream),
		"max_clients":         whole(&c.Streamer.Kafka.MaxClients, 0, 1_000_000),
		"max_connection_age":  seconds(&c.Streamer.Kafka.MaxAge),
		"heartbeat_interval":  seconds(&c.Streamer.Kafka.Heartbeat),
		"keep_copies":         truth(&c.Streamer.Kafka.KeepCopies),
		"ui_intake_uri":       text(&c.UIIntake),
		"ui_open":             somePages(&c.UIOpen),

		"spec":                 nothing(reasonSpec),
		"proxy":                nothing(reasonProxy),
		"no_proxy_list":        nothing(reasonProxy),
		"log_header_whitelist": nothing("who connects is logged with address, user agent and referer, as today"),
		"max_body_size":        nothing("requests have no bodies"),
		"compression_level":    nothing(reasonCompression),
	}
	maps.Copy(f, c.Streams.fields())
	r.object(place, conf, f)
	r.settle(&c.Streams, nil)
	c.Streams.Client.Dynamic = false // a stream that is not declared is not served, whoever asks
	if conf != nil && !c.Streams.given() {
		r.fault(conf.line, place+".stream_config_uri", "is missing: name a file or URL with the streams' declarations, or give --streams")
	}
	r.declarations(&c.Streams, conf.get("stream_config_uri"), place+".stream_config_uri")
	if len(over.Schemas) > 0 {
		c.Schemas.Bases = over.Schemas
		r.bases(c.Schemas.Bases, nil, "--schemas")
	} else {
		r.bases(c.Schemas.Bases, conf.get("schema_base_uris"), place+".schema_base_uris")
	}
	c.Schemas.Client, c.Schemas.UserAgent = withHeaders(schemaHeaders), c.UserAgent
	r.deniedFile(c, conf.get("denied_clients_file"), place+".denied_clients_file")
	r.log(c, place+".kafka", conf, section)
	r.report.sort()
	return c, &r.report
}

// log makes the configuration of the Kafka client that reads.
func (r *reading) log(c *EventStreams, place string, conf, section *node) {
	if conf == nil {
		return
	}
	line := conf.line
	s := settings{}
	if !section.isNull() {
		line = section.line
		flat := *section
		if topic := section.get("default_topic_config"); topic != nil {
			flat = node{kind: kindObject, line: section.line}
			for i, key := range section.keys {
				if key != "default_topic_config" {
					flat.set(key, section.items[i], section.at[i])
				}
			}
			s.add(r, place+".default_topic_config", topic)
		}
		s.add(r, place, &flat)
	}
	if !r.connect(s, place, line) {
		return
	}
	if _, given := s["client.id"]; !given && c.UserAgent != "" {
		s["client.id"] = setting{path: place + ".client.id", item: &node{kind: kindText, text: c.UserAgent}}
	}
	c.Log = readSettings(r, s, place, line, kafka.LogFromLibrdkafka)
}
