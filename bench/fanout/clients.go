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
	"strings"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/measure"
)

// crowd is what the clients' process is asked for.
type crowd struct {
	URL     string
	Count   int
	Stalled int  // so many more ask for everything that there is and then read nothing
	Idle    bool // nothing will come: they are there when they have the head
	Seconds float64
}

// consumed is what the clients report: frames that came while they counted, and the times from sending to reading.
type consumed struct {
	Deliveries int64
	P50, P99   time.Duration
}

// samplers is how many clients measure times, spread evenly; the others only count, to leave the processor to the server.
const samplers = 500

type crowdCounts struct {
	deliveries atomic.Int64
	counting   atomic.Bool
	times      chan time.Duration
	there      chan error
}

// consume opens the connections, says "true" when all are there, counts for a while, and prints what came.
func consume(spec string) error {
	var c crowd
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	counts := &crowdCounts{times: make(chan time.Duration, 1<<20), there: make(chan error, c.Count+c.Stalled)}
	opening := make(chan struct{}, 100) // connections at a time: more than a listener's backlog would be refused
	open := func(run func(conn net.Conn, reader *bufio.Reader) error, query string) {
		opening <- struct{}{}
		conn, reader, err := connect(c.URL, query)
		<-opening
		if err == nil {
			defer conn.Close()
			err = run(conn, reader)
		}
		if err != nil {
			counts.there <- err
		}
	}
	for range c.Stalled {
		go open(func(net.Conn, *bufio.Reader) error {
			counts.there <- nil
			select {} // until the process ends
		}, "?since=0")
	}
	every := max(1, c.Count/samplers)
	for i := range c.Count {
		go open(func(_ net.Conn, reader *bufio.Reader) error {
			if c.Idle {
				counts.there <- nil
			}
			return counts.read(reader, i%every == 0, c.Idle)
		}, "")
	}
	for range c.Count + c.Stalled {
		if err := <-counts.there; err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(true); err != nil {
		return err
	}
	before := counts.deliveries.Load()
	counts.counting.Store(true)
	time.Sleep(time.Duration(c.Seconds * float64(time.Second)))
	counts.counting.Store(false)
	got := consumed{Deliveries: counts.deliveries.Load() - before}
	samples := make([]time.Duration, 0, len(counts.times))
	for range len(counts.times) {
		samples = append(samples, <-counts.times)
	}
	got.P50, got.P99 = measure.Percentile(samples, 0.5), measure.Percentile(samples, 0.99)
	return out.Encode(got)
}

// connect returns when the head is there.
func connect(url, query string) (net.Conn, *bufio.Reader, error) {
	host := strings.TrimPrefix(url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, nil, err
	}
	if _, err := fmt.Fprintf(conn, "GET /v2/stream/mediawiki.recentchange%s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", query, host); err != nil {
		return nil, nil, err
	}
	reader := bufio.NewReaderSize(conn, 4<<10)
	response, err := http.ReadResponse(reader, nil) //nolint:bodyclose // the body is read raw, and closing it would wait for its end
	if err != nil {
		return nil, nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("answered %s", response.Status)
	}
	return conn, reader, nil
}

var separator = []byte("\ndata: ")

// read counts what comes until the connection ends. The bytes are read raw: chunk heads between frames do no harm, and a client that parses them would
// cost more than the server.
func (c *crowdCounts) read(reader *bufio.Reader, sample, began bool) error {
	buffer := make([]byte, 8<<10)
	kept := 0
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
		c.deliveries.Add(int64(frames))
		if frames > 0 && !began {
			began = true
			c.there <- nil
		}
		if sample && c.counting.Load() {
			if at, ok := sent(text); ok {
				c.times <- time.Since(at)
			}
		}
		kept = copy(buffer, text[max(0, len(text)-len(separator)+1):])
	}
}
