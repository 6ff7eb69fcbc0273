package schema

import (
	"encoding/json"
	"html"
	"io/fs"
	"net/http"
	"slices"
	"strings"
)

// entry is one line of a listing.
type entry struct {
	Name string `json:"name"`
	Type string `json:"type"` // repository, folder or file
}

// listing lists a folder: folders first, then files, versions in their order.
func listing(files fs.FS, dir string) ([]entry, error) {
	found, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, f := range found {
		if !safePath(f.Name()) {
			continue
		}
		// A link is what it leads to; one that leads nowhere is left out.
		info, err := fs.Stat(files, strings.TrimPrefix(dir+"/"+f.Name(), "./"))
		if err != nil {
			continue
		}
		e := entry{Name: f.Name(), Type: "file"}
		if info.IsDir() {
			e.Type = "folder"
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		if a.Type != b.Type {
			return strings.Compare(b.Type, a.Type) // folder before file
		}
		v, ok := versionOf(a.Name)
		w, also := versionOf(b.Name)
		switch {
		case ok != also && ok:
			return -1 // versions before other files
		case ok != also:
			return 1
		case ok && v.Compare(w) != 0:
			return v.Compare(w)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return entries, nil
}

// trimExtension is a version's name without the extension of its file.
func trimExtension(file string) string {
	for _, ext := range []string{".yaml", ".yml", ".json"} {
		file = strings.TrimSuffix(file, ext)
	}
	return file
}

// versionOf is the version that a file's name says.
func versionOf(file string) (Version, bool) { return ParseVersion(trimExtension(file)) }

// newestOf is the newest version among files' names, "" if there is none.
func newestOf(files []string) string {
	newest, best := "", Version{}
	for _, file := range files {
		if v, ok := versionOf(file); ok && (newest == "" || v.Compare(best) > 0) {
			newest, best = trimExtension(file), v
		}
	}
	return newest
}

// list answers a listing: JSON to who accepts that rather than HTML.
func (h *handler) list(w http.ResponseWriter, r *http.Request, entries []entry) {
	head := w.Header()
	head.Set("Cache-Control", "public, max-age=60")
	head.Add("Vary", "Accept")
	if accept := r.Header.Get("Accept"); strings.Contains(accept, "json") && !strings.Contains(accept, "html") {
		if entries == nil {
			entries = []entry{}
		}
		body, err := json.Marshal(struct {
			Path    string  `json:"path"`
			Entries []entry `json:"entries"`
		}{r.URL.Path, entries})
		if err != nil {
			problem(w, http.StatusInternalServerError, "The listing cannot be written.")
			return
		}
		head.Set("Content-Type", typeJSON)
		send(w, r, body)
		return
	}
	title := html.EscapeString("Schemas: " + r.URL.Path)
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>" + title + "</title><h1>" + title + "</h1><ul>")
	if r.URL.Path != root && r.URL.Path+"/" != root {
		b.WriteString(`<li><a href="../">../</a>`)
	}
	for _, e := range entries {
		name := e.Name
		if e.Type != "file" {
			name += "/"
		}
		b.WriteString(`<li><a href="` + html.EscapeString(name) + `">` + html.EscapeString(name) + `</a>`)
	}
	b.WriteString("</ul></html>")
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", "default-src 'none'")
	send(w, r, []byte(b.String()))
}
