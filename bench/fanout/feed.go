package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// feed posts one event at a time at the given rate, until the duration is over or it is killed.
func feed(url, rateText string, duration time.Duration) error {
	rate, err := strconv.Atoi(rateText)
	if err != nil {
		return err
	}
	host := strings.TrimPrefix(url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	ticks := time.NewTicker(time.Second / time.Duration(rate))
	defer ticks.Stop()
	// The frame that the platform makes holds the event, an id of one or two partitions, and the fields that the platform sets.
	const added = 400
	for end := time.Now().Add(duration); time.Now().Before(end); <-ticks.C {
		text := event(time.Now(), frameBytes-added)
		if _, err := fmt.Fprintf(conn, "POST /v1/events HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host, len(text), text); err != nil {
			return err
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return err
		}
		if err := response.Body.Close(); err != nil {
			return err
		}
		if response.StatusCode != http.StatusCreated {
			return fmt.Errorf("answered %s", response.Status)
		}
	}
	return nil
}
