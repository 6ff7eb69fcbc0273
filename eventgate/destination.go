package eventgate

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Kafka refuses records whose time is too far from its own; these bounds keep clear of what it refuses by default.
const (
	oldest = 7 * 24 * time.Hour
	newest = 10 * time.Minute
)

// direct says where the event goes.
func (g *Gate) direct(e *Event) *Refusal {
	if g.cfg.Route != nil {
		d, err := g.cfg.Route(e.run.ctx, e)
		if err != nil {
			return refusalOf(err, "RoutingError")
		}
		e.dest = d
		if !legalTopic(d.Topic) {
			return illegalTopic(d.Topic)
		}
		return nil
	}
	if g.cfg.Manner == Generic {
		return g.directGeneric(e)
	}
	if e.route.illegal {
		return illegalTopic(e.route.topic)
	}
	e.dest = Destination{Topic: e.route.topic, Timestamp: g.timestamp(e)}
	if e.route.settings != nil && len(e.route.settings.MessageKeyFields) > 0 {
		return e.makeKey(e.route.settings.MessageKeyFields)
	}
	return nil
}

// directGeneric sends an event to the topic of its stream's name, or to one made of its schema's URI. An event that is only written to the output needs
// no topic.
func (g *Gate) directGeneric(e *Event) *Refusal {
	if len(g.streamSlots) == 0 {
		e.stream = e.run.topicOf(e.uri)
	} else if r := g.findStream(e); r != nil {
		if g.cfg.Guaranteed == nil && g.cfg.Streams == nil {
			return nil
		}
		return r
	}
	if e.route = g.routeOf(e.stream); e.route == nil {
		return e.forbidden("UnknownStream", e.Stream()+" is not configured.")
	}
	switch {
	case g.cfg.Guaranteed == nil:
		return nil
	case e.route.illegal:
		return illegalTopic(e.route.topic)
	}
	e.dest = Destination{Topic: e.route.topic}
	return nil
}

func illegalTopic(name string) *Refusal {
	return &Refusal{Type: "InvalidTopic", Message: "invalid topic: " + strconv.QuoteToASCII(shorten(name)) +
		" is not a name that Kafka accepts (1 to 249 letters, digits, dots, underscores and hyphens, but not . or ..)."}
}

// topicOf makes a stream's name of a schema URI: "/test/event/1.0.0" is test_event_1.0.0.
func (r *run) topicOf(uri []byte) []byte {
	name := r.keep(uri)
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-':
		default:
			name[i] = '_'
		}
	}
	return bytes.TrimLeft(name, "_")
}

// timestamp is Kafka's timestamp of an event: what its time field says, unless Kafka would refuse that; 0 is now.
func (g *Gate) timestamp(e *Event) int64 {
	raw := e.time
	if raw == nil {
		raw = e.Find(g.cfg.TimeField)
	}
	if now := e.run.nowText; len(raw) > 0 && len(now) > 0 && &raw[0] == &now[0] { // what was filled in here
		return e.run.now.UnixMilli()
	}
	if len(raw) > 2 && raw[0] == '"' {
		if text, ok := e.run.text(raw); ok {
			if t, ok := parseTime(text); ok && e.run.now.Sub(t) <= oldest && e.run.now.Sub(t) >= -newest {
				return t.UnixMilli()
			}
		}
	}
	g.observer.Noted(ArrivalTime, e.streamLabel(), e.schemaLabel())
	return 0
}

// parseTime reads a time as RFC 3339 has it, and as schemas' date-time lets it be written besides: white space or t for T, z for Z, offsets without
// a colon.
func parseTime(text []byte) (t time.Time, ok bool) {
	if t.UnmarshalText(text) == nil {
		return t, true
	}
	const day = len("2006-01-02")
	if len(text) <= day {
		return t, false
	}
	separator, size := utf8.DecodeRune(text[day:])
	if separator != 'T' && separator != 't' && separator != '\uFEFF' && !unicode.IsSpace(separator) {
		return t, false
	}
	plain := append(make([]byte, 0, 64), text[:day]...)
	plain = append(append(plain, 'T'), text[day+size:]...)
	if last := len(plain) - 1; plain[last] == 'z' {
		plain[last] = 'Z'
	} else if at := len(plain) - len("+0000"); plain[at] == '+' || plain[at] == '-' {
		plain = append(plain[:at+3], ':', text[len(text)-2], text[len(text)-1])
	}
	return t, t.UnmarshalText(plain) == nil
}

// makeKey makes the record's key: a JSON object of some of the event's fields, written always in the same way, since the partition depends on it.
func (e *Event) makeKey(members []streamconfig.KeyField) *Refusal {
	r := e.run
	start := len(r.arena)
	tree := keyTree{}
	for _, m := range members {
		value := e.Find(m.Path)
		if value == nil {
			r.arena = r.arena[:start]
			return &Refusal{Type: "MissingKeyField", Message: "Failed extracting " + m.Key + " from event, field is not defined."}
		}
		tree.set(strings.Split(m.Key, "."), value)
	}
	r.arena = tree.append(r.arena)
	e.dest.Key = r.arena[start:len(r.arena):len(r.arena)]
	return nil
}

// keyTree is a key being made: members in the order in which they were set.
type keyTree struct {
	names  []string
	values [][]byte   // JSON, nil for a subtree
	below  []*keyTree // nil for a value
}

func (t *keyTree) set(path []string, value []byte) {
	at := -1
	for i, name := range t.names {
		if name == path[0] {
			at = i
		}
	}
	if at < 0 {
		at = len(t.names)
		t.names, t.values, t.below = append(t.names, path[0]), append(t.values, nil), append(t.below, nil)
	}
	if len(path) == 1 {
		t.values[at], t.below[at] = value, nil
		return
	}
	if t.below[at] == nil {
		t.below[at], t.values[at] = &keyTree{}, nil
	}
	t.below[at].set(path[1:], value)
}

func (t *keyTree) append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, name := range t.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(rawjson.AppendQuoted(dst, []byte(name)), ':')
		if t.below[i] != nil {
			dst = t.below[i].append(dst)
		} else {
			dst = appendPlain(dst, t.values[i])
		}
	}
	return append(dst, '}')
}

// appendPlain writes a JSON value as JSON.stringify would after JSON.parse, so that two ways of writing the same value are the same key. Members stay
// in the order in which they were sent.
func appendPlain(dst, raw []byte) []byte {
	if raw[0] == '{' || raw[0] == '[' {
		raw = rawjson.DropDuplicates(nil, raw)
	}
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			i++
		case c == '"':
			end, _ := rawjson.StringEnd(raw, i)
			dst = rawjson.AppendQuoted(dst, rawjson.AppendIdentity(nil, raw[i:end]))
			i = end
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(raw) && bytes.IndexByte([]byte("0123456789.eE+-"), raw[end]) >= 0 {
				end++
			}
			dst = appendPlainNumber(dst, raw[i:end])
			i = end
		default: // what structure and literals are made of
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

func appendPlainNumber(dst, raw []byte) []byte {
	if isPlainInteger(raw) {
		return append(dst, raw...)
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return append(dst, "null"...) // beyond a double
	}
	if n == 0 {
		return append(dst, '0')
	}
	text, err := json.Marshal(n)
	if err != nil {
		return append(dst, raw...)
	}
	return append(dst, text...)
}

// isPlainInteger reports whether a number is written as an integer that doubles hold exactly.
func isPlainInteger(raw []byte) bool {
	digits := bytes.TrimPrefix(raw, []byte("-"))
	if len(digits) > 15 || len(digits) < len(raw) && digits[0] == '0' {
		return false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
