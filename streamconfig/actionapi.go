package streamconfig

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	maxStreams     = 250
	maxConstraints = 50
	highLimit      = 500
	// maxForm bounds the body of a POST. 250 names of 249 bytes are 62 KB.
	maxForm = 1 << 20
)

var (
	jsonType        = []string{"application/json; charset=utf-8"}
	publicCache     = []string{"max-age=600, s-maxage=600, public"}
	actionVary      = []string{"Accept-Encoding, Treat-as-Untrusted, Cookie"}
	inlineResult    = []string{"inline; filename=api-result.json"}
	noSniff         = []string{"nosniff"}
	anyOrigin       = []string{"*"}
	noCredentials   = []string{"false"}
	suppressedLogin = []string{"true"}
	exposedHeaders  = []string{"MediaWiki-API-Error, Retry-After, X-Database-Lag, MediaWiki-Login-Suppressed"}
)

// ownParameters are those that the action API knows for this module; all others give a warning.
var ownParameters = map[string]bool{
	"action": true, "format": true, "maxlag": true, "smaxage": true, "maxage": true, "assert": true, "assertuser": true,
	"requestid": true, "servedby": true, "curtimestamp": true, "responselanginfo": true, "origin": true, "crossorigin": true,
	"uselang": true, "variant": true, "errorformat": true, "errorlang": true, "errorsuselocal": true,
	"callback": true, "utf8": true, "ascii": true, "formatversion": true, "wrappedhtml": true,
	"streams": true, "constraints": true, "all_settings": true,
	// Ours: which wiki's view is asked for.
	"wiki": true,
}

// actionRequest is one request to the action API.
type actionRequest struct {
	params   []parameter
	warnings []string // of "main"
	obsolete bool     // all_settings was given
}

func (a *actionRequest) get(name string) (string, bool) {
	for i := range a.params {
		if a.params[i].name == name && !a.params[i].array {
			return a.params[i].value, true
		}
	}
	return "", false
}

func (h *Handler) serveAction(w http.ResponseWriter, r *http.Request) {
	var req actionRequest
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		var refusal string
		if req.params, refusal = readForm(w, r); refusal != "" {
			problem(w, http.StatusRequestEntityTooLarge, refusal)
			return
		}
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		problem(w, http.StatusMethodNotAllowed, "The action API is asked with GET or POST.")
		return
	}
	wiki, cors := "", false
	if strings.Contains(r.URL.RawQuery, "wiki=") || strings.Contains(r.URL.RawQuery, "origin=") {
		asked := actionRequest{params: parseParameters(nil, r.URL.RawQuery)}
		wiki, _ = asked.get("wiki")
		if origin, given := asked.get("origin"); given && origin != "*" && !slices.Contains(strings.Fields(r.Header.Get("Origin")), origin) {
			wrongOrigin(w)
			return
		} else if given {
			cors = origin == "*"
		}
	}
	config := h.view(wiki, r.Host)
	key := ""
	if r.Method != http.MethodPost && len(r.URL.RawQuery) <= 512 {
		key = r.URL.RawQuery
		if a := config.answers.get(key); a != nil {
			h.actionSuccess(w, r, cors, a)
			return
		}
	}
	for _, p := range parseParameters(nil, r.URL.RawQuery) {
		if !req.has(p.name) { // the form wins over the query
			req.params = append(req.params, p)
		}
	}
	if failure := req.check(); failure != nil {
		failure.serve(w, r)
		return
	}
	a := newAnswer(req.render(config))
	if key != "" {
		config.answers.put(key, a)
	}
	h.actionSuccess(w, r, cors, a)
}

func (a *actionRequest) has(name string) bool {
	return slices.ContainsFunc(a.params, func(p parameter) bool { return p.name == name })
}

// readForm reads the parameters of a form, in the order in which they stand in it. A body of another type has none. It returns why the form is refused.
func readForm(w http.ResponseWriter, r *http.Request) ([]parameter, string) {
	body := http.MaxBytesReader(w, r.Body, maxForm)
	kind, more, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		form, err := io.ReadAll(body)
		if err != nil {
			return nil, "The form has more than 1 MB."
		}
		if kind != "application/x-www-form-urlencoded" {
			return nil, ""
		}
		return parseParameters(nil, string(form)), ""
	}
	var params []parameter
	for parts := multipart.NewReader(body, more["boundary"]); ; {
		part, err := parts.NextRawPart()
		var value []byte
		if err == nil {
			value, err = io.ReadAll(part)
		}
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			return nil, "The form has more than 1 MB."
		case err != nil: // the end, or a form that ends in the middle
			return params, ""
		case part.FileName() == "" && part.FormName() != "":
			params = addParameter(params, part.FormName(), string(value))
		}
	}
}

func (h *Handler) actionSuccess(w http.ResponseWriter, r *http.Request, cors bool, a *answer) {
	head := w.Header()
	head["Content-Type"] = jsonType
	head["Cache-Control"] = publicCache
	head["Expires"] = []string{h.expires()}
	head["Vary"] = actionVary
	head["Content-Disposition"] = inlineResult
	head["X-Content-Type-Options"] = noSniff
	if cors {
		head["Access-Control-Allow-Origin"] = anyOrigin
		head["Access-Control-Allow-Credentials"] = noCredentials
		head["Access-Control-Expose-Headers"] = exposedHeaders
		head["Mediawiki-Login-Suppressed"] = suppressedLogin
	}
	a.serve(w, r)
}

// wrongOrigin refuses a request that says it comes from elsewhere than its browser says.
func wrongOrigin(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusForbidden)
	io.WriteString(w, "'origin' parameter does not match Origin header\n")
}

// expires is the time ten minutes from now, rendered once a second.
func (h *Handler) expires() string {
	now := time.Now().Unix()
	if e := h.expiry.Load(); e != nil && e.at == now {
		return e.text
	}
	e := &expiry{now, time.Unix(now+600, 0).UTC().Format(http.TimeFormat)}
	h.expiry.Store(e)
	return e.text
}

type expiry struct {
	at   int64
	text string
}

// check reads the parameters in the order in which the reference does, and says what is wrong with them.
func (a *actionRequest) check() *actionError {
	version, _ := a.get("formatversion")
	modern := version == "2" || version == "latest"
	action, given := a.get("action")
	switch {
	case !given:
		return &actionError{code: "missingparam", info: `The "action" parameter must be set.`, modern: modern}
	case action != "streamconfigs":
		return &actionError{code: "badvalue", info: fmt.Sprintf("Unrecognized value for parameter \"action\": %s.", action), modern: modern}
	}
	for _, limited := range []struct {
		name  string
		limit int
	}{{"streams", maxStreams}, {"constraints", maxConstraints}} {
		if v, ok := a.get(limited.name); ok && len(splitValues(v)) > limited.limit {
			return &actionError{
				code: "toomanyvalues", limit: limited.limit, modern: modern,
				info: fmt.Sprintf("Too many values supplied for parameter \"%s\". The limit is %d.", limited.name, limited.limit),
			}
		}
	}
	if version, given := a.get("formatversion"); given && !modern {
		info := fmt.Sprintf("Unrecognized value for parameter \"formatversion\": %s.", version)
		return &actionError{
			code: "badvalue", info: info, maxAge: 600,
			warnings: [][2]string{{"json", info}, {"main", "Error printer failed. Will retry without params."}},
		}
	}
	a.warn()
	return nil
}

// warn collects what the answer warns of.
func (a *actionRequest) warn() {
	var unknown []string
	for _, p := range a.params {
		switch {
		case !ownParameters[p.name]:
			unknown = append(unknown, p.name)
		case p.array:
			a.warnings = append(a.warnings, fmt.Sprintf("Parameter \"%s\" uses unsupported PHP array syntax.", p.name))
		case p.name == "all_settings":
			a.obsolete = true
		}
	}
	if a.obsolete {
		a.warnings = append(a.warnings, announceList("<", ">"))
	}
	switch len(unknown) {
	case 0:
	case 1:
		a.warnings = append(a.warnings, "Unrecognized parameter: "+unknown[0]+".")
	default:
		a.warnings = append(a.warnings, "Unrecognized parameters: "+strings.Join(unknown, ", ")+".")
	}
}

// announceList is what MediaWiki says where something is deprecated or refused.
func announceList(open, end string) string {
	return "Subscribe to the mediawiki-api-announce mailing list at " + open +
		"https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/" + end +
		" for notice of API deprecations and breaking changes."
}

// render writes the body of a good answer.
func (a *actionRequest) render(c *Config) []byte {
	var names []string
	if v, ok := a.get("streams"); ok {
		names = splitValues(v)
	}
	var constraints *Constraints
	if v, ok := a.get("constraints"); ok {
		constraints = queryConstraints(unique(splitValues(v)))
	}
	b := []byte{'{'}
	if id, ok := a.get("requestid"); ok {
		b = append(appendString(append(b, `"requestid":`...), id), ',')
	}
	if len(a.warnings) > 0 {
		b = append(b, `"warnings":{"main":{"warnings":`...)
		b = append(appendString(b, strings.Join(a.warnings, "\n")), '}')
		if a.obsolete {
			b = append(b, `,"streamconfigs":{"warnings":"The parameter \"all_settings\" has been deprecated."}`...)
		}
		b = append(b, "},"...)
	}
	b = append(b, `"streams":`...)
	if names == nil && constraints == nil {
		b = append(b, c.allStreams()...)
	} else {
		b = AppendEntries(b, c.Select(names, constraints))
	}
	return append(b, '}')
}
