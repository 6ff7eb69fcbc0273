package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/internal/testshared"
)

// The intake's own server is one that a service can have.
var _ service.Server = (*eventgate.FastServer)(nil)

// Senders that keep their connections notice nothing of reloads but the new settings: no request is refused or cut, no connection is closed. What takes
// a restart is said with its line.
func TestReloadsUnderLoad(t *testing.T) {
	repository := testshared.Path(t, "data/schemas/primary")
	conf := func(turn int, more string) string {
		return fmt.Sprintf("services:\n  - name: x\n    conf:\n      schema_base_uris: [%q]\n      cors: turn-%d\n      kafka: {conf: {metadata.broker.list: nowhere%s}}\n", repository, turn, more)
	}
	file := writeFile(t, "c.yaml", conf(0, ""))
	in := start(t, "eventgate", "-c", file, "--kafka", broker(t))

	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	const senders = 4
	var seen [senders]atomic.Pointer[string] // the turn that each was answered in last
	var group sync.WaitGroup
	for i := range senders {
		group.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(in.url, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			answers := bufio.NewReader(conn) // one connection for all requests: if it is cut, that is an error
			for n := 0; ctx.Err() == nil; n++ {
				body := fmt.Sprintf(`{"$schema":"/test/event/1.0.0","meta":{"stream":"any","dt":"2026-01-01T00:00:00Z"},"test":"%d.%d"}`, i, n)
				_, err := fmt.Fprintf(conn, "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
				if err != nil {
					t.Errorf("sender %d: %v", i, err)
					return
				}
				response, err := http.ReadResponse(answers, nil)
				if err != nil {
					t.Errorf("sender %d: %v", i, err)
					return
				}
				turn := response.Header.Get("Access-Control-Allow-Origin")
				_ = response.Body.Close()
				if response.StatusCode != http.StatusCreated || response.Close {
					t.Errorf("sender %d: %s, to be closed: %t", i, response.Status, response.Close)
					return
				}
				seen[i].Store(&turn)
			}
		})
	}
	reached := func(turn int) {
		t.Helper()
		want := fmt.Sprintf("turn-%d", turn)
		eventually(t, "every sender has "+want, func() bool {
			for i := range seen {
				if got := seen[i].Load(); got == nil || *got != want {
					return t.Failed()
				}
			}
			return true
		})
	}
	reached(0)
	for turn, more := range []string{"", "", ", linger.ms: 3"} {
		if err := os.WriteFile(file, []byte(conf(turn+1, more)), 0o600); err != nil {
			t.Fatal(err)
		}
		reached(turn + 1)
	}
	cancel()
	group.Wait()
	in.says(file + ":6: services[0].conf.kafka.conf.linger.ms: is new, which takes effect at the next start")

	// A change to the other intake is refused whole.
	if err := os.WriteFile(file, []byte(conf(9, "")+"      eventgate_factory_module: eventgate-wikimedia.js\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.says("chooses another intake, which takes a restart")
	if response, err := http.Get(in.url + "/robots.txt"); err != nil || response.Header.Get("Access-Control-Allow-Origin") != "turn-3" {
		t.Errorf("%v, %v", response, err)
	} else {
		_ = response.Body.Close()
	}
}
