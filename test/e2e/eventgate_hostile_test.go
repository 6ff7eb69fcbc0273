package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// hostilities are what strangers do to an intake. act does it once and returns the status that it was answered with, 0 if there was no answer. id is
// another each time.
var hostilities = []struct {
	name    string
	clients int
	pause   time.Duration // between two acts of a client
	act     func(ctx context.Context, p *intake, id string) int
}{
	{"unknown schemas", 2, 2 * time.Millisecond, func(ctx context.Context, p *intake, id string) int {
		return p.tell(ctx, note("/unknown/"+id+"/1.0.0", "notes", "x"))
	}},
	{"random streams", 2, 2 * time.Millisecond, func(ctx context.Context, p *intake, id string) int {
		return p.tell(ctx, note("/note/1.0.0", "unknown."+id, "x"))
	}},
	{"invalid events", 1, 2 * time.Millisecond, func(ctx context.Context, p *intake, id string) int {
		return p.tell(ctx, `[`+note("/note/1.0.0", "notes", id)[:30]+`]`)
	}},
	{"deep nesting", 1, 20 * time.Millisecond, func(ctx context.Context, p *intake, _ string) int {
		return p.tell(ctx, deep)
	}},
	{"huge bodies", 2, 50 * time.Millisecond, func(ctx context.Context, p *intake, _ string) int {
		return p.tell(ctx, huge)
	}},
	{"huge bodies without a length", 1, 50 * time.Millisecond, func(ctx context.Context, p *intake, _ string) int {
		return p.shout(ctx, endless, true)
	}},
	{"bombs", 1, 50 * time.Millisecond, func(ctx context.Context, p *intake, _ string) int {
		return p.shout(ctx, bomb, false)
	}},
	{"slow senders", 20, 10 * time.Millisecond, slowly},
	{"half-closed connections", 4, 10 * time.Millisecond, func(ctx context.Context, p *intake, id string) int {
		body := note("/unknown/half/1.0.0", "notes", id)
		return p.shout(ctx, fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", postHead, len(body)+100, body), true)
	}},
	{"connections that are cut", 4, 10 * time.Millisecond, cut},
	{"no HTTP", 1, 10 * time.Millisecond, func(ctx context.Context, p *intake, id string) int {
		return p.shout(ctx, "\x16\x03\x01\x02\x00"+id+"\r\n\r\n", true)
	}},
}

const postHead = "POST /v1/events HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n"

// What is large is made once: the strangers run on the machine of those whom they are not to disturb.
var (
	deep    = strings.Repeat("[", 500_000)
	huge    = strings.Repeat(" ", 4<<20) + "{}"
	endless = postHead + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat(" ", 1<<16)+"\r\n", 64)
)

// bomb is 64 MiB of white space, compressed.
var bomb = func() string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range 64 {
		_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	_ = z.Close()
	return fmt.Sprintf("%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", postHead, b.Len(), b.String())
}()

// stranger has no connections to keep: each request is a new one.
var stranger = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}

// tell posts a body.
func (p *intake) tell(ctx context.Context, body string) int {
	status, _ := post(ctx, stranger, p.url, strings.NewReader(body)) // that a body is not read to its end is no fault
	return status
}

func (p *intake) dial(ctx context.Context) *net.TCPConn {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		return nil
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	return conn.(*net.TCPConn)
}

// shout writes bytes and reads the answer; halfway, it says first that there is no more to come.
func (p *intake) shout(ctx context.Context, text string, halfway bool) int {
	conn := p.dial(ctx)
	if conn == nil {
		return 0
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, text) // the answer may come before the end
	if halfway {
		_ = conn.CloseWrite()
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// slowly sends a body byte by byte, until it is cut off or the test is over.
func slowly(ctx context.Context, p *intake, _ string) int {
	conn := p.dial(ctx)
	if conn == nil {
		return 0
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Time{})
	if _, err := io.WriteString(conn, postHead+"Content-Length: 100000\r\n\r\n"); err != nil {
		return 0
	}
	for every(ctx, 200*time.Millisecond) {
		if _, err := io.WriteString(conn, " "); err != nil {
			return 0
		}
	}
	return 0
}

// cut leaves in the middle of a request, by a reset.
func cut(ctx context.Context, p *intake, id string) int {
	conn := p.dial(ctx)
	if conn == nil {
		return 0
	}
	body := note("/note/1.0.0", "notes", "cut "+id)
	_, _ = fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", postHead, len(body)+1, body)
	_ = conn.SetLinger(0)
	_ = conn.Close()
	return 0
}
