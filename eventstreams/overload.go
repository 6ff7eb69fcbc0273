package eventstreams

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// comeAgain is when a client with too many streams may try again.
const comeAgain = 30 * time.Second

// tooMany answers a client that has as many streams as it may.
func (s *Server) tooMany(w http.ResponseWriter, r *http.Request) {
	if s.inUse.Load().OverloadAsStream && wantsEvents(r) {
		comeLater(w, comeAgain)
		return
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(comeAgain.Seconds())))
	problem{status: http.StatusTooManyRequests, kind: "too_many_requests", title: "Too Many Concurrent Connections From Your Client IP",
		detail: "Your HTTP client is likely opening too many concurrent connections."}.write(w, r)
}

// wantsEvents says whether a client is one that reads event streams: it names them, as a browser's EventSource does.
func wantsEvents(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "text/event-stream")
}

// comeLater answers with a stream that ends at once and says when to come again, each client a little differently. The time is not followed by an empty
// line: some clients would hand an empty event on.
func comeLater(w http.ResponseWriter, after time.Duration) {
	w.Header().Set("Cache-Control", "no-cache")
	wait := after/2 + rand.N(after)
	answer(w, http.StatusOK, "text/event-stream; charset=utf-8", []byte(": overloaded\nretry: "+strconv.FormatInt(wait.Milliseconds(), 10)+"\n"))
}
