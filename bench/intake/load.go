package main

import (
	"bufio"
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

// eventBytes is the length of each posted event; the limit program that produces cuts a body by it instead of reading JSON.
const eventBytes = 1200

// generated is what the load generator reports: accepted events, the time in which, and the times that a POST took.
type generated struct {
	Events   int
	Took     time.Duration
	P50, P99 time.Duration
}

// body is a POST of so many events, each of eventBytes bytes, in the form of a line of recent changes without the fields that the intake sets.
func body(batch int) string {
	const head = `{"$schema":"/mediawiki/recentchange/1.0.0","meta":{"stream":"mediawiki.recentchange","domain":"en.wiki.example.org",` +
		`"uri":"https://en.wiki.example.org/wiki/Tea"},"type":"edit","namespace":0,"title":"Tea","timestamp":1700000000,"user":"Ada","bot":false,` +
		`"minor":true,"id":123456789,"length":{"old":41002,"new":41077},"revision":{"old":912345,"new":912346},` +
		`"server_name":"en.wiki.example.org","server_url":"https://en.wiki.example.org","wiki":"enwiki","comment":"`
	const tail = `"}`
	event := head + strings.Repeat("clearer wording; ", eventBytes)[:eventBytes-len(head)-len(tail)] + tail
	if batch == 1 {
		return event
	}
	return "[" + strings.Repeat(event+",", batch-1) + event + "]"
}

// generate posts over so many connections, as fast as it is answered or so many events a second, and prints what it saw as JSON.
func generate(url, batchText string, o options, rate float64) error {
	batch, err := strconv.Atoi(batchText)
	if err != nil {
		return err
	}
	request := requestOf(url, body(batch))
	var every time.Duration // between two POSTs of a connection
	if rate > 0 {
		every = time.Duration(float64(o.connections*batch) / rate * float64(time.Second))
	}
	begun := time.Now()
	end := begun.Add(o.duration)
	times, err := together(o.connections, func(i int) ([]time.Duration, error) {
		first := begun.Add(every * time.Duration(i) / time.Duration(o.connections))
		return post(url, http.StatusCreated, first, every, func(at time.Time) []byte {
			if at.After(end) {
				return nil
			}
			return request
		})
	})
	if err != nil {
		return err
	}
	return report(generated{Events: len(times) * batch, Took: time.Since(begun)}, times)
}

// refusedBatch is how many events of streams that nobody configured a POST has.
const refusedBatch = 50

// generateRefused posts events of streams that are all different and not configured.
func generateRefused(url string, o options) error {
	var sent atomic.Int64
	begun := time.Now()
	times, err := together(o.connections, func(int) ([]time.Duration, error) {
		return post(url, http.StatusBadRequest, begun, 0, func(time.Time) []byte {
			first := sent.Add(refusedBatch)
			if first > int64(o.events) {
				return nil
			}
			var b strings.Builder
			for i := range refusedBatch {
				fmt.Fprintf(&b, `,{"$schema":"/mediawiki/recentchange/1.0.0","meta":{"stream":"nobody.configured.%d"}}`, first+int64(i))
			}
			return requestOf(url, "["+b.String()[1:]+"]")
		})
	})
	if err != nil {
		return err
	}
	return report(generated{Events: len(times) * refusedBatch, Took: time.Since(begun)}, times)
}

func report(g generated, times []time.Duration) error {
	g.P50, g.P99 = measure.Percentile(times, 0.5), measure.Percentile(times, 0.99)
	return json.NewEncoder(os.Stdout).Encode(g)
}

func requestOf(url, text string) []byte {
	return fmt.Appendf(nil, "POST /v1/events HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host(url), len(text), text)
}

func host(url string) string { return strings.TrimPrefix(url, "http://") }

// together runs so many senders and returns all their times.
func together(connections int, send func(i int) ([]time.Duration, error)) ([]time.Duration, error) {
	type seen struct {
		times []time.Duration
		err   error
	}
	results := make(chan seen, connections)
	for i := range connections {
		go func() {
			times, err := send(i)
			results <- seen{times, err}
		}()
	}
	var all []time.Duration
	for range connections {
		s := <-results
		if s.err != nil {
			return nil, s.err
		}
		all = append(all, s.times...)
	}
	return all, nil
}

// post sends what next returns until that is nothing. With a time between two POSTs each has its moment, and a late answer counts against those that
// had to wait for it.
func post(url string, status int, first time.Time, every time.Duration, next func(at time.Time) []byte) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", host(url))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	var times []time.Duration
	for at := first; ; at = at.Add(every) {
		if every == 0 {
			at = time.Now()
		}
		request := next(at)
		if request == nil {
			return times, nil
		}
		time.Sleep(time.Until(at))
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		if err := answered(reader, status); err != nil {
			return nil, err
		}
		times = append(times, time.Since(at))
	}
}

// answered reads an answer, which must have a status.
func answered(from *bufio.Reader, status int) error {
	response, err := http.ReadResponse(from, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != status {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}
