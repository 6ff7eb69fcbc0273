package lint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/jsonschema"
	"github.com/eventplatform/eventplatform/schema"
)

// Repository checks a schema repository in a folder: every version compiles and is called what its place is called, versions only add, examples are valid,
// and the fields that the platform needs are there.
func Repository(ctx context.Context, dir string) (*Report, error) {
	r, err := schema.New(schema.Config{Bases: []string{dir}, Revalidate: -1})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	titles, err := r.Titles()
	if err != nil {
		return nil, err
	}
	c := &repositoryChecker{ctx: ctx, schemas: r, report: &Report{}, exempt: exemptionsOf([]string{dir})}
	for _, title := range titles {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.title(title)
	}
	return c.report, nil
}

type repositoryChecker struct {
	ctx     context.Context
	schemas *schema.Repositories
	report  *Report
	exempt  exemptions
}

func (c *repositoryChecker) find(rule string, severity Severity, uri, file, remedy, format string, args ...any) {
	c.report.Findings = append(c.report.Findings, Finding{
		Rule: rule, Severity: severity, Subject: uri, File: file, Message: fmt.Sprintf(format, args...), Remedy: remedy,
	})
}

func (c *repositoryChecker) title(title string) {
	var older *schema.Schema
	for _, version := range c.schemas.Versions(c.ctx, title) {
		uri := "/" + title + "/" + version
		s, err := c.schemas.Lookup(c.ctx, uri)
		if err != nil {
			c.broken(uri, err)
			continue
		}
		c.identity(s, title)
		c.examples(s)
		if !strings.HasPrefix(title, "fragment/") {
			c.platformFields(s)
		}
		if older != nil && major(older.Version) == major(s.Version) && !c.exempt.has(s.URI, compatibilityTest) {
			if breaks := incompatibilities(older.Source, s.Source); len(breaks) > 0 {
				c.find("schema-compatibility", Error, s.URI, s.File, "make it a new major version", "it is not compatible with %s: %s", older.Version, strings.Join(breaks, ", "))
			}
		}
		older = s
	}
	c.newest(title, older)
}

func (c *repositoryChecker) broken(uri string, err error) {
	var broken *schema.BrokenError
	file, message := "", err.Error()
	if errors.As(err, &broken) {
		file, message = broken.File, broken.Message
	}
	c.find("schema-broken", Error, uri, file, "mend the schema", "it cannot be used: %s", message)
}

func (c *repositoryChecker) identity(s *schema.Schema, title string) {
	if s.Title != title {
		c.find("schema-title", Error, s.URI, s.File, "write title: "+title, "its title is %q, its place says %q", s.Title, title)
	}
	if id := strings.TrimSuffix(s.Validator.ID(), "#"); id != s.URI && !strings.HasSuffix(id, "://"+s.URI) {
		c.find("schema-id", Error, s.URI, s.File, "write $id: "+s.URI, "its $id is %q", id)
	}
}

func (c *repositoryChecker) examples(s *schema.Schema) {
	for i, e := range s.Examples {
		err := s.Validator.Validate(e)
		var invalid *jsonschema.ValidationError
		if errors.As(err, &invalid) {
			c.find("schema-example", Error, s.URI, s.File, "mend the example or the schema", "example %d is not valid: %s", i, invalid.ErrorsText())
		} else if err != nil {
			c.find("schema-example", Error, s.URI, s.File, "mend the example", "example %d is no event: %v", i, err)
		}
	}
}

// platformFields checks for the fields without which no event can be taken in.
func (c *repositoryChecker) platformFields(s *schema.Schema) {
	for _, path := range [][]string{{"$schema"}, {"meta", "stream"}} {
		if !s.Validator.Declares(path...) {
			c.find("platform-fields", Error, s.URI, s.File, "add the field, as fragment/common has it", "it has no field %s: the platform needs it", strings.Join(path, "."))
		}
	}
	var root struct {
		Required []string `json:"required"`
	}
	if json.Unmarshal(s.Source, &root) == nil && !slices.Contains(root.Required, "$schema") {
		c.find("platform-fields", Warning, s.URI, s.File, "add $schema to required", "the field $schema is not required")
	}
}

// newest checks that "latest" is the newest version.
func (c *repositoryChecker) newest(title string, newest *schema.Schema) {
	if newest == nil {
		return
	}
	latest, err := c.schemas.Latest(c.ctx, title)
	if err != nil {
		c.broken("/"+title+"/latest", err)
	} else if latest.Version != newest.Version {
		c.find("schema-latest", Warning, "/"+title+"/latest", latest.File, "point it to the newest version", "it is %s, the newest version is %s", latest.Version, newest.Version)
	}
}
