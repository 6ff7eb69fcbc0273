package eventgate

import (
	"maps"
	"net/textproto"
	"strings"
	"sync/atomic"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// route is what is known of a stream by its name: made once, used for every event of the stream.
type route struct {
	stream   string
	label    string               // for metrics: bounded by the configuration
	settings *streamconfig.Stream // nil if streams are not configured
	topic    string
	illegal  bool   // the topic's name
	major    string // the major version that the stream's name asks for, "" if it does not

	plan     *event.Plan
	timeSlot int
	targets  []target
	last     atomic.Pointer[places]
}

// places is what a schema has room for.
type places struct {
	schema  *schema.Schema
	targets []target
}

// routes are those of one snapshot of the stream configuration.
type routes struct {
	config *streamconfig.Config
	byName map[string]*route
}

// maxRoutes bounds the routes that are kept, because senders choose names where streams are not configured or configured by a pattern.
const maxRoutes = 10_000

// routeOf returns the route of a stream, nil if it is not configured.
func (g *Gate) routeOf(name []byte) *route {
	var config *streamconfig.Config
	if g.cfg.Streams != nil {
		config = g.cfg.Streams()
	}
	known := g.routes.Load()
	if known.config == config {
		if rt, ok := known.byName[string(name)]; ok {
			return rt
		}
	}
	rt := g.newRoute(string(name), config)
	if rt == nil {
		return nil
	}
	g.routesLock.Lock()
	defer g.routesLock.Unlock()
	known = g.routes.Load()
	next := &routes{config: config, byName: map[string]*route{}}
	if known.config == config && len(known.byName) < maxRoutes {
		maps.Copy(next.byName, known.byName)
	}
	next.byName[rt.stream] = rt
	g.routes.Store(next)
	return rt
}

func (g *Gate) newRoute(name string, config *streamconfig.Config) *route {
	rt := &route{stream: name, label: "other", topic: name, plan: g.plan, targets: g.targets, timeSlot: g.timeSlot, major: majorOf(name)}
	if config != nil {
		settings, ok := config.Writable(name)
		if !ok {
			return nil
		}
		rt.settings, rt.label = settings, settings.Name
		if !settings.IsRegex {
			rt.topic = settings.Name // an alias is written where the stream is
		}
		g.adopt(rt, settings.EnrichFromHeaders)
	}
	if g.cfg.Manner == Wikimedia {
		rt.topic = Topic(g.cfg.TopicPrefix, rt.topic)
	}
	rt.illegal = !legalTopic(rt.topic)
	return rt
}

// Topic is the topic that events of a stream go to in the Wikimedia manner: the prefix and the name, but for the old eventlogging_… streams the
// name alone.
func Topic(prefix, stream string) string {
	if strings.HasPrefix(stream, "eventlogging_") {
		return stream
	}
	return prefix + stream
}

// adopt gives a route its own plan if its stream says itself which headers fill which fields.
func (g *Gate) adopt(rt *route, own []streamconfig.HeaderField) {
	if len(own) == 0 {
		return
	}
	var headers []streamconfig.HeaderField
	for _, h := range g.cfg.HeaderFields {
		if !hasField(own, h.Field) {
			headers = append(headers, h)
		}
	}
	headers = append(headers, own...)
	plan, err := event.NewPlan(append(targetPaths(headers), g.cfg.IDField, g.cfg.TimeField)...)
	if err != nil {
		g.log.Warn("stream setting ignored", "stream", rt.label, "setting", "enrich_fields_from_http_headers", "error", err)
		return
	}
	rt.plan, rt.targets, rt.timeSlot = plan, g.targetsIn(plan, headers), plan.Slot(g.cfg.TimeField)
}

func hasField(list []streamconfig.HeaderField, field string) bool {
	for _, h := range list {
		if h.Field == field {
			return true
		}
	}
	return false
}

// targetsFor returns the fields that a schema has a place for: it declares them, or their parent is an open object. A stream's events have
// one schema but for the days of a change, so the last one is remembered.
func (rt *route) targetsFor(s *schema.Schema) []target {
	if p := rt.last.Load(); p != nil && p.schema == s {
		return p.targets
	}
	p := &places{schema: s}
	for _, t := range rt.targets {
		path := strings.Split(t.path, ".")
		has := s.Validator.Declares(path...) || t.source == fromHeader && len(path) > 1 && s.Validator.OpenMap(path[:len(path)-1]...)
		if t.source == fromTimeIfLegacy {
			has = has && strings.HasPrefix(s.Title, legacyTitles)
		}
		if has {
			p.targets = append(p.targets, t)
		}
	}
	rt.last.Store(p)
	return p.targets
}

// legalTopic reports whether Kafka accepts a topic of this name.
func legalTopic(name string) bool {
	if name == "" || name == "." || name == ".." || len(name) > 249 {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// majorOf returns "2" for a stream named "….v2".
func majorOf(stream string) string {
	i := strings.LastIndex(stream, ".v")
	if i < 0 || i+2 == len(stream) || strings.Trim(stream[i+2:], "0123456789") != "" {
		return ""
	}
	return stream[i+2:]
}

func canonical(header string) string { return textproto.CanonicalMIMEHeaderKey(header) }
