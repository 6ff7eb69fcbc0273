package schema

import (
	"context"
	"io/fs"
	"os"
	"slices"
)

// Versions returns the versions of a title that the repositories have, in order, each once.
func (r *Repositories) Versions(ctx context.Context, title string) []string {
	if _, err := parseURI("/" + title + "/latest"); err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	found := map[string]Version{}
	for _, b := range r.bases {
		for _, name := range b.versions(ctx, title) {
			if v, ok := versionOf(name); ok {
				found[trimExtension(name)] = v
			}
		}
	}
	list := make([]string, 0, len(found))
	for version := range found {
		list = append(list, version)
	}
	slices.SortFunc(list, func(a, b string) int { return found[a].Compare(found[b]) })
	return list
}

// Titles returns the titles of the repositories that can be listed, folders and the embedded one, in the alphabet's order.
func (r *Repositories) Titles() ([]string, error) {
	found := map[string]bool{}
	for _, b := range r.bases {
		var err error
		switch b := b.base.(type) {
		case *dirBase:
			err = titlesOfFolder(b.dir(), found)
		case *fsBase:
			err = titlesOf(b.files, found)
		}
		if err != nil {
			return nil, err
		}
	}
	list := make([]string, 0, len(found))
	for title := range found {
		list = append(list, title)
	}
	slices.Sort(list)
	return list, nil
}

func titlesOfFolder(dir string, found map[string]bool) error {
	opened, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer opened.Close()
	return titlesOf(opened.FS(), found)
}

// titlesOf collects the folders that hold versions.
func titlesOf(files fs.FS, found map[string]bool) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." || !d.IsDir() {
			return err
		}
		if !safePath(name) {
			return fs.SkipDir
		}
		for _, file := range listVersions(files, name) {
			if _, ok := versionOf(file); ok {
				found[name] = true
			}
		}
		return nil
	})
}
