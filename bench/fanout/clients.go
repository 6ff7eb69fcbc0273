package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/measure"
)

// consumed is what the clients report: frames that came while they counted, and the times from sending to reading, sampled on a few of them.
type consumed struct {
	Deliveries int64
	P50, P99   time.Duration
}

// samplers is how many clients measure times; the others only count, to leave the processor to the server.
const samplers = 10

// consume opens the connections, says "true" when every one has had an event, counts for the duration, and prints what came.
func consume(url, countText string, duration time.Duration) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	host := strings.TrimPrefix(url, "http://")
	var deliveries atomic.Int64
	var counting atomic.Bool
	first := make(chan error, count)
	times := make(chan time.Duration, 1<<20)
	for i := range count {
		go func() {
			if err := stream(host, i < samplers, &deliveries, &counting, times, first); err != nil {
				first <- err
			}
		}()
	}
	for range count {
		if err := <-first; err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(true); err != nil {
		return err
	}
	before := deliveries.Load()
	counting.Store(true)
	time.Sleep(duration)
	counting.Store(false)
	got := consumed{Deliveries: deliveries.Load() - before}
	samples := make([]time.Duration, 0, len(times))
	for range len(times) {
		samples = append(samples, <-times)
	}
	got.P50, got.P99 = measure.Percentile(samples, 0.5), measure.Percentile(samples, 0.99)
	return out.Encode(got)
}

// stream reads one connection until it ends, and says on first when its first event has come.
func stream(host string, sample bool, deliveries *atomic.Int64, counting *atomic.Bool, times chan<- time.Duration, first chan<- error) error {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "GET /v2/stream/mediawiki.recentchange HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", host); err != nil {
		return err
	}
	reader := bufio.NewReaderSize(conn, 16<<10)
	response, err := http.ReadResponse(reader, nil) //nolint:bodyclose // the body is read raw below, and closing it would wait for its end
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", response.Status)
	}
	// From here on the bytes are read raw: chunk heads between frames do no harm, and a client that parses them would cost more than the server.
	separator := []byte("\ndata: ")
	buffer := make([]byte, 16<<10)
	kept, began := 0, false
	for {
		n, err := reader.Read(buffer[kept:])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		text := buffer[:kept+n]
		frames := bytes.Count(text, separator)
		deliveries.Add(int64(frames))
		if frames > 0 && !began {
			began = true
			first <- nil
		}
		if sample && counting.Load() {
			if at, ok := sent(text); ok {
				times <- time.Since(at)
			}
		}
		kept = copy(buffer, text[max(0, len(text)-len(separator)+1):])
	}
}
