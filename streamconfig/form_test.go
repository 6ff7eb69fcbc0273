package streamconfig

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestForms holds how the action API reads forms: as PHP does.
func TestForms(t *testing.T) {
	c, err := Parse("s.yaml", []byte("streams: {a: {n: 1}, b: {n: 2}}"))
	if err != nil {
		t.Fatal(err)
	}
	h := NewHandler(func() *Config { return c })
	var multi bytes.Buffer
	parts := multipart.NewWriter(&multi)
	for _, p := range [][2]string{{"action", "streamconfigs"}, {"streams", "a|b"}, {"constraints", "n=2"}} {
		if err := parts.WriteField(p[0], p[1]); err != nil {
			t.Fatal(err)
		}
	}
	parts.Close()
	const urlencoded = "application/x-www-form-urlencoded"
	for _, test := range []struct{ name, query, kind, body, want string }{
		{"a form", "", urlencoded, "action=streamconfigs&streams=b", `{"streams":{"b":{"n":2,"stream":"b","topics":["b"]}}}`},
		{"with a charset", "", "Application/X-WWW-Form-urlencoded; charset=UTF-8", "action=streamconfigs&streams=b", `{"streams":{"b":`},
		{"the form wins over the query", "?streams=a&action=streamconfigs", urlencoded, "streams=b", `{"streams":{"b":`},
		{"of a name given twice the last counts", "?action=streamconfigs", urlencoded, "streams=a&streams=b", `{"streams":{"b":`},
		{"the form's names come first", "?x=1&action=streamconfigs", urlencoded, "y=1&streams=b", `{"warnings":{"main":{"warnings":"Unrecognized parameters: y, x."}},"streams":{"b":`},
		{"multipart", "", parts.FormDataContentType(), multi.String(), `{"streams":{"b":`},
		{"multipart that ends in the middle", "?action=streamconfigs", parts.FormDataContentType(), multi.String()[:multi.Len()-20], `{"streams":{"`},
		{"another type has no parameters", "?action=streamconfigs&streams=b", "application/json", `{"streams":"a"}`, `{"streams":{"b":`},
		{"empty parameters", "?action=streamconfigs&&streams=b&", "", "", `{"streams":{"b":`},
		{"dots and spaces in names", "?action=streamconfigs&streams=b&x.y z=1", "", "", `{"warnings":{"main":{"warnings":"Unrecognized parameter: x_y_z."}}`},
		{"a bracket that does not close", "?action=streamconfigs&streams=b&x[y=1", "", "", `{"warnings":{"main":{"warnings":"Unrecognized parameter: x_y."}}`},
		{"only a separator", "?action=streamconfigs&streams=%1F", "", "", `{"streams":{}}`},
		{"a separator and an empty name", "?action=streamconfigs&streams=%1F%1Fb", "", "", `{"streams":{"b":`},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://wiki.test/w/api.php"+strings.ReplaceAll(test.query, " ", "%20"), strings.NewReader(test.body))
		if test.kind == "" {
			r.Method = http.MethodGet
		} else {
			r.Header.Set("Content-Type", test.kind)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), test.want) {
			t.Errorf("%s: %d %s, want %s", test.name, w.Code, w.Body, test.want)
		}
	}
	for _, kind := range []string{urlencoded, "text/plain", `multipart/form-data; boundary=x`} {
		body := "--x\r\nContent-Disposition: form-data; name=\"streams\"\r\n\r\n" + strings.Repeat("a", maxForm)
		r := httptest.NewRequest(http.MethodPost, "http://wiki.test/w/api.php", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s of more than 1 MB: %d", kind, w.Code)
		}
	}
}

// Of very many parameters only so many are read: nobody's query may hold up another.
func TestParametersAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&b, "p%d=1&", i)
	}
	list := parseParameters(nil, b.String()+"p7=2")
	if len(list) != maxParameters || !slices.Contains(list, parameter{name: "p7", value: "1"}) {
		t.Errorf("%d parameters are read", len(list))
	}
}
