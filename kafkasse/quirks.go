package kafkasse

import (
	"net/http"
	"strings"
)

// Some clients are served in a way of their own, because they would otherwise lose, repeat or misread events. They are told by what they send.

// readsRaw says that a request looks like one of Python's sseclient, which asks for what the library below it can decompress, and then reads past that
// library. Others with the same headers, such as requests-sse, are served without compression as well; browsers and Node.js send more of them.
func readsRaw(h http.Header) bool {
	return strings.HasPrefix(h.Get("Accept-Encoding"), "gzip, deflate") && h.Get("Accept") == "text/event-stream" && h.Get("Cache-Control") == "no-cache" &&
		h.Get("Connection") == "keep-alive" && h.Get("Accept-Language") == "" && h.Get("Sec-Fetch-Mode") == ""
}

// keepsHalves says that a client comes back that keeps the whole lines of an event it has had a part of, and takes the first empty line of the next
// connection for that event's end: Python's sseclient, and eventsource for Node.js before its version 3.
func keepsHalves(h http.Header) bool {
	if h.Get("Last-Event-ID") == "" {
		return false
	}
	return readsRaw(h) || (h.Get("Accept") == "text/event-stream" && h.Get("Cache-Control") == "no-cache" && h.Get("Connection") != "" &&
		h.Get("Accept-Encoding") == "" && h.Get("Accept-Language") == "")
}

// opening is what a stream of events begins with. A client that keeps halves is told a type that nobody listens to before the first empty line: the half
// event gets it, and comes again whole. (If it was cut exactly between its id and its own empty line, Node.js's eventsource comes back with that id, and it
// does not come again. That is one byte of more than a thousand, where an event came twice for every byte of the id.)
func opening(h http.Header) string {
	if keepsHalves(h) {
		return ":ok\nevent: half\n\n"
	}
	return ":ok\n\n"
}
