package streamconfig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// maxSource bounds the text of one source.
const maxSource = 256 << 20

// Parse reads one document, YAML or JSON. The name stands in error messages and in Position.File.
func Parse(name string, data []byte) (*Config, error) {
	var faults []Fault
	d, err := readDocument(name, data, &faults)
	if err != nil {
		return nil, syntaxFault(err)
	}
	return build([]source{{d}}, faults)
}

// Load reads files, folders (their .yaml, .yml and .json files in name order, as one source) and http(s) URLs. A stream that several sources declare
// is the last one's whole, at the place where the first declared it; default settings of a later source are merged over those of an earlier one.
func Load(sources ...string) (*Config, error) {
	return loader{client: &http.Client{Timeout: 30 * time.Second}}.load(context.Background(), sources)
}

type loader struct{ client *http.Client }

func (l loader) load(ctx context.Context, names []string) (*Config, error) {
	var faults []Fault
	sources, err := l.sources(ctx, names, &faults)
	if err != nil {
		return nil, err
	}
	return build(sources, faults)
}

// sources reads sources without merging them. Faults of their texts are collected.
func (l loader) sources(ctx context.Context, names []string, faults *[]Fault) ([]source, error) {
	var all []source
	for _, name := range names {
		files, err := l.files(ctx, name)
		if err != nil {
			return nil, err
		}
		var s source
		for _, file := range files {
			d, err := readDocument(file.name, file.data, faults)
			if err != nil {
				*faults = append(*faults, syntaxFault(err).Faults...)
				continue
			}
			s = append(s, d)
		}
		all = append(all, s)
	}
	return all, nil
}

type sourceFile struct {
	name string
	data []byte
}

// files reads one source.
func (l loader) files(ctx context.Context, name string) ([]sourceFile, error) {
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		data, err := l.fetch(ctx, name)
		return []sourceFile{{name, data}}, err
	}
	path := strings.TrimPrefix(name, "file://")
	info, err := os.Stat(path)
	if err != nil {
		return nil, pathError(path, err)
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, pathError(path, err)
		}
		return []sourceFile{{path, data}}, nil
	}
	var files []sourceFile
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") && file != path {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		switch filepath.Ext(file) {
		case ".yaml", ".yml", ".json":
		default:
			return nil
		}
		if d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(file)
		files = append(files, sourceFile{file, data})
		return err
	})
	if err != nil {
		return nil, pathError(path, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("stream configuration %s: the folder has no .yaml, .yml or .json file", path)
	}
	sort.Slice(files, func(i, j int) bool { return files[i].name < files[j].name })
	return files, nil
}

func pathError(path string, err error) error {
	reason := err
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		reason = pathErr.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("stream configuration %s: there is no such file or folder: give --streams a file, a folder or a URL", path)
	}
	return fmt.Errorf("stream configuration %s: cannot be read: %w", path, reason)
}

func (l loader) fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("stream configuration %s: %w", url, err)
	}
	res, err := l.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("stream configuration %s: %w", url, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("stream configuration %s: the server answers %s", url, res.Status)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxSource))
	if err != nil {
		return nil, fmt.Errorf("stream configuration %s: %w", url, err)
	}
	return data, nil
}

// syntaxFault makes a LoadError of a document that is neither JSON nor YAML.
func syntaxFault(err error) *LoadError {
	var e syntaxError
	if errors.As(err, &e) {
		return &LoadError{Faults: []Fault{{Pos: e.pos, Message: e.msg}}}
	}
	return &LoadError{Faults: []Fault{{Message: err.Error()}}}
}
