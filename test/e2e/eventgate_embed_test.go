package e2e

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
)

// The example is a module of its own, so it compiles only if the packages can be used from outside, and it takes events as the program does.
func TestIntakeInAnotherServer(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds another module")
	}
	binary := filepath.Join(t.TempDir(), "intake")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	example := filepath.Join("..", "..", "examples", "intake")
	// From the module cache alone, and without touching the example's own go.mod.
	modfile := filepath.Join(t.TempDir(), "go.mod")
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(example, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(modfile), name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-modfile="+modfile, "-o", binary, ".")
	build.Dir = example
	build.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the example does not compile: %v\n%s", err, out)
	}

	broker, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	run := command(t, binary, filepath.Join(example, "schemas"), broker.Addr())
	run.Env = append(os.Environ(), "LISTEN=127.0.0.1:0")
	logged, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
	lines := bufio.NewScanner(logged)
	if !lines.Scan() {
		t.Fatal("the example ended at once")
	}
	_, address, ok := strings.Cut(lines.Text(), "listening on ")
	if !ok {
		t.Fatalf("the example said %q", lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, logged) }()

	p := &platform{t: t, url: "http://" + address}
	for _, c := range []struct {
		body   string
		status int
		answer string
	}{
		{`{"$schema":"/greeting/1.0.0","text":"Hello!"}`, http.StatusCreated, ""},
		{`{"$schema":"/greeting/1.0.0","text":"Hello"}`, http.StatusBadRequest, "text does not end in !"},
		{`{"$schema":"/greeting/1.0.0","text":5}`, http.StatusBadRequest, "should be string"},
	} {
		if status, answer := p.post("/v1/events", "application/json", c.body); status != c.status || !strings.Contains(answer, c.answer) {
			t.Errorf("%s was answered %d %s", c.body, status, answer)
		}
	}
	records := readTopic(t, "greeting_1.0.0", broker.Addr())
	if len(records) != 1 || string(records[0].Value) != `{"$schema":"/greeting/1.0.0","text":"Hello!","tone":"warm"}` {
		t.Errorf("Kafka has %+v", records)
	}
}

// readTopic returns the records that the partitions of a topic have now, one partition after the other; none if there is no such topic.
func readTopic(t *testing.T, topic string, brokers ...string) []kafka.Record {
	t.Helper()
	log, err := kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: brokers}})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	partitions, err := log.Partitions(t.Context(), []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	bounds, err := log.Bounds(t.Context(), partitions)
	if err != nil {
		t.Fatal(err)
	}
	var records []kafka.Record
	for _, b := range bounds {
		if b.Err != nil {
			t.Fatal(b.Err)
		}
		for next := b.Start; next < b.End; {
			chunk, err := log.Read(t.Context(), b.TopicPartition, next, 4<<20, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if chunk.Err != nil {
				t.Fatal(chunk.Err)
			}
			records = append(records, chunk.Records...)
			next = chunk.Next
		}
	}
	return records
}
