package e2e

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A server of somebody else serves a topic: a module of its own, in few lines, built with nothing from the network.
func TestExampleServer(t *testing.T) {
	source := filepath.Join("..", "..", "examples", "sse")
	if lines := bytes.Count(read(t, filepath.Join(source, "main.go")), []byte("\n")); lines >= 25 {
		t.Errorf("the example has %d lines; it promises fewer than 25", lines)
	}
	server := filepath.Join(t.TempDir(), "sse.exe")
	build := command(t, "go", "build", "-C", source, "-mod=readonly", "-o", server, ".")
	build.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	p := serve(t, "--data-dir", t.TempDir())
	said := &syncBuffer{}
	address := freeAddress(t)
	running := exec.Command(server, address, p.kafka, "datacenter1.test.event")
	running.Stderr = said
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = running.Process.Kill()
		_ = running.Wait()
	})
	waitUntil(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, said.String)
	theirs := &platform{t: t, url: "http://" + address}
	first := theirs.open("", "", "")
	p.post("/v1/events", "application/json", testEvent(1))
	id := first.next(1)[0].id
	first.close()
	p.post("/v1/events", "application/json", testEvent(2))
	if got := theirs.open("", "", id).next(1)[0]; number(got) != "2" {
		t.Errorf("after the first event comes %s", got.data)
	}
}
