package uiapi

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Place is a part of a text. Lines and columns are counted from 1, columns in characters; start and end are counted in UTF-16 units, as browsers
// count what is in a text field.
type Place struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Start  int `json:"start"`
	End    int `json:"end"`
}

// placeOf is the place of the bytes from start to end.
func placeOf(text []byte, start, end int) *Place {
	start = min(max(start, 0), len(text))
	end = min(max(end, start), len(text))
	line := bytes.LastIndexByte(text[:start], '\n') + 1
	p := &Place{Line: 1 + bytes.Count(text[:start], []byte{'\n'}), Column: 1 + utf8.RuneCount(text[line:start])}
	p.Start = utf16Length(text[:start])
	p.End = p.Start + utf16Length(text[start:end])
	return p
}

func utf16Length(b []byte) int {
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		b = b[size:]
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// resolve finds where a JSON pointer leads in a checked JSON value that begins at offset 0: the value, or for what holds other values its opening
// bracket. member, if not "", is the name of a member of it, whose key is meant. A pointer that leads nowhere stops at the last value that is there.
func resolve(value []byte, pointer, member string) (start, end int) {
	start, end = trimmed(value, 0, len(value))
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		_, _, s, e, ok := child(value[start:end], token)
		if !ok {
			break
		}
		start, end = trimmed(value, start+s, start+e)
	}
	if member != "" {
		if ks, ke, _, _, ok := child(value[start:end], member); ok && ke > ks {
			return start + ks, start + ke
		}
	}
	if c := value[start]; c == '{' || c == '[' {
		end = start + 1
	}
	return start, end
}

// child finds a member of an object, of several of the same name the last, or an element of a list: its key, if it has one, and its value.
func child(value []byte, name string) (keyStart, keyEnd, start, end int, ok bool) {
	if value[0] == '[' {
		index, err := strconv.Atoi(name)
		if err != nil {
			return 0, 0, 0, 0, false
		}
		e := rawjson.NewElements(value)
		for i := 0; e.Next(); i++ {
			if i == index {
				return 0, 0, e.Start(), e.Start() + len(e.Value()), true
			}
		}
		return 0, 0, 0, 0, false
	}
	for m := rawjson.NewMembers(value); m.Next(); {
		if rawjson.Equal(m.Key(), name) {
			keyStart, keyEnd = m.KeyStart(), m.KeyStart()+len(m.Key())
			start, end, ok = m.ValueStart(), m.ValueStart()+len(m.Value()), true
		}
	}
	return keyStart, keyEnd, start, end, ok
}

// trimmed leaves out the space around a value.
func trimmed(text []byte, start, end int) (int, int) {
	const space = " \t\r\n"
	start = end - len(bytes.TrimLeft(text[start:end], space))
	return start, start + len(bytes.TrimRight(text[start:end], space))
}
