package eventstreams

import (
	"log/slog"
	"slices"
	"strings"
	"unicode"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// redaction takes out of events of certain pages what tells who edited. It errs on the side of saying less: where an event does not say which page it is
// about, it is treated as if it were about one of them.
type redaction struct {
	pages map[string]map[string]bool // by domain, by title
	all   map[string]bool            // titles of all domains
	log   *slog.Logger
}

func newRedaction(pages map[string][]string, log *slog.Logger) *redaction {
	r := &redaction{pages: map[string]map[string]bool{}, all: map[string]bool{}, log: log}
	for domain, titles := range pages {
		set := map[string]bool{}
		for _, title := range titles {
			set[normal(title)] = true
			r.all[normal(title)] = true
		}
		r.pages[normal(domain)] = set
	}
	return r
}

// normal is how domains and titles are compared: without outer spaces, with one underscore for every run of spaces, in lower case. JavaScript, whose lists
// these were, counts more characters as spaces, and has two small letters for a sigma.
func normal(s string) string {
	words := strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || c == '\ufeff' })
	return strings.ReplaceAll(strings.ToLower(strings.Join(words, "_")), "ς", "σ")
}

// Paths that tell who edited.
var (
	pathUser        = []string{"user"}
	pathPerformer   = []string{"performer"}
	pathEditor      = []string{"revision", "editor"}
	pathPriorEditor = []string{"prior_state", "revision", "editor"}
)

// transform is a kafkasse.Config.Transform.
func (r *redaction) transform(dst []byte, topic string, value []byte) []byte {
	if value[0] != '{' {
		return append(dst, value...)
	}
	stream, _ := text(value, "meta", "stream")
	titles, known := r.all, false
	if domain, ok := text(value, "meta", "domain"); ok {
		if titles = r.pages[normal(domain)]; titles == nil {
			return append(dst, value...)
		}
		known = true
	}
	title, titled := pageTitle(value, stream)
	paths := [][]string{pathPerformer}
	switch {
	case !titled && known, !known && titled && titles[normal(title)]:
		// The stream may be any: leave out whatever could tell.
		paths = [][]string{pathUser, pathPerformer, pathEditor, pathPriorEditor}
	case !titled || !titles[normal(title)]:
		return append(dst, value...)
	case stream == "mediawiki.page_change.v1":
		paths = [][]string{pathPerformer, pathEditor, pathPriorEditor}
	case stream == "mediawiki.recentchange":
		paths = [][]string{pathUser}
	}
	out := rawjson.DropDuplicates(nil, value) // or another member of the same name would tell
	for _, path := range paths {
		// performer stays as an empty object in page changes, where the schema requires it.
		out = without(out, path, stream == "mediawiki.page_change.v1" && len(path) == 1 && path[0] == "performer")
	}
	r.log.Info("redacted an event of a configured page", "topic", topic, "stream", stream)
	return append(dst, out...)
}

// pageTitle is the title of the page that an event of a stream is about.
func pageTitle(value []byte, stream string) (string, bool) {
	switch stream {
	case "mediawiki.page_change.v1":
		return text(value, "page", "page_title")
	case "mediawiki.recentchange":
		return text(value, "title")
	}
	for _, path := range [][]string{{"page_title"}, {"page", "page_title"}, {"title"}} {
		if title, ok := text(value, path...); ok {
			return title, true
		}
	}
	return "", false
}

// text is the string at a path.
func text(value []byte, path ...string) (string, bool) {
	start, end, ok := rawjson.Find(value, path...)
	if !ok || value[start] != '"' {
		return "", false
	}
	return string(rawjson.AppendUnquoted(nil, value[start:end])), true
}

// without is an object without the member at a path, or with an empty object there.
func without(value []byte, path []string, empty bool) []byte {
	start, end := 0, len(value)
	if len(path) > 1 {
		var ok bool
		if start, end, ok = rawjson.Find(value, path[:len(path)-1]...); !ok || value[start] != '{' {
			return value
		}
	}
	name := path[len(path)-1]
	kept := []byte{}
	found := false
	for m := rawjson.NewMembers(value[start:end]); m.Next(); {
		v := m.Value()
		if rawjson.Equal(m.Key(), name) {
			found = true
			if !empty {
				continue
			}
			v = []byte("{}")
		}
		if len(kept) > 0 {
			kept = append(kept, ',')
		}
		kept = append(kept, m.Key()...)
		kept = append(kept, ':')
		kept = append(kept, v...)
	}
	switch {
	case found:
	case !empty:
		return value
	default:
		if len(kept) > 0 {
			kept = append(kept, ',')
		}
		kept = append(rawjson.AppendQuoted(kept, []byte(name)), ":{}"...)
	}
	return slices.Concat(value[:start], []byte{'{'}, kept, []byte{'}'}, value[end:])
}
