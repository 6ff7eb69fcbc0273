package eventgate

import (
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// route is what is known of a stream by its name: made once, used for every event of the stream.
type route struct {
	stream    string
	label     string               // for metrics: bounded by the configuration
	settings  *streamconfig.Stream // nil if streams are not configured
	topic     string
	illegal   bool        // the topic's name
	major     string      // the major version that the stream's name asks for, "" if it does not
	toldMajor atomic.Bool // that a schema had another one

	plan     *event.Plan
	timeSlot int
	targets  []target
	schemas  atomic.Pointer[[]places] // those that the stream's events have had lately
}

// places is what a schema has room for.
type places struct {
	schema  *schema.Schema
	targets []target
}

// routes holds the routes of one snapshot of the stream configuration. Most are found without a lock, in settled; new ones wait in fresh until they
// have been asked for often enough to pay for settling them, so that a flood of names costs no more than it is long.
type routes struct {
	settled atomic.Pointer[routeMap]

	mu     sync.Mutex
	fresh  map[string]*route // of settled's snapshot
	misses int
}

type routeMap struct {
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
	t := &g.routes
	if known := t.settled.Load(); known.config == config {
		if rt, ok := known.byName[string(name)]; ok {
			return rt
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.settled.Load()
	if known.config != config {
		known = t.forget(config)
	}
	rt, ok := t.fresh[string(name)]
	if !ok {
		if rt = g.newRoute(string(name), config); rt == nil {
			return nil // not kept: there is no end of names that are not configured
		}
		if len(known.byName)+len(t.fresh) >= maxRoutes {
			known = t.forget(config)
		}
		t.fresh[rt.stream] = rt
	}
	if t.misses++; t.misses > len(known.byName) {
		all := make(map[string]*route, len(known.byName)+len(t.fresh))
		maps.Copy(all, known.byName)
		maps.Copy(all, t.fresh)
		t.settled.Store(&routeMap{config: config, byName: all})
		t.fresh, t.misses = map[string]*route{}, 0
	}
	return rt
}

// forget starts again for a configuration.
func (t *routes) forget(config *streamconfig.Config) *routeMap {
	empty := &routeMap{config: config}
	t.settled.Store(empty)
	t.fresh, t.misses = map[string]*route{}, 0
	return empty
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
	paths := append(targetPaths(headers), g.cfg.IDField, g.cfg.TimeField)
	if hasAll(g.plan, paths) { // the scan that finds the stream finds these too
		rt.targets = g.targetsIn(g.plan, headers)
		return
	}
	plan, err := event.NewPlan(paths...)
	if err != nil {
		g.log.Warn("stream setting ignored", "stream", rt.label, "setting", "enrich_fields_from_http_headers", "error", err)
		return
	}
	rt.plan, rt.targets, rt.timeSlot = plan, g.targetsIn(plan, headers), plan.Slot(g.cfg.TimeField)
}

func hasAll(plan *event.Plan, paths []string) bool {
	for _, path := range paths {
		if plan.Slot(path) < 0 {
			return false
		}
	}
	return true
}

func hasField(list []streamconfig.HeaderField, field string) bool {
	for _, h := range list {
		if h.Field == field {
			return true
		}
	}
	return false
}

// maxPlaces is for how many schemas a stream remembers what they have room for: its events have one, but in the days of a change two.
const maxPlaces = 8

// targetsFor returns the fields that a schema has a place for: it declares them, or their parent is an open object.
func (rt *route) targetsFor(s *schema.Schema) []target {
	var known []places
	if p := rt.schemas.Load(); p != nil {
		known = *p
	}
	for i := range known {
		if known[i].schema == s {
			return known[i].targets
		}
	}
	p := places{schema: s}
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
	if len(known) >= maxPlaces {
		known = nil
	}
	next := append(slices.Clip(known), p)
	rt.schemas.Store(&next)
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
