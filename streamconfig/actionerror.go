package streamconfig

import (
	"net/http"
	"strconv"
)

// actionError is a refusal of the action API. It has status 200: its clients look for "error" in the body.
type actionError struct {
	code, info string
	limit      int  // of toomanyvalues
	modern     bool // formatversion 2
	maxAge     int
	warnings   [][2]string // module and text
}

func (e *actionError) serve(w http.ResponseWriter, r *http.Request) {
	body := e.body(r)
	h := w.Header()
	h["Content-Type"] = jsonType
	h.Set("Cache-Control", "private, must-revalidate, max-age="+strconv.Itoa(e.maxAge))
	h["Content-Disposition"] = inlineResult
	h["X-Content-Type-Options"] = noSniff
	h.Set("MediaWiki-API-Error", e.code)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

func (e *actionError) body(r *http.Request) []byte {
	b := []byte{'{'}
	if len(e.warnings) > 0 {
		b = append(b, `"warnings":{`...)
		for i, warning := range e.warnings {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, warning[0])
			b = append(appendString(append(b, `:{"*":`...), warning[1]), '}')
		}
		b = append(b, "},"...)
	}
	b = appendString(append(b, `"error":{"code":`...), e.code)
	b = appendString(append(b, `,"info":`...), e.info)
	if e.limit > 0 {
		b = strconv.AppendInt(append(b, `,"limit":`...), int64(e.limit), 10)
		b = strconv.AppendInt(append(b, `,"lowlimit":`...), int64(e.limit), 10)
		b = strconv.AppendInt(append(b, `,"highlimit":`...), highLimit, 10)
	}
	if e.modern {
		b = append(b, `,"docref":`...)
	} else {
		b = append(b, `,"*":`...)
	}
	usage := "See " + serverURL(r) + "/api.php for API usage. "
	return append(appendString(b, usage+announceList("&lt;", "&gt;")), "}}"...)
}

// serverURL is what the client called us, with the folder that the API is in.
func serverURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + "/w"
}
