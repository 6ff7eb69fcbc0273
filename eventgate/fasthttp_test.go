package eventgate

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// What is left of a body that nobody wanted is never read as a request.
func TestUnwantedBodiesAreNoRequests(t *testing.T) {
	b := &bench{}
	m := &memory{}
	onFastHTTP(t, b, wikimedia(t, m), HandlerConfig{MaxBodyBytes: 1000})
	hidden := "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: " + fmt.Sprint(len(click(""))) + "\r\n\r\n" + click("")
	for _, path := range []string{"/nope", "/v1/events", "/robots.txt"} {
		for _, size := range []int{10, 10_000, 100_000, 2_000_000} {
			for _, framing := range []string{"length", "chunks"} {
				body := strings.Repeat(" ", size) + strings.Repeat(hidden, 3)
				head := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
				if framing == "chunks" {
					head = fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
				}
				conn, err := net.Dial("tcp", b.address)
				if err != nil {
					t.Fatal(err)
				}
				go func() { // the server may close before it has read all
					_, _ = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: h\r\nContent-Type: text/html\r\n"+head+"GET /_info/name HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
				}()
				var got []int
				in := bufio.NewReader(conn)
				for {
					resp, err := http.ReadResponse(in, nil)
					if err != nil {
						break
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					got = append(got, resp.StatusCode)
				}
				_ = conn.Close()
				if len(got) > 2 || len(got) == 2 && got[1] != 200 {
					t.Errorf("%s, %d bytes in %s: answered %v", path, size, framing, got)
				}
				if len(got) == 0 {
					t.Errorf("%s, %d bytes in %s: no answer", path, size, framing)
				}
			}
		}
	}
	if n := len(m.take()); n > 0 {
		t.Errorf("%d hidden requests were served", n)
	}
}

func TestOtherPathsOnFastHTTP(t *testing.T) {
	b := &bench{}
	onFastHTTP(t, b, wikimedia(t, &memory{}), HandlerConfig{NotFound: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })})
	resp, err := http.Get("http://" + b.address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusTeapot {
		t.Errorf("answered %d", resp.StatusCode)
	}
}
