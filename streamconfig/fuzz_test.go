package streamconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// FuzzParse holds that no document crashes the reader, that a refusal is a LoadError with faults, and that what is taken is answered as valid JSON.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"default_settings":{"topic_prefixes":["a."]},"streams":{"x":{"schema_title":"t"},"/^j/":{}}}`,
		"default_settings: {topic_prefixes: [a.]}\nstreams:\n  x: {schema_title: t}\n  /^j/: {}\n",
		`{"streams":[{"stream":"x"},{}]}`, "streams:\n  a: &a {b: 1}\n  c: *a\n", "streams: {a: {deprecated: {since: 2026-01-01}}}",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, yaml bool) {
		if len(text) > 4096 {
			return
		}
		name := "x.json"
		if yaml {
			name = "x.yaml"
		}
		c, err := Parse(name, text)
		if err != nil {
			var load *LoadError
			if !errors.As(err, &load) || len(load.Faults) == 0 {
				t.Fatalf("%v is no LoadError", err)
			}
			return
		}
		if all := c.allStreams(); !json.Valid(all) {
			t.Errorf("%q is answered as %q", text, all)
		}
		for _, s := range c.Streams() {
			if got, ok := c.Lookup(s.Name); !ok || got != s {
				t.Errorf("%q is not found by its own name", s.Name)
			}
			if !json.Valid(s.AppendSettings(nil, "some.name")) {
				t.Errorf("%q: no JSON", s.Name)
			}
		}
	})
}

// FuzzJSON holds that the reader takes what encoding/json takes, apart from repeated names and depth, and gives it back.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,true,null,"\u00e9\ud83d\ude00\n"]}`, `[]`, `"\ud800"`, "\t{ } ", `01`, `"a` + "\x01" + `"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := "x"
		var faults []Fault
		v, err := readJSON(&file, text, &faults)
		if bytes.HasPrefix(text, []byte("\ufeff")) {
			return
		}
		if valid := json.Valid(text); valid != (err == nil) {
			if valid && !bytes.Contains(text, []byte{'"'}) || err == nil {
				t.Fatalf("%q: encoding/json says %v, the reader %v", text, valid, err)
			}
			return
		}
		if err != nil || len(faults) > 0 {
			return
		}
		var want, got any
		if json.Unmarshal(text, &want) != nil {
			return
		}
		written := v.appendJSON(nil)
		if err := json.Unmarshal(written, &got); err != nil {
			t.Fatalf("%q was written as %q: %v", text, written, err)
		}
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		if !bytes.Equal(a, b) {
			t.Errorf("%q was written as %q", text, written)
		}
	})
}

// FuzzQuery holds that no query crashes the action API or the REST form, and that every answer is JSON.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"action=streamconfigs&streams=a|b&constraints=consumers[hive][enabled]=1|schema_title=one", "action=streamconfigs&constraints=a[b][]=c|a[0]=d|[=|]=[",
		"action=streamconfigs&streams=%1fa%1fb&formatversion=1", "schema_title=one&explain=true", "stream=job.x&wiki=w", "action=streamconfigs&origin=*&requestid=%00",
	} {
		f.Add(s)
	}
	c, err := Parse("x.yaml", []byte(restConfig))
	if err != nil {
		f.Fatal(err)
	}
	h := NewHandler(func() *Config { return c })
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/w/api.php", "/v1/streams", "/v1/streams/" + query} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.URL.Path, r.URL.RawQuery = path, query
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s?%s: %d %q", path, query, w.Code, w.Body)
			}
		}
	})
}

// FuzzPlainYAML holds that what the fast reader takes, the reader of all of YAML takes as well, with the same values, places and faults.
func FuzzPlainYAML(f *testing.F) {
	_, some := large(3)
	for _, s := range []string{
		string(some), restConfig, "a: {b: [1, -2.5, 'x''y', \"z\\\\\"], c: {}}\nd:\n- e: f\n  g: null\n-   h\n- [i, j k]\nl: # m\n",
		"a: 1\na: 2\n", "a: {b: 1, b: 2}\r\n", "\"a\": b # c\n'd': 'e' # f\n/^x\\.(y|z)+$/: {}\n", "a:\n  - b\n  # c\n  - d:\n      e: true\n", "a: b c-d/e(f)\n", "a: /^b\\.c*$|d/ \n", "- a\n", "a:\n- b: c\n d: e\n", "a: b\n  c\n", "a: 010\n", "a: ~\n", "a: Yes\nb: 1e3\n", "a:b\n", "a: [b, ]\n", "a:\n# b\r0\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		name := "x.yaml"
		fast, fastFaults, ok := readPlain(&name, text, 0)
		if !ok || len(text) > 1024 {
			return
		}
		var faults []Fault
		all, err := readAny(&name, text, 0, &faults)
		if err != nil {
			t.Fatalf("%q is refused: %v", text, err)
		}
		if a, b := fmt.Sprint(fastFaults), fmt.Sprint(faults); a != b {
			t.Errorf("%q: the faults are %s and %s", text, a, b)
		}
		all.line = fast.line // nobody is told the document's own place
		withoutColumns(fast)
		withoutColumns(all) // trailing space moves them there
		if diff := sameValue(fast, all); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}

func withoutColumns(v *value) {
	v.col = 0
	for _, item := range v.items {
		withoutColumns(item)
	}
}
