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
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// strangersEnv has this program be strangers and not tests, as a process of its own: what they do with the processor's time is not the intake's doing,
// and does not disturb the good clients that are measured. Its value is the intake's URL and which hostilities, all for none.
const strangersEnv = "EVENTPLATFORM_TEST_STRANGERS"

// strangers are hostile until the standard input ends, and print the answers that no stranger should get.
func strangers(of string) {
	url, kind, _ := strings.Cut(of, " ")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var clients sync.WaitGroup
	for _, h := range hostilities {
		if kind != "" && kind != h.name {
			continue
		}
		for i := range h.clients {
			clients.Go(func() {
				for n := 0; every(ctx, h.pause); n++ {
					status := h.act(ctx, stranger(url), fmt.Sprintf("%d.%d", i, n))
					if status != 0 && status/100 != 4 && ctx.Err() == nil {
						fmt.Printf("%s: answered %d\n", h.name, status)
						return
					}
				}
			})
		}
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	cancel()
	clients.Wait()
}

// besiege has strangers be hostile to the intake, of one kind or "" for all, until stop is called. They take the processor's time that nobody else wants:
// elsewhere they would have machines of their own.
func (p *intake) besiege(kind string) (stop func()) {
	p.t.Helper()
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(self)
	if nice, err := exec.LookPath("nice"); err == nil {
		cmd = exec.Command(nice, "-n", "19", self)
	}
	cmd.Env = append(os.Environ(), strangersEnv+"="+p.url+" "+kind)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	return func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil || said.Len() > 0 {
			p.t.Errorf("strangers: %v\n%s", err, &said)
		}
	}
}

// hostilities are what strangers do to an intake. act does it once and returns the status that it was answered with, 0 if there was no answer. id is
// another each time.
var hostilities = []struct {
	name    string
	clients int
	pause   time.Duration // between two acts of a client
	act     func(ctx context.Context, s stranger, id string) int
}{
	{"unknown schemas", 2, 2 * time.Millisecond, func(ctx context.Context, s stranger, id string) int {
		return s.tell(ctx, note("/unknown/"+id+"/1.0.0", "notes", "x"))
	}},
	{"random streams", 2, 2 * time.Millisecond, func(ctx context.Context, s stranger, id string) int {
		return s.tell(ctx, note("/note/1.0.0", "unknown."+id, "x"))
	}},
	{"invalid events", 1, 2 * time.Millisecond, func(ctx context.Context, s stranger, id string) int {
		return s.tell(ctx, `[`+note("/note/1.0.0", "notes", id)[:30]+`]`)
	}},
	{"deep nesting", 1, 20 * time.Millisecond, func(ctx context.Context, s stranger, _ string) int {
		return s.tell(ctx, deep)
	}},
	{"huge bodies", 2, 50 * time.Millisecond, func(ctx context.Context, s stranger, _ string) int {
		return s.tell(ctx, huge)
	}},
	{"huge bodies without a length", 1, 50 * time.Millisecond, func(ctx context.Context, s stranger, _ string) int {
		return s.shout(ctx, endless, true)
	}},
	{"bombs", 1, 50 * time.Millisecond, func(ctx context.Context, s stranger, _ string) int {
		return s.shout(ctx, bomb(), false)
	}},
	{"slow senders", 20, 10 * time.Millisecond, slowly},
	{"half-closed connections", 4, 10 * time.Millisecond, func(ctx context.Context, s stranger, id string) int {
		body := note("/unknown/half/1.0.0", "notes", id)
		return s.shout(ctx, fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", postHead, len(body)+100, body), true)
	}},
	{"connections that are cut", 4, 10 * time.Millisecond, cut},
	{"no HTTP", 1, 10 * time.Millisecond, func(ctx context.Context, s stranger, id string) int {
		return s.shout(ctx, "\x16\x03\x01\x02\x00"+id+"\r\n\r\n", true)
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
var bomb = sync.OnceValue(func() string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range 64 {
		_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	_ = z.Close()
	return fmt.Sprintf("%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", postHead, b.Len(), b.String())
})

// stranger is a client that means no good, of the intake with this URL.
type stranger string

// fleeting has no connections to keep: each request has a new one.
var fleeting = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}

// tell posts a body.
func (s stranger) tell(ctx context.Context, body string) int {
	status, _ := post(ctx, fleeting, string(s), strings.NewReader(body)) // that a body is not read to its end is no fault
	return status
}

func (s stranger) dial(ctx context.Context) *net.TCPConn {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(string(s), "http://"))
	if err != nil {
		return nil
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	return conn.(*net.TCPConn)
}

// shout writes bytes and reads the answer; halfway, it says first that there is no more to come.
func (s stranger) shout(ctx context.Context, text string, halfway bool) int {
	conn := s.dial(ctx)
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
func slowly(ctx context.Context, s stranger, _ string) int {
	conn := s.dial(ctx)
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
func cut(ctx context.Context, s stranger, id string) int {
	conn := s.dial(ctx)
	if conn == nil {
		return 0
	}
	body := note("/note/1.0.0", "notes", "cut "+id)
	_, _ = fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", postHead, len(body)+1, body)
	_ = conn.SetLinger(0)
	_ = conn.Close()
	return 0
}
