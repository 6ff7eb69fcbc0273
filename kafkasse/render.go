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

	decoded, clean, changed, out []byte // reused
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
	out, ok := r.append(r.out[:0], rec)
	r.out = out[:0]
	return out, ok
}

// append appends the data of a record to dst. It is false, and appends nothing, for a value that is no JSON object or array.
func (r *renderer) append(dst []byte, rec *kafka.Record) ([]byte, bool) {
	v := rec.Value
	if r.decode != nil {
		text, err := r.decode(r.decoded[:0], rec)
		if err != nil {
			return dst, false
		}
		r.decoded, v = reusable(r.decoded, text, v), text
	}
	v = trimSpace(v)
	start, end, err := rawjson.CheckFind(v, "meta")
	if err != nil {
		// Producers that do not check their encoding exist; what they meant can still be read.
		r.clean = appendValid(r.clean[:0], bytes.TrimPrefix(v, []byte("\ufeff")))
		v = trimSpace(r.clean)
		if start, end, err = rawjson.CheckFind(v, "meta"); err != nil {
			return dst, false
		}
	}
	if v[0] != '{' && v[0] != '[' {
		return dst, false
	}
	if r.transform != nil {
		text := r.transform(r.changed[:0], r.tp.Topic, v)
		if len(text) != len(v) || &text[0] != &v[0] {
			start, end, err = rawjson.CheckFind(text, "meta")
			if err != nil {
				return dst, false
			}
		}
		r.changed, v = reusable(r.changed, text, v), text
	}
	from := len(dst)
	if v[0] == '{' {
		dst = r.appendPlaced(dst, v, start, end, rec)
	} else {
		dst = append(dst, v...)
	}
	return oneLine(dst, from), true
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

// appendPlaced appends an object with the record's place spliced into its member meta, which is v[start:end]: over members of the same names, or at its end.
func (r *renderer) appendPlaced(dst, v []byte, start, end int, rec *kafka.Record) []byte {
	switch {
	case start < 0:
		last := lastByte(v, len(v)-1)
		dst = append(dst, v[:last+1]...)
		if v[last] != '{' {
			dst = append(dst, ',')
		}
		dst = append(dst, `"meta":{`...)
		dst = r.appendPlace(dst, rec)
		return append(dst, "}}"...)
	case falsy(v[start:end]):
		dst = append(dst, v[:start]...)
		dst = append(dst, '{')
		dst = r.appendPlace(dst, rec)
		dst = append(dst, '}')
	case v[start] == '{':
		dst = append(dst, v[:start]...)
		dst = r.appendMeta(dst, v[start:end], rec)
	default: // meta is something else: the event is delivered as it is
		return append(dst, v...)
	}
	return append(dst, v[end:]...)
}

// appendMeta appends meta with the record's place. Unless that overwrites something, the bytes stay as they are.
func (r *renderer) appendMeta(dst, meta []byte, rec *kafka.Record) []byte {
	if r.overwrites(meta, rec) {
		dst = r.appendKept(append(dst, '{'), meta, rec)
	} else {
		last := lastByte(meta, len(meta)-1)
		dst = append(dst, meta[:last+1]...)
	}
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = r.appendPlace(dst, rec)
	return append(dst, '}')
}

func (r *renderer) overwrites(meta []byte, rec *kafka.Record) bool {
	for m := rawjson.NewMembers(meta); m.Next(); {
		if r.overwritten(m.Key(), rec) {
			return true
		}
	}
	return false
}

// appendKept appends the members of meta that are not overwritten.
func (r *renderer) appendKept(dst, meta []byte, rec *kafka.Record) []byte {
	for m := rawjson.NewMembers(meta); m.Next(); {
		if r.overwritten(m.Key(), rec) {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(dst, m.Key()...)
		dst = append(dst, ':')
		dst = append(dst, m.Value()...)
	}
	return dst
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

// oneLine removes line breaks from b[from:], which JSON has only between its tokens.
func oneLine(b []byte, from int) []byte {
	v := b[from:]
	if bytes.IndexByte(v, '\n') < 0 && bytes.IndexByte(v, '\r') < 0 {
		return b
	}
	out := b[:from]
	for _, c := range v {
		if c != '\n' && c != '\r' {
			out = append(out, c)
		}
	}
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

// falsy says whether JavaScript takes a JSON value for nothing.
func falsy(v []byte) bool {
	switch v[0] {
	case 'n', 'f':
		return true
	case '"':
		return len(v) == 2
	case '{', '[', 't':
		return false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	return err == nil && f == 0
}
