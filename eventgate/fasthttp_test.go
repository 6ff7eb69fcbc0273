package eventgate

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
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

// Whoever would send too much hears so before it is sent, or while it is; the answer is never lost to what is still on its way.
func TestTooMuchIsRefusedAtOnce(t *testing.T) {
	b := &bench{}
	onFastHTTP(t, b, wikimedia(t, &memory{}), HandlerConfig{MaxBodyBytes: 1 << 20})
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 1<<20, strings.Repeat(" ", 1<<20))
	for name, c := range map[string]struct{ head, body string }{
		"announced":              {"Content-Length: 100000000", " "},
		"announced and packed":   {"Content-Encoding: gzip\r\nContent-Length: 100000000", " "},
		"asked for":              {"Expect: 100-continue\r\nContent-Length: 100000000", ""},
		"asked for and not used": {"Expect: 100-continue\r\nContent-Length: 100000000", strings.Repeat(" ", 4<<20)},
		"in chunks":              {"Transfer-Encoding: chunked", chunk + chunk + chunk},
		"the first of much":      {"Content-Length: 100000000", strings.Repeat(" ", 16<<20)},
	} {
		conn, err := net.Dial("tcp", b.address)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second)) // reached only when something is wrong
		if _, err := io.WriteString(conn, "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"+c.head+"\r\n\r\n"+c.body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text, err := io.ReadAll(resp.Body)
		if resp.StatusCode != 413 || !resp.Close || err != nil || !strings.Contains(string(text), "the limit is 1048576 bytes") {
			t.Errorf("%s: %s, closed %v, %s %v", name, resp.Status, resp.Close, text, err)
		}
		_ = conn.Close()
	}
}

// Connection: close is a word of a list, in whatever case; in HTTP/1.0 nothing is expected.
func TestConnectionsAreClosedAsAsked(t *testing.T) {
	b := &bench{}
	onFastHTTP(t, b, wikimedia(t, &memory{}), HandlerConfig{})
	for head, closed := range map[string]bool{
		"HTTP/1.1\r\nConnection: Close":                                     true,
		"HTTP/1.1\r\nConnection: keep-alive, close":                         true,
		"HTTP/1.1\r\nConnection: close\r\nConnection: keep-alive":           true,
		"HTTP/1.1\r\nConnection: closed":                                    false,
		"HTTP/1.1":                                                          false,
		"HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\nX: 1":     true,
		"HTTP/1.0\r\nExpect: the unexpected\r\nContent-Length: 2\r\nX: one": true,
	} {
		conn, err := net.Dial("tcp", b.address)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.WriteString(conn, "GET /robots.txt "+head+"\r\nHost: h\r\n\r\n{}"[:len("\r\nHost: h\r\n\r\n")+2*strings.Count(head, "Length: 2")]); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%q: %v", head, err)
		}
		if resp.StatusCode != 200 || resp.Close != closed {
			t.Errorf("%q: %s, closed %v", head, resp.Status, resp.Close)
		}
		_ = conn.Close()
	}
}

// A body in chunks ends with its last chunk, whatever reads it: the answer does not wait for more.
func TestCompressedBodiesInChunks(t *testing.T) {
	b := &bench{}
	m := &memory{}
	onFastHTTP(t, b, wikimedia(t, m), HandlerConfig{})
	for _, encoding := range []string{"gzip", "deflate", "zstd"} {
		body := pack(t, encoding, []byte(click("")))
		conn, err := net.Dial("tcp", b.address)
		if err != nil {
			t.Fatal(err)
		}
		request := fmt.Sprintf("POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Encoding: %s\r\nTransfer-Encoding: chunked\r\n\r\n"+
			"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", encoding, 7, body[:7], len(body)-7, body[7:])
		in := bufio.NewReader(conn)
		for range 2 { // on the same connection
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			if resp, err := http.ReadResponse(in, nil); err != nil || resp.StatusCode != 201 {
				t.Fatalf("%s: answered %v, %v", encoding, resp, err)
			}
		}
		_ = conn.Close()
	}
	if n := len(m.take()); n != 6 {
		t.Errorf("%d records were produced", n)
	}
}

func TestTargets(t *testing.T) {
	for target, want := range map[string][2]string{
		"/a?b#c": {"/a", "b"}, "http://h/a?b": {"/a", "b"}, "http://h?spec": {"/", "spec"}, "http://h": {"/", ""}, "/a#b?c": {"/a", ""},
	} {
		if path, query := cutTarget(target); path != want[0] || query != want[1] {
			t.Errorf("%s is %q and %q", target, path, query)
		}
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Fatal(err)
		}
		if path, query := pathOf(u); path != want[0] || query != want[1] {
			t.Errorf("%s is %q and %q on net/http", target, path, query)
		}
	}
}

// Connections that were opened in advance do not keep the server from ending; a request in flight is finished.
func TestTheEndDoesNotWaitForTheSilent(t *testing.T) {
	m := &memory{hold: make(chan struct{}), count: true}
	g := wikimedia(t, m)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := NewFastServer(g, HandlerConfig{}, FastServerConfig{})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	var silent []net.Conn
	for range 5 {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		silent = append(silent, conn)
	}
	answered := make(chan int, 1)
	go func() {
		resp, err := http.Post("http://"+listener.Addr().String()+"/v1/events", "application/json", strings.NewReader(click("")))
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		_ = resp.Body.Close()
		answered <- resp.StatusCode
	}()
	m.awaitBatch()
	stopped := make(chan error, 1)
	go func() { stopped <- server.Shutdown(context.Background()) }()
	for _, conn := range silent {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("a silent connection was answered")
		}
	}
	select {
	case err := <-stopped:
		t.Errorf("the server ended (%v) with a request in flight", err)
	default:
	}
	close(m.hold)
	if code := <-answered; code != 201 {
		t.Errorf("the request in flight was answered %d", code)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
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

// A request that has begun is finished by the gate that began it; the next one of the same connection goes to the new gate.
func TestReplace(t *testing.T) {
	held, after := &memory{hold: make(chan struct{}), count: true}, &memory{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := NewFastServer(wikimedia(t, held), HandlerConfig{CORS: "before"}, FastServerConfig{})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	connect := func() (ask func() string) {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		in := bufio.NewReader(conn)
		return func() string {
			_, _ = fmt.Fprintf(conn, "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(click("")), click(""))
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				return err.Error()
			}
			_ = resp.Body.Close()
			return fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Access-Control-Allow-Origin"))
		}
	}
	first, second := connect(), connect()
	answer := make(chan string, 1)
	go func() { answer <- first() }()
	held.awaitBatch()
	idle := server.Replace(wikimedia(t, after), HandlerConfig{CORS: "after"})
	if got := second(); got != "201 after" {
		t.Errorf("a request after the replacement: %s", got)
	}
	select {
	case <-idle:
		t.Error("the old gate is idle with a request in flight")
	default:
	}
	close(held.hold)
	if got := <-answer; got != "201 before" {
		t.Errorf("the request in flight: %s", got)
	}
	<-idle
	if got := first(); got != "201 after" {
		t.Errorf("the connection's next request: %s", got)
	}
	<-server.Replace(wikimedia(t, after), HandlerConfig{}) // no request is in flight
	if got := first(); got != "201 " {
		t.Errorf("after the second replacement: %s", got)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func fastHeaderOf(t *testing.T, lines string) Header {
	t.Helper()
	h := new(fasthttp.RequestHeader)
	if err := h.Read(bufio.NewReader(strings.NewReader("POST / HTTP/1.0\r\n" + lines + "\r\n"))); err != nil {
		t.Fatal(err)
	}
	f := new(fastHeader)
	f.of(h)
	return f
}
