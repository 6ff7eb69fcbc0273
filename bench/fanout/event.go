package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// frameBytes is about the length of one frame, id and event together.
const frameBytes = 1200

// marker stands before the time at which an event was sent, in nanoseconds since 1970, in every event.
const marker = `sent at `

// event is a line of recent changes that says when it was sent, of a length that makes a frame of about frameBytes.
func event(at time.Time, length int) string {
	head := fmt.Sprintf(`{"$schema":"/mediawiki/recentchange/1.0.0","meta":{"stream":"mediawiki.recentchange","domain":"en.wiki.example.org"},`+
		`"type":"edit","title":"Tea","user":"Ada","wiki":"enwiki","comment":"%s%d; `, marker, at.UnixNano())
	const tail = `"}`
	return head + strings.Repeat("clearer wording; ", length)[:max(0, length-len(head)-len(tail))] + tail
}

// sent finds the time in a piece of a stream.
func sent(text []byte) (time.Time, bool) {
	_, rest, found := bytes.Cut(text, []byte(marker))
	if !found {
		return time.Time{}, false
	}
	digits, _, found := bytes.Cut(rest, []byte(";"))
	if !found {
		return time.Time{}, false
	}
	nanos, err := strconv.ParseInt(string(digits), 10, 64)
	return time.Unix(0, nanos), err == nil
}
