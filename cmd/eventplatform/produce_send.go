package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// sendTime bounds one request, giveUp how often a request is made for the same events, longestPause the time between two.
	sendTime     = time.Minute
	giveUp       = 8
	firstPause   = 250 * time.Millisecond
	longestPause = 15 * time.Second
	// maxAnswerBytes bounds what is read of an answer, which repeats every event that was refused.
	maxAnswerBytes = 64 << 20
)

// sender posts events until their fate is known.
type sender struct{ to string }

// send decides the fate of all events.
func (s *sender) send(ctx context.Context, events []*outgoing) {
	for try := 0; ; try++ {
		open := undecided(events)
		if len(open) == 0 {
			return
		}
		after := s.post(ctx, open)
		if try+1 == giveUp || ctx.Err() != nil {
			break
		}
		if len(undecided(open)) == 0 {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(max(firstPause<<try, after), longestPause)):
		}
	}
	for _, e := range undecided(events) {
		e.fate = failed
	}
}

func undecided(events []*outgoing) []*outgoing {
	var open []*outgoing
	for _, e := range events {
		if e.fate == "" {
			open = append(open, e)
		}
	}
	return open
}

// post sends events once. Those whose fate stays open have a reason; they may be sent again after the time that it returns.
func (s *sender) post(ctx context.Context, events []*outgoing) (after time.Duration) {
	all := func(fate fate, reason string) {
		for _, e := range events {
			e.fate, e.reason = fate, reason
		}
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	texts := make([][]byte, len(events))
	for i, e := range events {
		texts[i] = e.text
	}
	body := slices.Concat([]byte("["), bytes.Join(texts, []byte(",\n")), []byte("]"))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.to, bytes.NewReader(body))
	if err != nil {
		all(failed, err.Error())
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", userAgent())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		all("", err.Error())
		return 0
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		all("", err.Error())
		return 0
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		after = time.Duration(seconds) * time.Second
	}
	switch code := response.StatusCode; {
	case code == http.StatusOK || code == http.StatusCreated || code == http.StatusAccepted:
		all(accepted, "")
		readReceipts(answer, events)
	case code == http.StatusMultiStatus || code == http.StatusBadRequest || code >= http.StatusInternalServerError:
		all("", response.Status)
		readReceipts(answer, events)
		s.read(response.StatusCode, response.Status, answer, events)
	case code == http.StatusTooManyRequests:
		all("", response.Status)
	default:
		all(refused, response.Status+excerpt(answer))
	}
	return after
}

// readReceipts takes over where events are, from an answer that tells it of all of them in their order.
func readReceipts(answer []byte, events []*outgoing) {
	var body struct {
		Receipts []receipt `json:"receipts"`
	}
	if json.Unmarshal(answer, &body) == nil && len(body.Receipts) == len(events) {
		for i, e := range events {
			e.at = body.Receipts[i]
		}
	}
}

// refusal is one entry of an answer's lists: an event as the intake saw it, and why it did not take it.
type refusal struct {
	Event struct {
		Meta struct {
			ID string `json:"id"`
		} `json:"meta"`
	} `json:"event"`
	Context struct {
		Message    string `json:"message"`
		ErrorsText string `json:"errorsText"`
	} `json:"context"`
}

func (r *refusal) reason() string { return cmp.Or(r.Context.ErrorsText, r.Context.Message) }

// read finds the events that an answer names, by their ids. Those that it calls invalid are refused, those under error stay open. The others have been
// taken if some were (207); of a 400 that names none, none was read.
func (s *sender) read(code int, status string, answer []byte, events []*outgoing) {
	var body struct {
		Invalid []refusal `json:"invalid"`
		Error   []refusal `json:"error"`
	}
	_ = json.Unmarshal(answer, &body) // an answer of another form names no events
	invalid, broken := byID(body.Invalid), byID(body.Error)
	for _, e := range events {
		switch {
		case invalid[e.id] != nil:
			e.fate, e.reason = refused, invalid[e.id].reason()
		case broken[e.id] != nil:
			e.reason = broken[e.id].reason()
		case code == http.StatusMultiStatus:
			e.fate, e.reason = accepted, ""
		case code == http.StatusBadRequest:
			e.fate, e.reason = refused, status+excerpt(answer)
		}
	}
}

func byID(entries []refusal) map[string]*refusal {
	all := make(map[string]*refusal, len(entries))
	for i := range entries {
		all[entries[i].Event.Meta.ID] = &entries[i]
	}
	return all
}

// excerpt is the beginning of an answer.
func excerpt(answer []byte) string {
	text := strings.Join(strings.Fields(string(answer)), " ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	if text == "" {
		return ""
	}
	return ": " + text
}
