package jsonschema

import (
	"testing"
)

// check is a row of the keywords' tables: what the schema says of the event, as errorsText; "" if it is valid.
type check struct{ schema, event, want string }

func runChecks(t *testing.T, o Options, checks []check) {
	t.Helper()
	for _, c := range checks {
		s, err := Compile([]byte(c.schema), o)
		if err != nil {
			t.Errorf("%s: %v", c.schema, err)
			continue
		}
		got := ""
		if err := s.Validate([]byte(c.event)); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s\n%s:\n got %s\nwant %s", c.schema, c.event, got, c.want)
		}
		if valid := s.Valid([]byte(c.event)); valid != (got == "") {
			t.Errorf("%s\n%s: valid = %v", c.schema, c.event, valid)
		}
	}
}
