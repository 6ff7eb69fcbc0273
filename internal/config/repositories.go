package config

import (
	"context"
	"embed"
	"errors"
	"os"
	"strings"

	"github.com/eventplatform/eventplatform/schema"
)

// bases says which schema repositories can be none at all, and if the file is only checked which folders are not here. It returns the folders that are
// here, and whether these are all the repositories there are. n is where they stand in the file, nil for those of --schemas.
func (r *reading) bases(bases []string, n *node, path string) (here []string, all bool) {
	for i, base := range bases {
		line := n.lineOf(i)
		folder, plain := localPath(base)
		switch web := isWeb(base); {
		case !web && !plain:
			r.fault(line, path, "schema repository %s: there is no such kind: give a folder, a file:// or an http(s):// URI", base)
		case !web && !r.over.Checking: // a start looks itself
		case !web && !r.isHere(folder, base, line, path):
		case r.opens(base, line, path) && !web:
			here = append(here, base)
		}
	}
	return here, len(here) == len(bases)
}

// opens says whether a repository can be one: what is at a URL is not asked.
func (r *reading) opens(base string, line int, path string) bool {
	one, err := schema.New(schema.Config{Bases: []string{base}, Revalidate: -1})
	if err != nil {
		r.fault(line, path, "%v; for example /srv/schemas/jsonschema or http://host/repositories/primary/jsonschema/", err)
		return false
	}
	one.Close()
	return true
}

// isHere says whether a file or folder is on this machine, and warns if it is not: the service may run elsewhere.
func (r *reading) isHere(place, as string, line int, path string) bool {
	if !exists(place) {
		r.warn(line, path, "%s is not on this machine", as)
		return false
	}
	return true
}

func exists(place string) bool {
	_, err := os.Stat(place)
	return err == nil
}

// isWeb says whether a place is asked for over HTTP.
func isWeb(place string) bool {
	return strings.HasPrefix(place, "http://") || strings.HasPrefix(place, "https://")
}

// localPath is a place without file://. It is no file or folder if it has another scheme.
func localPath(place string) (path string, ok bool) {
	path = strings.TrimPrefix(place, "file://")
	return path, !strings.Contains(path, "://")
}

// precached says which schemas to be read at the start no event can name. If the file is only checked they are looked for in the folders that are here.
func (e *eventGateReading) precached(here []string, all bool) {
	n, path := e.conf.get("schema_precache_uris"), e.place+".schema_precache_uris"
	c := e.c.Schemas
	c.Bases, c.Revalidate = here, -1
	if len(here) == 0 {
		c.Embedded = embed.FS{} // without a file: it says only what can be the name of a schema
	}
	schemas, err := schema.New(c)
	if err != nil { // a folder has gone since it was looked at
		e.fault(n.lineOf(0), path, "%v", err)
		return
	}
	defer schemas.Close()
	for i, uri := range e.c.Precache {
		_, err := schemas.Lookup(context.Background(), uri)
		var invalid *schema.InvalidURIError
		switch {
		case errors.As(err, &invalid):
			e.fault(n.lineOf(i), path, "%v", err)
		case err != nil && len(here) > 0:
			e.unusable(err, all, n.lineOf(i), path)
		}
	}
}

// unusable says what the repositories here lack. A repository elsewhere may have it, which only a start can say.
func (e *eventGateReading) unusable(err error, all bool, line int, path string) {
	var broken *schema.BrokenError
	switch {
	case errors.As(err, &broken) && all:
		e.fault(line, path, "%s: %v; mend the schema, or take it from the list", broken.File, err)
	case errors.As(err, &broken):
		e.warn(line, path, "%s: %v; the start fails unless a repository that is not on this machine has it right", broken.File, err)
	case all:
		e.warn(line, path, "%v Events that name it are refused", err)
	}
}
