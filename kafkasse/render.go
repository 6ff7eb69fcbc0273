package kafkasse

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"unicode/utf8"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/kafka"
)

// renderer turns the records of one partition into what clients are sent as data: the record's own bytes on one line, with its place in
// the log spliced into meta. It is used by one goroutine at a time.
type renderer struct {
	tp        kafka.TopicPartition
	decode    func(dst []byte, record *kafka.Record) ([]byte, error)
	transform func(dst []byte, topic string, value []byte) []byte
	place     []byte // "topic":"…","partition":0,"offset":

	decoded, members, clean, changed, out []byte // reused
}

func newRenderer(tp kafka.TopicPartition, cfg *Config) *renderer {
	b := append([]byte(nil), `"topic":`...)
	b = rawjson.AppendQuoted(b, []byte(tp.Topic))
	b = append(b, `,"partition":`...)
	b = strconv.AppendInt(b, int64(tp.Partition), 10)
	b = append(b, `,"offset":`...)
	return &renderer{tp: tp, decode: cfg.Decode, transform: cfg.Transform, place: b}
}

// render returns the data of a record, valid until the next call. It is false for a value that is no JSON object or array.
func (r *renderer) render(rec *kafka.Record) ([]byte, bool) {
	v := rec.Value
	if r.decode != nil {
		text, err := r.decode(r.decoded[:0], rec)
		if err != nil {
			return nil, false
		}
		r.decoded, v = reusable(r.decoded, text, v), text
	}
	if err := rawjson.Check(v); err != nil {
		// Producers that do not check their encoding exist; what they meant can still be read.
		r.clean = appendValid(r.clean[:0], bytes.TrimPrefix(v, []byte("\ufeff")))
		v = r.clean
		if rawjson.Check(v) != nil {
			return nil, false
		}
	}
	v = trimSpace(v)
	if v[0] != '{' && v[0] != '[' {
		return nil, false
	}
	if r.transform != nil {
		text := r.transform(r.changed[:0], r.tp.Topic, v)
		r.changed, v = reusable(r.changed, text, v), text
	}
	if v[0] == '{' {
		v = r.placed(v, rec)
	}
	return r.oneLine(v), true
}

// reusable is the memory for a hook's next result: its last one, unless that was what it got.
func reusable(old, result, input []byte) []byte {
	if len(result) > 0 && len(input) > 0 && &result[0] == &input[0] {
		return old
	}
	return result
}

// appendValid appends text with a replacement character for every byte that is no UTF-8.
func appendValid(dst, text []byte) []byte {
	for len(text) > 0 {
		c, n := utf8.DecodeRune(text)
		dst = utf8.AppendRune(dst, c)
		text = text[n:]
	}
	return dst
}

// placed splices the record's place into meta: over members of the same names, or at its end.
func (r *renderer) placed(v []byte, rec *kafka.Record) []byte {
	start, end, found := findMeta(v)
	out := r.out[:0]
	switch {
	case !found:
		last := lastByte(v, len(v)-1)
		out = append(out, v[:last+1]...)
		if v[last] != '{' {
			out = append(out, ',')
		}
		out = append(out, `"meta":{`...)
		out = r.appendPlace(out, rec)
		out = append(out, "}}"...)
	case string(v[start:end]) == "null":
		out = append(out, v[:start]...)
		out = append(out, '{')
		out = r.appendPlace(out, rec)
		out = append(out, '}')
		out = append(out, v[end:]...)
	case v[start] == '{':
		out = append(out, v[:start]...)
		out = r.appendMeta(out, v[start:end], rec)
		out = append(out, v[end:]...)
	default: // meta is something else: the event is delivered as it is
		return v
	}
	r.out = out
	return out
}

// findMeta finds the value of the last member "meta" of an object that has been checked. What stands behind the first one is only looked through for the
// word: nearly always there is one, near the beginning.
func findMeta(v []byte) (start, end int, found bool) {
	for m := rawjson.NewMembers(v); m.Next(); {
		if !rawjson.Equal(m.Key(), "meta") {
			continue
		}
		start, found = m.ValueStart(), true
		end = start + len(m.Value())
		if rest := v[end:]; !bytes.Contains(rest, quotedMeta) && !bytes.Contains(rest, escape) {
			break
		}
	}
	return start, end, found
}

var quotedMeta, escape = []byte(`"meta"`), []byte(`\u`)

func (r *renderer) appendMeta(out, meta []byte, rec *kafka.Record) []byte {
	kept := r.members[:0]
	whole := true
	for m := rawjson.NewMembers(meta); m.Next(); {
		if r.overwritten(m.Key(), rec) {
			whole = false
			continue
		}
		if len(kept) > 0 {
			kept = append(kept, ',')
		}
		kept = append(kept, m.Key()...)
		kept = append(kept, ':')
		kept = append(kept, m.Value()...)
	}
	r.members = kept
	if whole { // nothing is overwritten: the bytes stay as they are
		last := lastByte(meta, len(meta)-1)
		out = append(out, meta[:last+1]...)
	} else {
		out = append(out, '{')
		out = append(out, kept...)
	}
	if len(kept) > 0 {
		out = append(out, ',')
	}
	out = r.appendPlace(out, rec)
	return append(out, '}')
}

func (r *renderer) overwritten(key []byte, rec *kafka.Record) bool {
	return rawjson.Equal(key, "topic") || rawjson.Equal(key, "partition") || rawjson.Equal(key, "offset") ||
		(rec.Key != nil && rawjson.Equal(key, "key"))
}

func (r *renderer) appendPlace(out []byte, rec *kafka.Record) []byte {
	out = append(out, r.place...)
	out = strconv.AppendInt(out, rec.Offset, 10)
	if rec.Key == nil {
		return out
	}
	out = append(out, `,"key":`...)
	if utf8.Valid(rec.Key) {
		return rawjson.AppendQuoted(out, rec.Key)
	}
	out = append(out, '"')
	out = base64.StdEncoding.AppendEncode(out, rec.Key)
	return append(out, '"')
}

// oneLine removes line breaks, which JSON has only between its tokens.
func (r *renderer) oneLine(v []byte) []byte {
	if bytes.IndexByte(v, '\n') < 0 && bytes.IndexByte(v, '\r') < 0 {
		return v
	}
	out := r.clean[:0] // v may lie in it: what is written never overtakes what is read
	for _, c := range v {
		if c != '\n' && c != '\r' {
			out = append(out, c)
		}
	}
	r.clean = out
	return out
}

// lastByte is the index of the last byte before b[end] that is not white space; b[end] is the closing bracket.
func lastByte(b []byte, end int) int {
	i := end - 1
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r' {
		i--
	}
	return i
}
