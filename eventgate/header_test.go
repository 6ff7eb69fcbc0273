package eventgate

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

// A header is found however its name is written, and one that was not sent is not, also if it looks like one that was.
func TestHeadersAreFoundAsTheyAreSent(t *testing.T) {
	names := []string{"Accept", "Accept-Encoding", "Content-Encoding", "Content-Type", "Cookie", "Expect", "Host", "Prefer", "Traceparent", "Tracestate", "User-Agent",
		"X-Client-Ip", "X-Forwarded-For", "X-Request-Id", "X"}
	for _, sent := range names {
		for _, written := range []string{sent, strings.ToLower(sent), strings.ToUpper(sent)} {
			f := fastHeaderOf(t, "Y: 1\r\n"+written+": a\r\nZ: 2\r\n")
			for _, asked := range append(names, "", "Y", "Z", "Expires", "A") {
				want := map[string]string{sent: "a", "Y": "1", "Z": "2"}[asked]
				if got := f.Get(asked); got != want {
					t.Errorf("sent %s, asked for %q: %q", written, asked, got)
				}
			}
		}
	}
}

func netHeaderOf(t *testing.T, lines string) Header {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("POST / HTTP/1.0\r\n" + lines + "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return netHeader(r.Header)
}

// What is sent more than once is one list, unless it is of a kind of which only the first counts, as in Node.js.
func TestHeadersThatAreSentTwice(t *testing.T) {
	for _, c := range []struct{ name, lines, want string }{
		{"Content-Encoding", "content-encoding: gzip\r\nContent-Encoding: br\r\n", "gzip, br"},
		{"Tracestate", "tracestate: a=1\r\nX: 1\r\ntracestate: b=2\r\ntracestate: c=3\r\n", "a=1, b=2, c=3"},
		{"Accept", "Accept: text/html\r\naccept: text/plain\r\n", "text/html, text/plain"},
		{"Cookie", "Cookie: a=1\r\nCookie: b=2\r\n", "a=1; b=2"},
		{"User-Agent", "User-Agent: first\r\nUser-Agent: second\r\n", "first"},
		{"X", "X: 1\r\nX: 2\r\nY: 1\r\n", "1, 2"},
		{"Y", "X: 1\r\nX: 2\r\nY: 1\r\n", "1"},
	} {
		if got := fastHeaderOf(t, c.lines).Get(c.name); got != c.want {
			t.Errorf("fasthttp, %q: %q, want %q", c.lines, got, c.want)
		}
		if got := netHeaderOf(t, c.lines).Get(c.name); got != c.want {
			t.Errorf("net/http, %q: %q, want %q", c.lines, got, c.want)
		}
	}
}
