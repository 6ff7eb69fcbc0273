// Command streamconfig measures how many answers of the stream configuration one CPU second gives, beside a net/http server that writes the same bytes
// and does nothing else. Servers are processes of their own; both are measured in one run, in turns, so that the ratio means something on a busy machine.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/streamconfig"
)

func main() {
	serve := flag.String("serve", "", "run a server: ours or bytes (used by the program itself)")
	target := flag.String("target", "", "what the bytes server answers (used by the program itself)")
	streams := flag.Int("streams", 300, "streams in the configuration")
	seconds := flag.Float64("seconds", 2, "seconds of load a turn")
	turns := flag.Int("turns", 2, "turns of each server")
	clients := flag.Int("clients", 16, "connections")
	flag.Parse()
	if err := run(*serve, *target, *streams, *turns, *clients, time.Duration(*seconds*float64(time.Second))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(serve, target string, streams, turns, clients int, load time.Duration) error {
	if serve != "" {
		return server(serve, target, streams)
	}
	const api = "/w/api.php?action=streamconfigs&format=json"
	fmt.Printf("%d streams, %d connections, answers per CPU second of the server\n\n", streams, clients)
	fmt.Printf("%-34s %12s %12s %7s\n", "", "ours", "net/http", "ratio")
	for _, c := range []struct{ name, target string }{
		{"one stream, action API", api + "&streams=" + streamName(streams/2)},
		{"one stream of a regex, action API", api + "&streams=job.refresh"},
		{"one stream, REST", "/v1/streams/" + streamName(streams/2)},
		{"streams of one service, action API", api + "&constraints=destination_event_service=service-3"},
		{"all streams, action API", api},
		{"all streams, REST", "/v1/streams"},
	} {
		var rate [2]float64
		for range turns {
			for i, kind := range []string{"ours", "bytes"} {
				r, err := measure(kind, c.target, streams, clients, load)
				if err != nil {
					return fmt.Errorf("%s (%s): %w", c.name, kind, err)
				}
				rate[i] += r / float64(turns)
			}
		}
		fmt.Printf("%-34s %12.0f %12.0f %6.0f%%\n", c.name, rate[0], rate[1], 100*rate[0]/rate[1])
	}
	return nil
}

func streamName(i int) string { return fmt.Sprintf("team%d.stream_%d.v1", i%17, i) }

// configuration is one of the size asked for.
func configuration(streams int) (*streamconfig.Config, error) {
	var b strings.Builder
	b.WriteString(`{"default_settings":{"topic_prefixes":["eqiad.","codfw."],"canary_events_enabled":true,` +
		`"consumers":{"hadoop":{"job_name":"event_default","enabled":true},"hive":{"enabled":true}}},"streams":{"/^job\\..+/":{"schema_title":"job"}`)
	for i := range streams {
		fmt.Fprintf(&b, `,%q:{"schema_title":"team/stream_%d","destination_event_service":"service-%d","message_key_fields":{"wiki_id":"wiki_id"}}`, streamName(i), i, i%10)
	}
	b.WriteString("}}")
	return streamconfig.Parse("bench.json", []byte(b.String()))
}

// server runs until its standard input ends. It prints its address.
func server(kind, target string, streams int) error {
	config, err := configuration(streams)
	if err != nil {
		return err
	}
	var h http.Handler = streamconfig.NewHandler(func() *streamconfig.Config { return config })
	if kind == "bytes" {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		body := w.Body.Bytes()
		h = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.Write(body)
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(l, h)
}

// measure loads a server and divides its answers by its CPU time.
func measure(kind, target string, streams, clients int, load time.Duration) (float64, error) {
	cmd := exec.Command(os.Args[0], "-serve", kind, "-target", target, "-streams", strconv.Itoa(streams))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return 0, errors.Join(err, cmd.Wait())
	}
	var answers atomic.Int64
	end := time.Now().Add(load)
	errs := make(chan error, clients+1)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() { errs <- client(strings.TrimSpace(addr), target, end, &answers) })
	}
	wg.Wait()
	in.Close()
	errs <- cmd.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return 0, err
		}
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return float64(answers.Load()) / cpu.Seconds(), nil
}

// client asks again and again on one connection.
func client(addr, target string, end time.Time, answers *atomic.Int64) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	request := []byte("GET " + target + " HTTP/1.1\r\nHost: streams.test\r\n\r\n")
	r := bufio.NewReaderSize(c, 64<<10)
	for time.Now().Before(end) {
		if _, err := c.Write(request); err != nil {
			return err
		}
		length := -1
		for first := true; ; first = false {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return err
			}
			text := strings.TrimSpace(string(line))
			if first && !strings.Contains(text, " 200 ") {
				return fmt.Errorf("%s: %s", target, text)
			}
			if text == "" {
				break
			}
			if name, value, _ := strings.Cut(text, ":"); strings.EqualFold(name, "Content-Length") {
				length, _ = strconv.Atoi(strings.TrimSpace(value))
			}
		}
		if length < 0 {
			return errors.New("an answer without Content-Length")
		}
		if _, err := r.Discard(length); err != nil {
			return err
		}
		answers.Add(1)
	}
	return nil
}
