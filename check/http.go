package check

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 16 << 20

// stay follows no redirect: it would lead to a server that nobody has named or allowed.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

var direct = &http.Client{CheckRedirect: stay}

// adding sends requests with further headers, and calls opened, if it is set, when an answer's head has come that is good.
type adding struct {
	header http.Header
	opened func()
}

func (a adding) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range a.header {
		r.Header[name] = values
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if a.opened != nil && err == nil && response.StatusCode == http.StatusOK {
		a.opened()
	}
	return response, err
}

// answer is what a server said.
type answer struct {
	code   int
	status string
	body   []byte
}

// ask sends a request. Without a body it is a GET.
func ask(ctx context.Context, userAgent, to, body string) (*answer, error) {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("User-Agent", userAgent)
	response, err := direct.Do(request)
	if err != nil {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err // without the URL, which is told already
		}
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	return &answer{response.StatusCode, response.Status, text}, nil
}

// at is a server's URL with a path, unless it has one of its own.
func at(server, path string) (string, error) {
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" {
		return "", errors.New(server + " is not the URL of a server")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = path
	}
	return u.String(), nil
}
