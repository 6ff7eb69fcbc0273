package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// frameBytes is about the length of one frame, id and event together.
const frameBytes = 1200

// marker stands before the time at which an event was sent, in nanoseconds since 1970, in every event.
const marker = `sent at `

// event is a line of recent changes that says when it was sent, of a length that makes a frame of about frameBytes. Its comment is of words in no order, so
// that batches compress to a third as those of real events may, and not to nothing.
func event(at time.Time, length int) string {
	var b strings.Builder
	b.Grow(length)
	fmt.Fprintf(&b, `{"$schema":"/mediawiki/recentchange/1.0.0","meta":{"stream":"mediawiki.recentchange","domain":"en.wiki.example.org"},`+
		`"type":"edit","title":"Tea","user":"Ada","wiki":"enwiki","comment":"%s%d;`, marker, at.UnixNano())
	const tail = `"}`
	for left := length - len(tail) - b.Len(); left > 0; left = length - len(tail) - b.Len() {
		word := words[rand.IntN(len(words))]
		b.WriteString(word[:min(left, len(word))])
	}
	return b.String() + tail
}

var words = strings.SplitAfter(` the of and in to was is for as with on by he that from at his it an were which are this also be has had first one their its new after but who not `+
	`they two her she been other when there all during into time school may years more most only over city some world would later up such used many can `+
	`state about national out known university united then made under`, " ")

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
