package uiapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// others asks the services that run apart who they are.
func (s *Server) others(ctx context.Context) []OtherHealth {
	urls := s.cfg.Health.Others
	list := make([]OtherHealth, 0, len(urls))
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		other := OtherHealth{Name: name}
		version, err := askVersion(ctx, urls[name])
		if err != nil {
			s.log.Warn("a service does not answer", "service", name, "url", urls[name], "err", err)
			other.Error = "It does not answer as it should; the log says more."
		} else {
			other.OK, other.Version = true, version
		}
		list = append(list, other)
	}
	return list
}

func askVersion(ctx context.Context, base string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(base, "/")+"/_info", nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var info struct {
		Version string `json:"version"`
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("/_info: %s", response.Status)
	}
	return info.Version, json.NewDecoder(io.LimitReader(response.Body, 64<<10)).Decode(&info)
}
