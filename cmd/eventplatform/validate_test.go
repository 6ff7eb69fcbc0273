package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestValidateCommand(t *testing.T) {
	const (
		good  = `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event","dt":"2020-01-01T00:00:00Z"},"test":"x"}`
		wrong = `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event","dt":"2020-01-01T00:00:00Z"},"test":1}`
	)
	file := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, []byte(good+"\n\n"+wrong+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		in   string
		code int
		out  string
	}{
		{"valid", nil, good + "\n" + good, 0, "line 1: valid\nline 2: valid\n"},
		{"empty", nil, "", 0, ""},
		{"invalid", nil, wrong, 1, "line 1: invalid: '.test' should be string\n"},
		{"a file", []string{file}, "", 1, file + ":1: valid\n" + file + ":3: invalid: '.test' should be string\n"},
		{"JSON", []string{"--json"}, good + "\n" + wrong, 1, `{"line":1,"valid":true,"schema":"/test/event/1.0.0"}` + "\n" +
			`{"line":2,"valid":false,"schema":"/test/event/1.0.0","errors":[{"keyword":"type","dataPath":".test","schemaPath":"#/properties/test/type",` +
			`"params":{"type":"string"},"message":"should be string","pointer":"/test"}],"errorsText":"'.test' should be string"}` + "\n"},
		{"no JSON", nil, `{"$schema":"/test/event/1.0.0",}`, 1, "line 1: invalid: "},
		{"no JSON and no schema", nil, `{]`, 1, "line 1: invalid: "},
		{"no schema named", nil, `{}`, 1, `line 1: invalid: the event has no "$schema"`},
		{"unknown schema", nil, `{"$schema":"/no/such/1.0.0"}`, 1, "line 1: invalid: Schema /no/such/1.0.0 was not found"},
		{"no such file", []string{file + ".no"}, "", 1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(t.Context(), append([]string{"validate"}, test.args...), &terminal{In: strings.NewReader(test.in), Out: &out, Err: &errs})
			if code != test.code || !strings.HasPrefix(out.String(), test.out) || test.out == "" && out.Len() > 0 {
				t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
			}
		})
	}
}

func TestProgressBar(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out}
	p.begin("events", 4*longFile)
	p.start = time.Now().Add(-time.Second)
	p.add(longFile)
	if got := out.String(); !strings.Contains(got, "events [=======   ") || !strings.Contains(got, " 25 %") {
		t.Errorf("a quarter shows as %q", got)
	}
	out.Reset()
	p.begin("short", 1000)
	p.add(1000)
	if got := out.String(); got != "\r\033[K" {
		t.Errorf("a short file after a long one shows %q", got)
	}
}
