package streamconfig

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// plainReader reads the YAML that declarations are written in, many times as fast as the parser for all of YAML: blocks of members and lists, texts in
// one line, and JSON-like brackets that end in their line. It knows exactly what it knows: at anything else, and at anything wrong, it gives up, and the
// other one reads the document and says what there is to say.
type plainReader struct {
	src    []byte
	next   int // where the line after the current one begins
	line   int32
	indent int    // of the current line; -1 at the end
	text   string // the current line without indentation and end
	file   *string
	faults []Fault
}

// notPlain is how plainReader gives up.
type notPlain struct{}

// readPlain reads a document whose lines are counted from the given one; ok is false if it is not plain.
func readPlain(file *string, src []byte, line int) (v *value, faults []Fault, ok bool) {
	if !utf8.Valid(src) {
		return nil, nil, false
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case notPlain:
			v, faults, ok = nil, nil, false
		default:
			panic(e)
		}
	}()
	r := &plainReader{src: src, line: int32(line), file: file}
	r.advance()
	if r.indent != 0 || isItem(r.text) {
		return nil, nil, false
	}
	v = &value{kind: kindObject, line: r.line, col: 1, file: file}
	r.members(v, "", 0)
	r.must(r.indent < 0)
	return v, r.faults, true
}

func (r *plainReader) must(so bool) {
	if !so {
		panic(notPlain{})
	}
}

// advance goes to the next line that has something in it.
func (r *plainReader) advance() {
	for r.next < len(r.src) {
		rest := r.src[r.next:]
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest) - 1
		}
		r.next += end + 1
		r.line++
		line := bytes.TrimSuffix(bytes.TrimSuffix(rest[:end+1], []byte("\n")), []byte("\r"))
		text := bytes.TrimLeft(line, " ")
		if len(text) == 0 || text[0] == '#' {
			r.must(bytes.IndexByte(text, '\r') < 0) // which ends a comment's line too
			continue
		}
		for _, c := range text {
			r.must(c >= ' ' && c != 0x7f)
		}
		r.indent, r.text = len(line)-len(text), string(text)
		return
	}
	r.indent, r.text = -1, ""
}

func isItem(text string) bool { return text == "-" || strings.HasPrefix(text, "- ") }

// members reads the members that stand at the current line's indentation.
func (r *plainReader) members(v *value, pointer string, depth int) {
	r.must(depth < maxDepth)
	indent := r.indent
	var seen map[string]*value
	for r.indent == indent && !isItem(r.text) {
		line := r.line
		key, n := r.key(r.text, false)
		member := pointerStep(pointer, key)
		rest := r.text[n:]
		r.must(rest == "" || rest[0] == ' ')
		item := r.afterKey(strings.TrimLeft(rest, " "), indent, n, member, depth)
		item.line, item.col = line, int32(indent+1)
		if len(v.keys) == 16 {
			seen = make(map[string]*value, 64)
			for i, k := range v.keys {
				seen[k] = v.items[i]
			}
		}
		if first := earlier(v, seen, key); first != nil {
			r.faults = append(r.faults, duplicate(member, key, first, item))
			continue
		}
		if seen != nil {
			seen[key] = item
		}
		v.keys, v.items = append(v.keys, key), append(v.items, item)
	}
	r.must(r.indent < indent || isItem(r.text) && r.indent == indent)
}

// earlier is the member of this name that was read before.
func earlier(v *value, seen map[string]*value, key string) *value {
	if seen != nil {
		return seen[key]
	}
	return v.get(key)
}

// afterKey reads a member's value: in the line, n bytes behind its indentation, or in the lines below.
func (r *plainReader) afterKey(text string, indent, n int, pointer string, depth int) *value {
	if text == "" || text[0] == '#' {
		r.advance()
		v := &value{file: r.file}
		switch {
		case r.indent >= indent && isItem(r.text):
			v.kind = kindList
			r.items(v, pointer, depth+1)
		case r.indent > indent:
			v.kind = kindObject
			r.members(v, pointer, depth+1)
		}
		return v
	}
	v := r.inLine(text, pointer, depth+1)
	r.advance()
	r.must(r.indent <= indent)
	return v
}

// items reads the list whose dashes stand at the current line's indentation.
func (r *plainReader) items(v *value, pointer string, depth int) {
	r.must(depth < maxDepth)
	indent := r.indent
	for r.indent == indent && isItem(r.text) {
		at, line := pointerIndex(pointer, len(v.items)), r.line
		text := strings.TrimLeft(r.text[1:], " ")
		r.must(text != "" && text[0] != '#' && !isItem(text))
		col := indent + len(r.text) - len(text)
		var item *value
		if r.beginsMember(text) {
			// The members go on below, under the first one's name.
			r.indent, r.text = col, text
			item = &value{kind: kindObject, file: r.file}
			r.members(item, at, depth+1)
			r.must(r.indent <= indent)
		} else {
			item = r.inLine(text, at, depth+1)
			r.advance()
			r.must(r.indent <= indent)
		}
		item.line, item.col = line, int32(col+1)
		v.items = append(v.items, item)
	}
}

// beginsMember reports whether a text is a name with a colon.
func (r *plainReader) beginsMember(text string) bool {
	if text[0] == '{' || text[0] == '[' {
		return false
	}
	end := strings.Index(text, ":")
	if text[0] == '"' || text[0] == '\'' {
		_, n := r.quoted(text)
		end = -1
		if strings.HasPrefix(text[n:], ":") {
			end = n
		}
	}
	return end >= 0
}

// inLine reads a value that ends in its line.
func (r *plainReader) inLine(text, pointer string, depth int) *value {
	var v *value
	var n int
	switch text[0] {
	case '{', '[':
		f := &plainBrackets{plainReader: r, text: text}
		v = f.value(pointer, depth)
		n = f.i
	case '"', '\'':
		v = &value{kind: kindString, file: r.file}
		v.text, n = r.quoted(text)
	default:
		if end := strings.Index(text, " #"); end >= 0 {
			text = text[:end]
		}
		return r.scalar(strings.TrimRight(text, " "))
	}
	rest := strings.TrimLeft(text[n:], " ")
	r.must(rest == "" || rest[0] == '#' && text[n] == ' ')
	return v
}

// key reads a name and its colon and returns the index behind it.
func (r *plainReader) key(text string, inBrackets bool) (string, int) {
	if text[0] == '"' || text[0] == '\'' {
		key, n := r.quoted(text)
		r.must(n < len(text) && text[n] == ':')
		return key, n + 1
	}
	r.must(keyStart(text[0]))
	n := 1
	for n < len(text) && keyByte(text[n]) && !(inBrackets && text[n] == ',') {
		n++
	}
	r.must(n < len(text) && text[n] == ':' && !isWord(text[:n]))
	return text[:n], n + 1
}

func keyStart(c byte) bool { return letter(c) || c == '/' }

func keyByte(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || strings.IndexByte(`./^$+*\()|?-`, c) >= 0
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// isWord reports whether some YAML reads a text as something else than a text.
func isWord(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

// scalar reads a text without quotes, and what JSON writes so.
func (r *plainReader) scalar(s string) *value {
	v := &value{file: r.file}
	switch s {
	case "null":
		return v
	case "true", "false":
		v.kind, v.text = kindBool, s
		return v
	}
	r.must(s != "")
	if c := s[0]; c == '-' || c >= '0' && c <= '9' {
		r.must(isNumber(s) && len(s) <= 15 && !strings.ContainsAny(s, "eE") && !strings.HasPrefix(s, "-0"))
		v.kind, v.text = kindNumber, s
		return v
	}
	r.must(keyStart(s[0]) && !isWord(s))
	for i := 1; i < len(s); i++ {
		r.must(keyByte(s[i]) || strings.IndexByte(" '&;!=", s[i]) >= 0)
	}
	v.kind, v.text = kindString, s
	return v
}

// quoted reads a text in quotes and returns the index behind it.
func (r *plainReader) quoted(text string) (string, int) {
	quote := text[0]
	end := strings.IndexByte(text[1:], quote) + 1
	r.must(end > 0)
	if body := text[1:end]; quote == '"' && strings.IndexByte(body, '\\') < 0 {
		return body, end + 1
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote == '"':
			i++
			r.must(i < len(text) && (text[i] == '\\' || text[i] == '"'))
			b.WriteByte(text[i])
		case c != quote:
			b.WriteByte(c)
		case quote == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
			b.WriteByte(c)
		default:
			return b.String(), i + 1
		}
	}
	panic(notPlain{})
}
