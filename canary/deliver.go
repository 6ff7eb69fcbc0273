package canary

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// tries bounds how often an event is sent; pause is how long to wait before the second try, twice that before the third.
	tries = 3
	pause = 500 * time.Millisecond
	// maxAnswer bounds what is read of an answer, maxReason what is told of it.
	maxAnswer = 64 << 10
	maxReason = 300
)

// deliver sends an event until the intake has said yes or no.
func (p *Producer) deliver(ctx context.Context, o *Outcome) {
	for try := range tries {
		o.Result, o.Reason = p.post(ctx, o.Target.URL, o.Event.Text)
		if o.Result != Unreachable || try+1 == tries {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause << try):
		}
	}
}

// post sends an event once, in an array as other producers do.
func (p *Producer) post(ctx context.Context, to string, text []byte) (Result, string) {
	if ctx.Err() != nil {
		return Unreachable, context.Cause(ctx).Error()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %v", patience))
	defer cancel()
	body := bytes.Join([][]byte{[]byte("["), text, []byte("]")}, nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Impossible, err.Error()
	}
	request.Header.Set("Content-Type", "application/json")
	if p.cfg.UserAgent != "" {
		request.Header.Set("User-Agent", p.cfg.UserAgent)
	}
	response, err := p.cfg.HTTP.Do(request)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return Unreachable, cause.Error()
		}
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err // without the URL, which is told already
		}
		return Unreachable, err.Error()
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // the status says enough
	return judge(response.StatusCode, response.Status, answer)
}

// judge says what an answer means. 201 and 202 are the only ones that take an event: 207 is one that took a part, of which there are none here.
func judge(code int, status string, answer []byte) (Result, string) {
	switch {
	case code == http.StatusCreated, code == http.StatusAccepted:
		return Produced, ""
	case code >= http.StatusInternalServerError, code == http.StatusTooManyRequests:
		return Unreachable, status + ": " + reason(answer)
	}
	return Refused, status + ": " + reason(answer)
}

// reason is what an intake's answer says about the event, or its beginning.
func reason(answer []byte) string {
	type entry struct {
		Context struct {
			Message    string `json:"message"`
			ErrorsText string `json:"errorsText"`
		} `json:"context"`
	}
	var body struct {
		Invalid, Error []entry
	}
	text := string(answer)
	if json.Unmarshal(answer, &body) == nil {
		if all := append(body.Invalid, body.Error...); len(all) > 0 {
			text = cmp.Or(all[0].Context.ErrorsText, all[0].Context.Message, text)
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}
