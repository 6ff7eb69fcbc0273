package lint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Input is what Streams looks at.
type Input struct {
	// Streams is the configuration that is checked. Required.
	Streams *streamconfig.Config
	// Against is the configuration in use, to tell what would change. May be nil.
	Against *streamconfig.Config
	// Schemas are the repositories that the streams' schemas are in. Nil: what needs them is not checked.
	Schemas *schema.Repositories
	// Now is the time that a stream's sunset is compared with. Zero: not compared.
	Now time.Time
}

// Streams checks a stream configuration. The error is of the check itself, such as a context that is over.
func Streams(ctx context.Context, in Input) (*Report, error) {
	c := &checker{ctx: ctx, Input: in, report: &Report{}, titles: map[string]*title{}}
	if in.Schemas != nil {
		c.exempt = exemptionsOf(in.Schemas.Locations())
	}
	for _, w := range in.Streams.Warnings() {
		c.report.Findings = append(c.report.Findings, Finding{
			Rule: "source", Severity: Warning, File: w.Pos.File, Line: w.Pos.Line, Message: w.Message, Remedy: w.Remedy,
		})
	}
	for _, s := range in.Streams.Streams() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.stream(s)
	}
	c.topics()
	c.patterns()
	if in.Against != nil {
		c.report.Changes = changes(in.Against, in.Streams)
	}
	return c.report, nil
}

// checker collects findings.
type checker struct {
	Input
	ctx    context.Context
	report *Report
	titles map[string]*title
	exempt exemptions
}

func (c *checker) find(rule string, severity Severity, s *streamconfig.Stream, remedy, format string, args ...any) {
	c.report.Findings = append(c.report.Findings, Finding{
		Rule: rule, Severity: severity, Subject: s.Name, File: s.Source.File, Line: s.Source.Line,
		Message: fmt.Sprintf(format, args...), Remedy: remedy,
	})
}

func (c *checker) stream(s *streamconfig.Stream) {
	c.schemaTitle(s)
	c.name(s)
	c.sample(s)
	c.canary(s)
	c.life(s)
}

// title is what is known of a schema's title.
type title struct {
	latest   *schema.Schema
	err      error
	versions []string
}

func (c *checker) lookup(name string) *title {
	if t, ok := c.titles[name]; ok {
		return t
	}
	t := &title{}
	t.latest, t.err = c.Schemas.Latest(c.ctx, name)
	if t.err == nil {
		t.versions = c.Schemas.Versions(c.ctx, name)
	}
	c.titles[name] = t
	return t
}

func (c *checker) schemaTitle(s *streamconfig.Stream) {
	if s.SchemaTitle == "" {
		c.find("schema-title", Error, s, "name the title of the stream's schema", "schema_title is missing: no event can be checked")
		return
	}
	if c.Schemas == nil {
		return
	}
	_, seen := c.titles[s.SchemaTitle]
	t := c.lookup(s.SchemaTitle)
	var notFound *schema.NotFoundError
	switch {
	case errors.As(t.err, &notFound):
		c.find("schema-missing", Error, s, "add the schema, or mend the title", "no schema repository has the schema_title %q", s.SchemaTitle)
		return
	case t.err != nil:
		c.find("schema-broken", Error, s, "mend the schema", "the newest schema of %q cannot be used: %v", s.SchemaTitle, t.err)
		return
	}
	if !seen {
		c.compatible(s, t)
	}
	for _, f := range s.MessageKeyFields {
		if !t.latest.Validator.Declares(strings.Split(f.Path, ".")...) {
			c.find("message-key", Error, s, "name a field of the schema", "message_key_fields: the schema %s has no field %q", t.latest.URI, f.Path)
		}
	}
}

// compatible checks that the versions of a title only add to those before them, major versions apart. A title is told once, with its first stream.
func (c *checker) compatible(s *streamconfig.Stream, t *title) {
	for i := 1; i < len(t.versions); i++ {
		older, newer := t.versions[i-1], t.versions[i]
		if major(older) != major(newer) {
			continue
		}
		uri := "/" + s.SchemaTitle + "/" + newer
		if c.exempt.has(uri, compatibilityTest) {
			continue
		}
		a, err := c.Schemas.Lookup(c.ctx, "/"+s.SchemaTitle+"/"+older)
		if err != nil {
			continue // told where the repository is checked
		}
		b, err := c.Schemas.Lookup(c.ctx, uri)
		if err != nil {
			continue
		}
		if breaks := incompatibilities(a.Source, b.Source); len(breaks) > 0 {
			c.find("schema-compatibility", Error, s, "make it a new major version", "%s is not compatible with %s: %s", b.URI, older, strings.Join(breaks, ", "))
		}
	}
}

func major(version string) int {
	v, _ := schema.ParseVersion(version)
	return v.Major
}

var (
	versionedName = regexp.MustCompile(`\.v(\d+)$`)
	unstableName  = regexp.MustCompile(`\.(rc|dev)\d*(\.|$)`)
)

// name checks what a name promises: .vN is the schema's major version, rc and dev are not for ingestion.
func (c *checker) name(s *streamconfig.Stream) {
	if s.IsRegex {
		return
	}
	if m := versionedName.FindStringSubmatch(s.Name); m != nil && c.Schemas != nil && s.SchemaTitle != "" {
		if t := c.lookup(s.SchemaTitle); t.err == nil {
			n, _ := strconv.Atoi(m[1])
			newest := major(t.latest.Version)
			has := slices.ContainsFunc(t.versions, func(v string) bool { return major(v) == n })
			switch {
			case newest > n && has:
				c.find("major-version", Warning, s, fmt.Sprintf("declare %s for it", strings.TrimSuffix(s.Name, m[0])+".v"+strconv.Itoa(newest)),
					"the name says version %d, the newest schema is %s", n, t.latest.URI)
			case newest != n && !has:
				c.find("major-version", Warning, s, "name the stream after the schema's major version", "the name says version %d, but the schema %q has no version %d", n, s.SchemaTitle, n)
			}
		}
	}
	if unstableName.MatchString(s.Name) {
		if on := ingestion(s); len(on) > 0 {
			c.find("unstable-ingestion", Warning, s, "switch it off, or give the stream its final name", "a stream in trial (its name says rc or dev) is ingested by %s", strings.Join(on, ", "))
		}
	}
}

// consumer is one entry of a stream's "consumers".
type consumer struct {
	name    string
	enabled bool
}

func consumers(s *streamconfig.Stream) []consumer {
	raw, ok := s.Setting("consumers")
	if !ok {
		return nil
	}
	var entries map[string]struct {
		Enabled *bool `json:"enabled"`
	}
	if json.Unmarshal(raw, &entries) != nil {
		return nil
	}
	var list []consumer
	for name, e := range entries {
		list = append(list, consumer{name, e.Enabled == nil || *e.Enabled})
	}
	slices.SortFunc(list, func(a, b consumer) int { return strings.Compare(a.name, b.name) })
	return list
}

// consuming are the names of the consumers that are not switched off.
func consuming(s *streamconfig.Stream) []string {
	var names []string
	for _, c := range consumers(s) {
		if c.enabled {
			names = append(names, c.name)
		}
	}
	return names
}

// ingestion are the consumers that ingest the stream into a store.
func ingestion(s *streamconfig.Stream) []string {
	return slices.DeleteFunc(consuming(s), func(name string) bool { return !strings.Contains(name, "ingestion") })
}

// sample checks the sampling: what is invalid, clients take for "never".
func (c *checker) sample(s *streamconfig.Stream) {
	raw, ok := s.Setting("sample")
	if !ok {
		return
	}
	var sample struct {
		Rate *float64 `json:"rate"`
		Unit string   `json:"unit"`
	}
	err := json.Unmarshal(raw, &sample)
	switch {
	case err != nil || sample.Rate == nil || sample.Unit == "":
		c.find("sample", Error, s, `write {"rate": 0.1, "unit": "session"}`, "sample has no rate or no unit: clients send nothing")
	case *sample.Rate < 0 || *sample.Rate > 1:
		c.find("sample", Error, s, "write a number from 0 to 1", "the sampling rate %v is not between 0 and 1: clients send nothing", *sample.Rate)
	case !slices.Contains([]string{"pageview", "session", "device"}, sample.Unit):
		c.find("sample", Error, s, "write pageview, session or device", "the sampling unit %q is none: clients send nothing", sample.Unit)
	}
}

func (c *checker) canary(s *streamconfig.Stream) {
	switch {
	case !s.CanaryEventsEnabled:
	case s.IsRegex:
		c.find("canary", Warning, s, "write canary_events_enabled: false", "canary events cannot be produced to a regular expression")
	case s.DestinationEventService == "":
		c.find("canary", Warning, s, "name the destination_event_service, or write canary_events_enabled: false", "canary events are enabled, but no intake is named that would take them")
	}
}

// life checks what is said of renaming and retiring.
func (c *checker) life(s *streamconfig.Stream) {
	d := s.Deprecated
	if d == nil {
		return
	}
	date := func(key, text string) (time.Time, bool) {
		if text == "" {
			return time.Time{}, false
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			c.find("deprecated", Error, s, "write a date like 2026-07-01", "deprecated.%s: %q is no date", key, text)
		}
		return t, err == nil
	}
	since, hasSince := date("since", d.Since)
	sunset, hasSunset := date("sunset", d.Sunset)
	if hasSince && hasSunset && sunset.Before(since) {
		c.find("deprecated", Error, s, "write the later date as sunset", "deprecated.sunset is before deprecated.since")
	}
	if hasSunset && !c.Now.IsZero() && c.Now.After(sunset.AddDate(0, 0, 1)) {
		c.find("deprecated", Warning, s, "remove the stream, or set a later date", "its sunset %s is past", d.Sunset)
	}
	if d.Successor != "" {
		if next, ok := c.Streams.Lookup(d.Successor); !ok {
			c.find("deprecated", Error, s, "name a declared stream", "deprecated.successor: the stream %q is not declared", d.Successor)
		} else if next == s {
			c.find("deprecated", Error, s, "name another stream", "deprecated.successor is the stream itself")
		}
	}
}
