package streamconfig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// finalError is a failure that trying again at once cannot mend.
type finalError struct{ error }

// get reads the answer's text.
func (c *Client) get(ctx context.Context) ([]byte, error) {
	uri := c.config.URI
	if !strings.HasPrefix(uri, "http://") && !strings.HasPrefix(uri, "https://") {
		path := strings.TrimPrefix(uri, "file://")
		body, err := os.ReadFile(path)
		if err != nil {
			return nil, &finalError{pathError(path, err)}
		}
		return body, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, &finalError{err}
	}
	for name, values := range c.config.Header {
		if strings.EqualFold(name, "Host") && len(values) > 0 {
			req.Host = values[0]
			continue
		}
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		err := fmt.Errorf("%s answers %s", uri, res.Status)
		if res.StatusCode >= 400 && res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusRequestTimeout {
			return nil, &finalError{err}
		}
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxSource))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", uri, err)
	}
	return body, nil
}

// parseAnswer reads what a configuration service answers. MediaWiki answers errors with status 200: "error" in the body says so.
func parseAnswer(uri string, body []byte, objectPath string) (*Config, error) {
	b := newBuilder(nil)
	b.lenient = true
	root, err := readValue(uri, body, &b.faults)
	if err != nil {
		return nil, err
	}
	if e := root.get("error"); e != nil {
		return nil, fmt.Errorf("%s answers the error %s: %s", uri, e.get("code").str(), e.get("info").str())
	}
	d := &document{file: uri}
	if objectPath == "" && root.kind == kindObject && root.get("streams") == nil && root.get("default_settings") == nil {
		d.declarations(root, &b.faults) // the streams alone, as in the file that today's charts make
		return b.build([]source{{d}})
	}
	// No service answers default settings beside merged ones: this is a document of declarations, whatever the path says.
	if objectPath == "" || root.get("default_settings") != nil {
		if root.kind != kindObject {
			return nil, fmt.Errorf("%s answers %s where an object should be", uri, root.kind)
		}
		d.members(root, &b.faults)
		return b.build([]source{{d}})
	}
	streams := root.at(strings.Split(objectPath, ".")...)
	if streams == nil || !streams.isArray() {
		return nil, fmt.Errorf("%s answers no object of streams at %q", uri, objectPath)
	}
	d.declarations(streams, &b.faults)
	return b.build([]source{{d}})
}

// cacheFile is what is kept on disk.
type cacheFile struct {
	URI     string    `json:"uri"`
	Fetched time.Time `json:"fetched"`
	Body    string    `json:"body"`
}

// writeCache keeps an answer, in a way that leaves either the old or the new file.
func (c *Client) writeCache(body []byte) error {
	if c.config.CacheFile == "" {
		return nil
	}
	text, err := json.Marshal(cacheFile{c.config.URI, time.Now(), string(body)})
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(c.config.CacheFile), filepath.Base(c.config.CacheFile)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Sync()
	}
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), c.config.CacheFile)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// readCache reads what was kept of the same service.
func (c *Client) readCache() (*fetched, error) {
	if c.config.CacheFile == "" {
		return nil, errors.New("nothing is kept")
	}
	text, err := os.ReadFile(c.config.CacheFile)
	if err != nil {
		return nil, err
	}
	var kept cacheFile
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, err
	}
	if kept.URI != c.config.URI {
		return nil, fmt.Errorf("it is of %s", kept.URI)
	}
	config, err := parseAnswer(c.config.URI, []byte(kept.Body), c.config.ObjectPath)
	if err != nil {
		return nil, err
	}
	return &fetched{config, kept.Fetched}, nil
}
