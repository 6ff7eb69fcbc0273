package kafkasse

import (
	"math"
	"strconv"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// want is where a Last-Event-ID says that a client starts.
type want struct {
	topic     string
	partition int32
	kind      wantKind
	offset    int64 // wantOffset: as librdkafka reads it; wantAt: the next offset
	time      int64 // wantTime, wantAt: ms since the epoch
	at        string
	tag       string // wantAt: the cluster
	print     uint32 // wantAt: of the record before offset
}

type wantKind uint8

const (
	wantTopic  wantKind = iota // all partitions, where the request says; partition means nothing
	wantOffset                 // at an offset; -1 and -1001 are the end, -2 the beginning, -2000-n the last n
	wantTime                   // at the first record at or after a time
	wantAt                     // exactly after a record
)

// parseLastEventID reads an id of ours, and ids as the reference and its clients write them: a JSON array of topics or of objects with topic,
// partition and offset or timestamp, or a JSON string of topics with commas between them. Errors are *invalidAssignment.
func parseLastEventID(raw string) ([]want, error) {
	id := []byte(raw)
	if err := rawjson.Check(id); err != nil {
		message := jsonMessage(raw)
		if message == "" { // JavaScript reads more: what is no UTF-8, and deeper nesting
			message = err.Error()
		}
		return nil, &invalidAssignment{message: message, original: "SyntaxError", lastEventID: &raw}
	}
	id = trimSpace(id)
	var wants []want
	switch id[0] {
	case '"':
		for topic := range strings.SplitSeq(string(rawjson.AppendUnquoted(nil, id)), ",") {
			wants = append(wants, want{topic: topic})
		}
	case '[':
		for e := rawjson.NewElements(id); e.Next(); {
			w, ok := parseElement(e.Value())
			if !ok {
				return nil, malformedAssignments(id)
			}
			wants = append(wants, w)
		}
	}
	if len(wants) == 0 {
		return nil, malformedAssignments(id)
	}
	seen := make(map[string]bool, len(wants))
	for _, w := range wants {
		if w.kind == wantTopic {
			continue
		}
		key := w.topic + "/" + strconv.Itoa(int(w.partition))
		if seen[key] {
			return nil, &invalidAssignment{
				message:  "partition " + strconv.Itoa(int(w.partition)) + " of topic " + w.topic + " is named twice",
				original: "Error", assignments: id,
			}
		}
		seen[key] = true
	}
	return wants, nil
}

func parseElement(v []byte) (want, bool) {
	switch v[0] {
	case '"':
		return want{topic: string(rawjson.AppendUnquoted(nil, v))}, true
	case '{':
		return parseEntry(v)
	}
	return want{}, false
}

func parseEntry(v []byte) (w want, ok bool) {
	var topic, partition, offset, timestamp, at []byte
	for m := rawjson.NewMembers(v); m.Next(); {
		switch {
		case rawjson.Equal(m.Key(), "topic"):
			topic = m.Value()
		case rawjson.Equal(m.Key(), "partition"):
			partition = m.Value()
		case rawjson.Equal(m.Key(), "offset"):
			offset = m.Value()
		case rawjson.Equal(m.Key(), "timestamp"):
			timestamp = m.Value()
		case rawjson.Equal(m.Key(), "at"):
			at = m.Value()
		}
	}
	if len(topic) == 0 || topic[0] != '"' {
		return w, false
	}
	w.topic = string(rawjson.AppendUnquoted(nil, topic))
	p, ok := integer(partition)
	if !ok || p < 0 || p > math.MaxInt32 {
		return w, false
	}
	w.partition = int32(p)
	w.time, ok = integer(timestamp)
	if ok {
		w.kind = wantTime
	}
	if len(at) > 0 && at[0] == '"' && ok && w.parseAt(string(rawjson.AppendUnquoted(nil, at))) {
		w.kind = wantAt
		return w, true
	}
	if o, isOffset := integer(offset); isOffset {
		w.kind, w.offset, ok = wantOffset, o, true
	}
	return w, ok
}

// parseAt reads "<cluster tag>.<next offset>.<fingerprint>". What is not of this form is ignored: the timestamp beside it repeats a little and loses
// nothing.
func (w *want) parseAt(s string) bool {
	tag, rest, ok1 := strings.Cut(s, ".")
	next, print, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 || len(tag) != 4 {
		return false
	}
	offset, err := strconv.ParseInt(next, 10, 64)
	fp, ok := parsePrint(print)
	if err != nil || offset < 0 || !ok {
		return false
	}
	w.at, w.tag, w.offset, w.print = s, tag, offset, fp
	return true
}

// integer reads a JSON number that has no fraction, however it is written; what is too large for an int64 becomes the largest.
func integer(v []byte) (int64, bool) {
	if len(v) == 0 || (v[0] != '-' && (v[0] < '0' || v[0] > '9')) {
		return 0, false
	}
	if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(v), 64)
	switch {
	case err != nil || f != math.Trunc(f):
		return 0, false
	case f >= math.MaxInt64:
		return math.MaxInt64, true
	case f <= math.MinInt64:
		return math.MinInt64, true
	}
	return int64(f), true
}

func trimSpace(b []byte) []byte {
	start, end := rawjson.SkipSpace(b, 0), len(b)
	for end > start && (b[end-1] == ' ' || b[end-1] == '\t' || b[end-1] == '\n' || b[end-1] == '\r') {
		end--
	}
	return b[start:end]
}
