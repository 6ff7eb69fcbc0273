package profile

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// Kind is what a profile shows.
type Kind string

// The kinds.
const (
	CPU       Kind = "cpu"       // where the processors' time goes
	Wall      Kind = "wall"      // what goroutines do, waiting included
	Heap      Kind = "heap"      // who asked for the memory that is in use now
	Allocs    Kind = "allocs"    // who asks for memory, in the time that is looked at
	Goroutine Kind = "goroutine" // where the goroutines are now
	Block     Kind = "block"     // where goroutines wait for each other, in the time that is looked at
	Mutex     Kind = "mutex"     // which locks are waited for, likewise
)

// Kinds are all kinds.
var Kinds = []Kind{CPU, Wall, Heap, Allocs, Goroutine, Block, Mutex}

// source says where a kind is served, and which of the profile's values is shown.
type source struct {
	path, value string
	lasting     bool // it takes a time
}

var sources = map[Kind]source{
	CPU:       {"/debug/pprof/profile", "cpu", true},
	Wall:      {"/debug/fgprof", "time", true},
	Heap:      {"/debug/pprof/heap", "inuse_space", false},
	Allocs:    {"/debug/pprof/allocs", "alloc_space", true},
	Goroutine: {"/debug/pprof/goroutine", "goroutine", false},
	Block:     {"/debug/pprof/block", "delay", true},
	Mutex:     {"/debug/pprof/mutex", "delay", true},
}

// maxProfile bounds a profile's text, in bytes.
const maxProfile = 256 << 20

// grace is how much longer than it looks a service may take to answer.
const grace = 30 * time.Second

// Fetched is a profile as a service gave it.
type Fetched struct {
	Kind Kind
	// From is the service's admin address.
	From string
	// Raw is the profile in pprof's own form.
	Raw []byte

	profile *profile.Profile
	value   int    // the index of the value that is shown
	unit    string // of it
}

// Fetch has the service at an admin address ("http://127.0.0.1:9102", or without the scheme) look at itself for some time and returns what it saw.
func Fetch(ctx context.Context, address string, kind Kind, seconds int) (*Fetched, error) {
	from, ok := sources[kind]
	if !ok {
		return nil, fmt.Errorf("there is no kind of profile %q", kind)
	}
	base, err := adminURL(address)
	if err != nil {
		return nil, err
	}
	at := base + from.path
	if from.lasting {
		at += "?seconds=" + strconv.Itoa(seconds)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+grace)
	defer cancel()
	raw, err := get(ctx, at)
	if err != nil {
		return nil, err
	}
	p, err := profile.ParseData(raw)
	if err != nil {
		return nil, fmt.Errorf("%s answers with something that is no profile (%w): is it the admin address (--admin-listen) of a service?", at, err)
	}
	f := &Fetched{Kind: kind, From: base, Raw: raw, profile: p, value: -1}
	for i, t := range p.SampleType {
		if t.Type == from.value {
			f.value, f.unit = i, t.Unit
		}
	}
	if f.value < 0 {
		return nil, fmt.Errorf("the profile of %s has no %s", at, from.value)
	}
	return f, nil
}

// adminURL completes what was given as an address.
func adminURL(address string) (string, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("%q is no address: give the admin address of a service, such as http://127.0.0.1:9102", address)
	}
	u.RawQuery, u.Fragment = "", ""
	u.Path, _, _ = strings.Cut(u.Path, "/debug")
	return strings.TrimSuffix(strings.TrimSuffix(u.String(), "/"), "/metrics"), nil
}

func get(ctx context.Context, at string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the service does not answer: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxProfile))
	if err != nil {
		return nil, fmt.Errorf("the service's answer broke off: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		line, _, _ := strings.Cut(string(text), "\n")
		return nil, fmt.Errorf("%s answers %s (%.200s); give the admin address (--admin-listen) of a service that runs in debug mode (--debug)",
			at, response.Status, strings.TrimSpace(line))
	}
	return text, nil
}
