package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// cutter is a proxy that cuts each connection after some bytes of the answer, every third one with a reset.
type cutter struct {
	url  string
	cuts atomic.Int64
}

func cutting(t *testing.T, server string) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	c := &cutter{url: "http://" + listener.Addr().String()}
	go func() {
		for n := int64(0); ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go c.pass(conn.(*net.TCPConn), strings.TrimPrefix(server, "http://"), n)
		}
	}()
	return c
}

func (c *cutter) pass(in *net.TCPConn, server string, n int64) {
	defer in.Close()
	out, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer out.Close()
	go func() { _, _ = io.Copy(out, in) }()
	// The lengths have no divisor in common with those of events, so that cuts fall on every place of a frame.
	if _, err := io.CopyN(in, out, 2_003+n*769%7_001); err == nil {
		c.cuts.Add(1)
		if n%3 == 2 {
			_ = in.SetLinger(0)
		}
	}
}

// sseClient consumes a stream until the event "last" and writes the data of each event on a line.
type sseClient struct {
	name string
	run  func(t *testing.T, url string) string
}

// script runs a client in another language. Without the language the test is skipped.
func script(name string, args ...string) sseClient {
	return sseClient{name, func(t *testing.T, url string) string {
		needs(t, name)
		cmd := command(t, name, append(args, url)...)
		said := &syncBuffer{}
		cmd.Stderr = said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, said)
		}
		return string(out)
	}}
}

func needs(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", tool)
	}
	t.Skipf("%s is not installed", tool)
}

// resuming is a client that connects once; what it brings until it is cut is read here, and it is run again with the last id.
func resuming(name string, connect func(t *testing.T, url, lastEventID string) io.Reader) sseClient {
	return sseClient{name, func(t *testing.T, url string) string {
		var all strings.Builder
		for lastEventID := ""; ; {
			id, data := lastEventID, ""
			lines := bufio.NewReader(connect(t, url, lastEventID))
			for {
				line, err := lines.ReadString('\n')
				if err != nil {
					break
				}
				field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
				switch field {
				case "id":
					id = value
				case "data":
					data = value + "\n"
				case "":
					lastEventID = id
					all.WriteString(data)
					if strings.Contains(data, `"test":"last"`) {
						return all.String()
					}
					data = ""
				}
			}
			if t.Context().Err() != nil {
				t.Fatal("it did not end")
			}
		}
	}}
}

func curl(flags ...string) func(t *testing.T, url, lastEventID string) io.Reader {
	return func(t *testing.T, url, lastEventID string) io.Reader {
		needs(t, "curl")
		args := append([]string{"-sN", "-H", "Accept: text/event-stream"}, flags...)
		if lastEventID != "" {
			args = append(args, "-H", "Last-Event-ID: "+lastEventID)
		}
		cmd := command(t, "curl", append(args, url)...)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		return out
	}
}

func netHTTP(t *testing.T, url, lastEventID string) io.Reader {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return strings.NewReader("") // cut in the head
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
	return response.Body
}

// Clients of other people, each behind a proxy that cuts its connections, lose nothing and see nothing twice while events keep coming.
func TestClientsThatAreCut(t *testing.T) {
	p := serve(t, "--data-dir", t.TempDir())
	const events = 1_500
	posted := make(chan error, 1)
	go func() {
		posted <- func() error {
			const batch = 10
			for n := int64(0); n < events; n += batch {
				var all []string
				for i := range int64(batch) {
					all = append(all, testEvent(n+i))
				}
				if status, text, err := p.tryPost("/v1/events", "application/json", "["+strings.Join(all, ",")+"]"); err != nil || status != http.StatusCreated {
					return fmt.Errorf("%d %s %w", status, text, err)
				}
			}
			_, _, err := p.tryPost("/v1/events", "application/json", strings.Replace(testEvent(0), `"0"`, `"last"`, 1))
			return err
		}()
	}()
	t.Run("clients", func(t *testing.T) {
		for _, client := range []sseClient{
			script("python3", filepath.Join("testdata", "sse", "python.py")),
			script("node", filepath.Join("testdata", "sse", "node.mjs")),
			script("perl", filepath.Join("testdata", "sse", "perl.pl")),
			resuming("curl", curl()),
			resuming("curl --compressed", curl("--compressed")),
			resuming("net/http", netHTTP),
		} {
			t.Run(client.name, func(t *testing.T) {
				t.Parallel()
				proxy := cutting(t, p.url)
				got := client.run(t, proxy.url+"/v2/stream/test.event?since=0")
				n := 0
				for line := range strings.Lines(got) {
					want := fmt.Sprint(n)
					if n == events {
						want = "last"
					}
					if number(frame{data: line}) != want {
						t.Fatalf("event %d is %s", n, line)
					}
					n++
				}
				if n != events+1 {
					t.Errorf("%d events came", n)
				}
				if cuts := proxy.cuts.Load(); cuts < 10 {
					t.Errorf("only %d cuts", cuts)
				} else {
					t.Logf("%d cuts", cuts)
				}
			})
		}
	})
	if err := <-posted; err != nil {
		t.Fatal(err)
	}
}
