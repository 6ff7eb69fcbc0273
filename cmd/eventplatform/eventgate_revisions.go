package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/schema"
)

// revisionsAge is how old the revisions that are told may be: finding them out reads whole folders, and anybody may ask.
const revisionsAge = 10 * time.Second

// revisions knows which state of the schema repositories is in use.
type revisions struct {
	read func() []schema.Revision

	mu   sync.Mutex
	list []schema.Revision
	at   time.Time
}

// get returns the revisions with their bases as configured.
func (r *revisions) get() []schema.Revision {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at.IsZero() || time.Since(r.at) > revisionsAge {
		r.list, r.at = r.read(), time.Now()
	}
	return r.list
}

// named returns the revisions with their repositories' names in the place of bases, for everybody: nobody else needs to know this machine's paths.
func (r *revisions) named() []schema.Revision {
	list := append([]schema.Revision(nil), r.get()...)
	for i := range list {
		list[i].Base = repositoryName(list[i].Base)
	}
	return list
}

// withRevisions adds to what /_info tells the schema repositories and their revisions, as an intake alone does.
func withRevisions(info service.Info, named func() []schema.Revision) http.Handler {
	type repository struct {
		Name     string `json:"name"`
		Revision string `json:"revision"`
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Trim(strings.ToLower(r.URL.Path), "/") != "_info" {
			info.ServeHTTP(w, r)
			return
		}
		repositories := []repository{}
		for _, v := range named() {
			repositories = append(repositories, repository{v.Base, v.Revision})
		}
		text, err := json.Marshal(struct {
			service.Info
			Repositories []repository `json:"schema_repositories"`
		}{info, repositories})
		if err != nil {
			http.Error(w, "the answer could not be written as JSON", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(append(text, '\n')) // a client that has gone away does not need it
	})
}

// repositoryName tells repositories apart: of a folder it is the folder's name, "primary" of "/srv/schemas/primary/jsonschema"; of a server, whose place
// is no secret of this machine, host and path.
func repositoryName(base string) string {
	if u, err := url.Parse(base); err == nil && u.Scheme == "file" {
		base = u.Path
	} else if err == nil && u.Host != "" {
		return u.Host + strings.TrimRight(u.Path, "/")
	}
	base = path.Clean(filepath.ToSlash(base))
	return path.Base(strings.TrimSuffix(base, "/jsonschema"))
}
