package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// transforms are the steps that an intake knows.
var transforms = []string{eventgate.DefaultsStep, eventgate.EdgeUniquesStep, eventgate.TestKitchenStep}

// Reasons shared by several settings.
const (
	reasonErrorSchema = "error events have the newest version of /error that the repositories have"
	reasonSpec        = "the OpenAPI document is built into the program"
	reasonProxy       = "outgoing requests follow HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment"
	reasonHeaderLog   = "a refused request is logged with its reason and its events, not with its headers"
	reasonCompression = "answers are small: they are compressed at one fixed level"
	reasonGeneric     = "only the manner of eventgate-wikimedia.js has it, and eventgate_factory_module does not name that one"
)

// LoadEventGate reads an intake's file.
func LoadEventGate(file string, over Overrides) (*EventGate, *Report) {
	r := &reading{file: file, over: over}
	c := &EventGate{}
	c.Handler.CORS, c.Handler.CSP = "*", eventgate.DefaultCSP
	c.Output = "-"
	conf, place := r.serviceRunner(&c.Service, endpoint{name: "eventgate", port: 8888, address: "0.0.0.0"})
	e := &eventGateReading{reading: r, c: c, place: place, conf: conf, creation: "broker"}
	e.read()
	c.file, c.root, c.conf, c.place, c.over = r.file, r.root, conf, place, over
	r.report.sort()
	return c, &r.report
}

// At adds to an error the place in the file of the setting that it is about, unless a flag stands in for the setting.
func (c *EventGate) At(setting string, err error) error {
	n := c.conf.get(setting)
	if err == nil || n == nil || setting == "schema_base_uris" && len(c.over.Schemas) > 0 || setting == "stream_config_uri" && len(c.over.Streams) > 0 {
		return err
	}
	return fmt.Errorf("%s:%d: %s: %w", c.file, n.line, join(c.place, setting), err)
}

// eventGateReading is an intake's configuration while it is read.
type eventGateReading struct {
	*reading
	c     *EventGate
	place string
	conf  *node

	factory     string
	kafka       *node
	headers     *node
	byHeader    *node
	proxies     []string
	hasProxies  bool
	testEvents  *node
	tested      []*node // the events in it
	dynamic     *bool
	streams     Streams
	creation    string
	topics      kafka.TopicSpec
	outputGiven bool
	absolute    bool
}

func (e *eventGateReading) read() {
	e.object(e.place, e.conf, e.fields())
	e.c.Gate.UserAgent = e.c.UserAgent
	e.c.Schemas.UserAgent = e.c.UserAgent
	e.manner()
	e.schemas()
	e.settle(&e.streams, e.dynamic)
	e.tests()
	e.topicNames()
	e.outputFile()
	if e.c.Gate.Manner == eventgate.Wikimedia && e.streams.given() {
		e.c.Streams = &e.streams
		e.undeclared(e.declarations(e.c.Streams, e.conf.get("stream_config_uri"), e.place+".stream_config_uri"))
	}
	e.headerFields()
	e.trusted()
	e.producers()
	if e.absolute {
		e.warn(e.conf.get("allow_absolute_schema_uris").line, e.place+".allow_absolute_schema_uris",
			"is true, but schemas are looked up in the configured repositories only: an event could else have this service fetch any URL")
	}
}

func (e *eventGateReading) fields() fields {
	c := e.c
	f := fields{
		"port": known, "interface": known, "user_agent": known,
		"max_body_size": size(&c.Handler.MaxBodyBytes),
		"cors":          textOrFalse(&c.Handler.CORS, ""),
		"csp":           textOrFalse(&c.Handler.CSP, ""),

		"eventgate_factory_module": text(&e.factory),

		"schema_uri_field":           texts(&c.Gate.SchemaURIFields),
		"schema_base_uris":           texts(&c.Schemas.Bases),
		"schema_base_uri":            texts(&c.Schemas.Bases),
		"schema_file_extension":      text(&c.Schemas.Extension),
		"schema_precache_uris":       texts(&c.Precache),
		"schema_uri_query_param":     text(&c.Handler.SchemaURIQueryParam),
		"schema_ttl":                 seconds(&c.Schemas.Revalidate),
		"schema_take_changes":        truth(&c.Schemas.TakeChanges),
		"allow_absolute_schema_uris": truth(&e.absolute),

		"stream_field":       texts(&c.Gate.StreamFields),
		"stream_query_param": text(&c.Handler.StreamQueryParam),
		"id_field":           text(&c.Gate.IDField),
		"dt_field":           text(&c.Gate.TimeField),
		"topic_prefix":       text(&c.Gate.TopicPrefix),
		"error_stream":       text(&c.Gate.ErrorStream),
		"refuse_other_major": truth(&c.Gate.RefuseOtherMajor),

		"enrich_fields_from_http_headers": keep(&e.headers),
		"http_request_headers_to_fields":  keep(&e.byHeader),
		"trusted_proxies": func(r *reading, path string, n *node) {
			e.hasProxies = true
			e.proxies = []string{}
			texts(&e.proxies)(r, path, n)
		},
		"transforms":   e.transforms,
		"test_kitchen": inside(fields{"ua_denylist": patterns(&c.Gate.ExperimentDenylist)}),
		"test_events":  keep(&e.testEvents),

		"output_path": func(r *reading, path string, n *node) {
			e.outputGiven = true
			text(&c.Output)(r, path, n)
			if c.Output == "stdout" {
				c.Output = "-"
			}
		},
		"kafka":          keep(&e.kafka),
		"topic_creation": e.topicCreation,
		"topic_defaults": e.topicDefaults,
		"stream_config_dynamic": func(r *reading, path string, n *node) {
			e.dynamic = new(bool)
			truth(e.dynamic)(r, path, n)
		},

		"error_schema_uri":     nothing(reasonErrorSchema),
		"spec":                 nothing(reasonSpec),
		"proxy":                nothing(reasonProxy),
		"no_proxy_list":        nothing(reasonProxy),
		"log_header_whitelist": nothing(reasonHeaderLog),
		"compression_level":    nothing(reasonCompression),
	}
	maps.Copy(f, e.streams.fields())
	return f
}

// wikimediaOnly are the settings that the generic manner does not look at.
var wikimediaOnly = []string{
	"dt_field", "topic_prefix", "error_stream", "enrich_fields_from_http_headers", "http_request_headers_to_fields", "transforms", "test_kitchen",
	"schema_uri_query_param",
	"stream_query_param", "stream_config_uri", "stream_config_uri_options", "stream_config_object_path", "stream_config_retries", "stream_config_ttl",
	"stream_config_dynamic", "trusted_proxies", "refuse_other_major",
}

// manner chooses between the two intakes by the factory's file name.
func (e *eventGateReading) manner() {
	name := strings.TrimSuffix(path.Base(strings.ReplaceAll(e.factory, `\`, "/")), ".js")
	switch {
	case e.factory == "" || strings.HasSuffix(name, "default-eventgate"):
		e.c.Gate.Manner = eventgate.Generic
		for _, key := range wikimediaOnly {
			if n := e.conf.get(key); !n.isNull() {
				e.ignore(n.line, e.place+"."+key, reasonGeneric)
			}
		}
		e.c.Gate.TopicPrefix, e.c.Gate.ErrorStream, e.c.Gate.Transforms = "", "", nil
		e.c.Handler.SchemaURIQueryParam, e.c.Handler.StreamQueryParam = "", ""
	case strings.HasSuffix(name, "eventgate-wikimedia"):
		e.c.Gate.Manner = eventgate.Wikimedia
		if !e.outputGiven {
			e.c.Output = ""
		}
	default:
		e.c.Gate.Manner = eventgate.Wikimedia // so that its settings are checked too
		e.fault(e.conf.get("eventgate_factory_module").line, e.place+".eventgate_factory_module",
			"is %q: code is not loaded; a name that ends in default-eventgate chooses the generic intake, one that ends in eventgate-wikimedia.js that with "+
				"stream configuration, enrichment and topic prefixes", e.factory)
	}
}

// schemas decides where schemas come from.
func (e *eventGateReading) schemas() {
	path, n := e.place+".schema_base_uris", e.conf.get("schema_base_uris")
	if n.isNull() {
		n = e.conf.get("schema_base_uri")
	}
	switch {
	case len(e.over.Schemas) > 0:
		path, n, e.c.Schemas.Bases = "--schemas", nil, e.over.Schemas
	case e.conf != nil && len(e.c.Schemas.Bases) == 0:
		e.fault(e.conf.line, path, "is missing: name at least one schema repository, a folder or a URL, or give --schemas")
	}
	e.precached(e.bases(e.c.Schemas.Bases, n, path))
}

func (e *eventGateReading) transforms(r *reading, path string, n *node) {
	var names []string
	texts(&names)(r, path, n)
	allowed := fields{}
	for _, t := range transforms {
		allowed[t] = known
	}
	for i, name := range names {
		if !slices.Contains(transforms, name) {
			line := n.line
			if n.kind == kindList {
				line = n.items[i].line
			}
			nearest, _ := nearestKey(name, allowed)
			r.fault(line, path, "%q is not known; there are %s; the nearest is %q", name, strings.Join(transforms, ", "), nearest)
		}
	}
	if names == nil {
		names = []string{}
	}
	e.c.Gate.Transforms = names
}

// tests keeps the test events as JSON. An empty list makes a route that answers as for an empty request.
func (e *eventGateReading) tests() {
	n := e.testEvents
	if n == nil {
		return
	}
	events := n.items
	switch n.kind {
	case kindList:
	case kindObject:
		events = []*node{n} // one event
	default:
		e.fault(n.line, e.place+".test_events", "is %s: it must be a list of events", n.kind)
		return
	}
	e.c.Handler.TestEvents = []json.RawMessage{}
	for _, item := range events {
		if item.kind != kindObject {
			e.fault(item.line, e.place+".test_events", "is a list with %s in it: every event must be an object", item.kind)
			continue
		}
		e.tested = append(e.tested, item)
		e.c.Handler.TestEvents = append(e.c.Handler.TestEvents, item.appendJSON(nil))
	}
}

// headerFields reads {event field: request header, or false}.
func (e *eventGateReading) headerFields() {
	if e.c.Gate.Manner != eventgate.Wikimedia {
		return
	}
	if e.headers == nil {
		e.fieldsOfHeaders()
		return
	}
	place := e.place + ".enrich_fields_from_http_headers"
	if e.headers.kind != kindObject {
		e.fault(e.headers.line, place, "is %s: it must be an object, an event's field to a request's header", e.headers.kind)
		return
	}
	e.c.Gate.HeaderFields = []streamconfig.HeaderField{}
	for i, field := range e.headers.keys {
		var header string
		textOrFalse(&header, "")(e.reading, join(place, field), e.headers.items[i])
		e.c.Gate.HeaderFields = append(e.c.Gate.HeaderFields, streamconfig.HeaderField{Field: field, Header: header})
	}
}

// fieldsOfHeaders reads {request header: event field}, the older setting, which adds to what is filled in anyway.
func (e *eventGateReading) fieldsOfHeaders() {
	if e.byHeader == nil {
		return
	}
	place := e.place + ".http_request_headers_to_fields"
	if e.byHeader.kind != kindObject {
		e.fault(e.byHeader.line, place, "is %s: it must be an object, a request's header to an event's field", e.byHeader.kind)
		return
	}
	all := eventgate.DefaultHeaderFields()
	for i, header := range e.byHeader.keys {
		all = slices.DeleteFunc(all, func(f streamconfig.HeaderField) bool { return f.Header == strings.ToLower(header) })
		var field string
		if textOrFalse(&field, "")(e.reading, join(place, header), e.byHeader.items[i]); field != "" {
			all = append(all, streamconfig.HeaderField{Field: field, Header: header})
		}
	}
	e.c.Gate.HeaderFields = all
}

// trusted reads the proxies that may say whom they speak for. Without the setting everyone may, as with the Node.js service.
func (e *eventGateReading) trusted() {
	if e.c.Gate.Manner != eventgate.Wikimedia {
		return
	}
	place := e.place + ".trusted_proxies"
	if !e.hasProxies {
		e.warn(e.conf.line, place, "is not set: X-Client-IP and X-Forwarded-For are believed from anyone; list the proxies' networks if clients can reach this service themselves")
		return
	}
	e.c.Gate.TrustedProxies = []netip.Prefix{}
	for _, p := range e.proxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			var address netip.Addr
			if address, err = netip.ParseAddr(p); err == nil {
				prefix = netip.PrefixFrom(address, address.BitLen())
			}
		}
		if err != nil {
			e.fault(e.conf.get("trusted_proxies").line, place, "%q is no address or network: write 10.0.0.0/8 or 10.1.2.3", p)
			continue
		}
		e.c.Gate.TrustedProxies = append(e.c.Gate.TrustedProxies, prefix)
	}
}
