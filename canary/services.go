package canary

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Target is one intake of a service.
type Target struct {
	// Datacenter is where it is; "" if the service has one for all.
	Datacenter string
	// URL is where events are posted, such as https://eventgate-main.svc.eqiad.wmnet:4492/v1/events.
	URL string
}

// Services are the intakes, by the name that streams call them in destination_event_service.
type Services map[string][]Target

// Datacenters are those that Services expects in names such as eventgate-main-eqiad unless it is told others.
var Datacenters = []string{"eqiad", "codfw"}

// ParseServices reads a JSON object of services. A service's value is a URL, an object with one ({"url": …}, as in MediaWiki's $wgEventServices), or an
// object of one for each data centre ({"eqiad": …, "codfw": …}). A name that ends in one of the data centres, as in eventgate-main-eqiad, is the intake
// of the service before it; a service that has such names is reached by these alone, its own URL being one of the same intakes.
func ParseServices(object []byte, datacenters []string) (Services, error) {
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(object, &entries); err != nil {
		return nil, fmt.Errorf("services must be an object, such as {\"eventgate-main\": \"https://…/v1/events\"}: %w", err)
	}
	services := Services{}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		targets, err := parseTargets(entries[name])
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", name, err)
		}
		for _, dc := range datacenters {
			if service, ok := strings.CutSuffix(name, "-"+dc); ok && len(targets) == 1 && targets[0].Datacenter == "" {
				name, targets[0].Datacenter = service, dc
			}
		}
		services[name] = append(services[name], targets...)
	}
	for name, targets := range services {
		if inDatacenter := func(t Target) bool { return t.Datacenter != "" }; slices.ContainsFunc(targets, inDatacenter) {
			services[name] = slices.DeleteFunc(targets, func(t Target) bool { return !inDatacenter(t) })
		}
	}
	return services, nil
}

// parseTargets reads what stands behind a service's name.
func parseTargets(value []byte) ([]Target, error) {
	var one string
	if json.Unmarshal(value, &one) == nil {
		u, err := intake(one)
		return []Target{{URL: u}}, err
	}
	var several map[string]any
	if err := json.Unmarshal(value, &several); err != nil || len(several) == 0 {
		return nil, fmt.Errorf("%s is neither a URL nor an object of URLs by data centre", value)
	}
	if text, ok := several["url"].(string); ok { // beside it MediaWiki has timeout and more
		u, err := intake(text)
		return []Target{{URL: u}}, err
	}
	var targets []Target
	for _, dc := range slices.Sorted(maps.Keys(several)) {
		text, _ := several[dc].(string)
		u, err := intake(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dc, err)
		}
		targets = append(targets, Target{Datacenter: dc, URL: u})
	}
	return targets, nil
}

// intake checks a URL; one without a path gets the intake's.
func intake(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q is not a URL such as https://host:4492/v1/events", text)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/events"
	}
	return u.String(), nil
}
