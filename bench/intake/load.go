package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/measure"
)

// eventBytes is the length of each posted event; the limit program that produces cuts a body by it instead of reading JSON.
const eventBytes = 1200

// generated is what the load generator reports: accepted events and the times that a POST took.
type generated struct {
	Events   int
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

// generate posts as fast as it is answered, over so many connections, and prints what it saw as JSON.
func generate(url, batchText string, connections int, duration time.Duration) error {
	batch, err := strconv.Atoi(batchText)
	if err != nil {
		return err
	}
	host := strings.TrimPrefix(url, "http://")
	text := body(batch)
	request := []byte(fmt.Sprintf("POST /v1/events HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host, len(text), text))
	type seen struct {
		times []time.Duration
		err   error
	}
	results := make(chan seen, connections)
	end := time.Now().Add(duration)
	for range connections {
		go func() {
			times, err := post(host, request, end)
			results <- seen{times, err}
		}()
	}
	var times []time.Duration
	for range connections {
		s := <-results
		if s.err != nil {
			return s.err
		}
		times = append(times, s.times...)
	}
	return json.NewEncoder(os.Stdout).Encode(generated{
		Events: len(times) * batch,
		P50:    measure.Percentile(times, 0.5),
		P99:    measure.Percentile(times, 0.99),
	})
}

func post(host string, request []byte, end time.Time) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	var times []time.Duration
	for start := time.Now(); start.Before(end); start = time.Now() {
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return nil, err
		}
		if err := response.Body.Close(); err != nil {
			return nil, err
		}
		if response.StatusCode != http.StatusCreated {
			return nil, fmt.Errorf("answered %s", response.Status)
		}
		times = append(times, time.Since(start))
	}
	return times, nil
}
