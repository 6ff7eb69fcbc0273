package eventgate

import (
	"net/http"
	"slices"
	"strings"
)

// unchanged reports whether the client has said that it wants the page only if there was none: If-None-Match: * (RFC 9110, section 13.1.2). Pages have
// neither a tag nor a date, so that no other condition can hold.
func (x *exchange) unchanged() bool {
	if x.method != http.MethodGet && x.method != http.MethodHead || x.resp.Status/100 != 2 {
		return false
	}
	return x.header.Get("If-None-Match") == "*" && x.header.Get("If-Modified-Since") == "" && !says(x.header.Get("Cache-Control"), "no-cache")
}

// says reports whether a list has a word.
func says(list, word string) bool {
	for element := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(element) == word {
			return true
		}
	}
	return false
}

// notModified answers that the page is as it was, without it.
func (x *exchange) notModified() {
	x.resp.Status, x.resp.Reason, x.resp.Body = http.StatusNotModified, http.StatusText(http.StatusNotModified), x.resp.Body[:0]
	x.resp.Header = slices.DeleteFunc(x.resp.Header, func(f HeaderField) bool { return f.Name == "Content-Type" })
}
