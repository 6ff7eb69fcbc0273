package streamconfig

import (
	"bytes"
	"regexp"
)

const (
	// splitFrom is the size from which a document is read in pieces, pieceSize the least size of a piece.
	splitFrom = 64 << 10
	pieceSize = 16 << 10
)

// readYAML reads one YAML document into a value. The parser's time grows faster than the document and it holds a tree of the whole: a large document is cut
// between two streams where that is safe, and the pieces are read one after the other. If anything is odd about a piece the whole is read in one.
func readYAML(name *string, src []byte, faults *[]Fault) (*value, error) {
	if v, found, plain := readPlain(name, src, 0); plain {
		*faults = append(*faults, found...)
		return v, nil
	}
	pieces := splitYAML(src)
	if pieces == nil {
		return readAny(name, src, 0, faults)
	}
	before := len(*faults)
	root := &value{kind: kindObject, file: name, line: 1, col: 1}
	streams := &value{kind: kindObject, file: name}
	seen := map[string]*value{}
	for _, p := range pieces {
		part, err := readWhole(name, p.text, p.line, faults)
		if err != nil || part.kind != kindObject && part.kind != kindNull {
			*faults = (*faults)[:before]
			return readAny(name, src, 0, faults)
		}
		for i, key := range part.keys {
			item := part.items[i]
			if key != "streams" || item.kind != kindObject {
				root.keys, root.items = append(root.keys, key), append(root.items, item)
				continue
			}
			if streams.line == 0 {
				streams.line, streams.col = item.line, item.col
				root.keys, root.items = append(root.keys, key), append(root.items, streams)
			}
			for j, stream := range item.keys {
				if first, twice := seen[stream]; twice {
					*faults = append(*faults, duplicate(pointerStep("/streams", stream), stream, first, item.items[j]))
					continue
				}
				seen[stream] = item.items[j]
				streams.keys, streams.items = append(streams.keys, stream), append(streams.items, item.items[j])
			}
		}
	}
	return root, nil
}

// piece is a part of a document that is a document itself, and how many lines of the whole stand before its first.
type piece struct {
	text []byte
	line int
}

// cuttable reports whether no part of a document depends on another: no anchors and aliases, one document, no directives, nothing but plain members.
func cuttable(src []byte) bool {
	lineStart := true
	for i, c := range src {
		rest := src[i:]
		switch {
		case c == '\n':
			lineStart = true
			continue
		case c == ' ' && lineStart:
			continue
		case c == '&' || c == '*':
			if len(rest) > 1 && !bytes.ContainsRune([]byte(" \n"), rune(rest[1])) && (i == 0 || bytes.IndexByte([]byte(" \t\n[{,"), src[i-1]) >= 0) {
				return false
			}
		case lineStart && (c == '?' || c == '\t' || c == '%'), lineStart && (bytes.HasPrefix(rest, []byte("---")) || bytes.HasPrefix(rest, []byte("..."))):
			return false
		}
		lineStart = false
	}
	return true
}

var streamsLine = regexp.MustCompile(`(?m)^streams:[ \r]*(#.*)?\n`)

// splitYAML cuts a document between the members of its "streams" block. It returns nil if the document is small or not plain enough to be cut.
func splitYAML(src []byte) []piece {
	if len(src) < splitFrom || !cuttable(src) {
		return nil
	}
	at := streamsLine.FindAllIndex(src, 2)
	if len(at) != 1 {
		return nil
	}
	start := at[0][1]
	indent, block := measureBlock(src[start:])
	if indent == 0 || block == 0 {
		return nil
	}
	var pieces []piece
	from := start
	cut := func(to int) {
		if from == start {
			pieces = append(pieces, piece{src[:to], 0})
		} else {
			text := append([]byte("streams:\n"), src[from:to]...)
			pieces = append(pieces, piece{text, bytes.Count(src[:from], []byte("\n")) - 1})
		}
		from = to
	}
	for i := start; i < start+block; {
		end := i + bytes.IndexByte(src[i:], '\n') + 1
		if end == i {
			end = len(src)
		}
		if i-from >= pieceSize && beginsMember(src[i:end], indent) {
			cut(i)
		}
		i = end
	}
	cut(start + block)
	if rest := src[start+block:]; len(bytes.TrimSpace(rest)) > 0 {
		pieces = append(pieces, piece{rest, bytes.Count(src[:start+block], []byte("\n"))})
	}
	return pieces
}

// measureBlock returns the indentation of a block's members and the block's length: up to the next line that begins in the first column.
func measureBlock(text []byte) (indent, length int) {
	for length < len(text) {
		end := length + bytes.IndexByte(text[length:], '\n') + 1
		if end == length {
			end = len(text)
		}
		line := bytes.TrimRight(text[length:end], "\r\n")
		depth := len(line) - len(bytes.TrimLeft(line, " "))
		switch content := line[depth:]; {
		case len(content) == 0 || content[0] == '#':
		case depth == 0:
			return indent, length
		case indent == 0:
			indent = depth
		}
		length = end
	}
	return indent, length
}

// beginsMember reports whether a line begins a member of the block: at its indentation, and nothing that ends or goes on.
func beginsMember(line []byte, indent int) bool {
	if len(line) <= indent || line[indent] == ' ' || len(bytes.TrimLeft(line[:indent], " ")) > 0 {
		return false
	}
	switch line[indent] {
	case '}', ']', '#', '-', ',', '\n', '\r':
		return false
	}
	return bytes.IndexByte(line, ':') > 0
}
