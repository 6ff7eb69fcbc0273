package e2e

import (
	"net"
	"strconv"
	"strings"
	"testing"
)

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// An operator sees in a table who is connected and cuts one stream, or all of an address.
func TestClientsCommand(t *testing.T) {
	admin := freeAddress(t)
	p := serve(t, "--data-dir", t.TempDir(), "--admin-listen", admin)
	clients := func(args ...string) (string, error) {
		out, err := command(t, program, append([]string{"clients", "http://" + admin}, args...)...).CombinedOutput()
		return string(out), err
	}
	streams := []*stream{p.open("test.event", "", ""), p.open("test.event", "", ""), p.open("test.event", "", "")}
	out, err := clients()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err != nil || len(lines) != 4 || !strings.HasPrefix(lines[0], "ID ") {
		t.Fatalf("%v\n%s", err, out)
	}
	first := strings.Fields(lines[1])
	if _, err := strconv.Atoi(first[0]); err != nil || !strings.HasPrefix(first[1], "127.0.0.1:") || first[6] != "0" || first[7] != "test.event" || !strings.HasPrefix(first[8], "Go-http-client") {
		t.Errorf("a line of the table is %q", lines[1])
	}
	cut := func(s *stream) {
		t.Helper()
		for range s.frames { // until the server has ended it
			t.Error("an event came")
		}
	}
	if out, err := clients("--cut", first[0]); err != nil || out != "1 cut\n" {
		t.Fatalf("%v: %s", err, out)
	}
	cut(streams[0])
	if out, err := clients("--cut", "127.0.0.1"); err != nil || out != "2 cut\n" {
		t.Fatalf("%v: %s", err, out)
	}
	cut(streams[1])
	cut(streams[2])
	if out, err := clients("--cut", "192.0.2.1"); err == nil || !strings.Contains(out, `no open stream has the id or address "192.0.2.1"`) {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := clients("--cut", first[0]); err == nil {
		t.Errorf("what is gone is cut again: %s", out)
	}
	wrong, err := command(t, program, "clients", p.url).CombinedOutput()
	if err == nil || !strings.Contains(string(wrong), "--admin-listen") {
		t.Errorf("not an admin address: %v: %s", err, wrong)
	}
}
