package eventstreams

import "regexp"

// explanation says that a row of docs/differences/eventstreams.md explains differences of some exchanges in some respects.
type explanation struct {
	row         string
	names, what *regexp.Regexp
	used        bool
}

func because(row, names, what string) *explanation {
	return &explanation{row: row, names: regexp.MustCompile("^(" + names + ")$"), what: regexp.MustCompile("^(step . )?(" + what + ")$")}
}

// explanations are tried in this order.
var explanations = []*explanation{
	because("cors-last-event-id", ".*", "header access-control-allow-headers|header access-control-expose-headers"),
	because("count-once", "limit a connection refused by KafkaSSE.*", "status|reason|header cache-control|header content-type|header retry-after|ended|greeting"),
	because("head", "HEAD /v2/stream/h3.one|limit HEAD counts", ".*"),
	because("retry-after", "limit .*", "header retry-after"),
	because("missing-topics", "topics that do not exist|one topic that does not exist|one stream of existing and one of missing topics", ".*"),
	because("error-shape", "Last-Event-ID partition that does not exist by timestamp|GET with a malformed JSON body|malformed percent encoding|POST with malformed JSON", ".*"),
	because("error-head", ".*Last-Event-ID.*|stream configured with an empty topics list", "reason|header content-type"),
	because("values", "odd values.*|live keyed", "frames"),
	because("since-digits", "since (milliseconds epoch.*|mediawiki timestamp|hexadecimal|Infinity|huge integer|padded number)", "frames"),
	because("offset-and-timestamp", "Last-Event-ID offset and timestamp in one entry, timestamp in the other|Last-Event-ID offset null with timestamp", "frames"),
	because("gaps", "Last-Event-ID offset (one past the end|beyond 2\\^53)|live Last-Event-ID out of range goes to the end", "header stream-gap"),
	because("header-size", "Last-Event-ID of (20|70) KiB", ".*"),
	because("last-event-id-parameter", "Last-Event-ID as query parameter", "frames"),
	because("topics-left-out", "since with Last-Event-ID that misses a topic", "frames"),
	because("compression", "Accept-Encoding gzip", "header content-encoding|header vary"),
	because("documentation", "GET /\\?doc.*", ".*"),
	because("openapi", ".*GET /\\?spec.*", "body"),
	because("ui", "GET //?(v2/ui/?)?", ".*"),
	because("redaction", "redaction .*", "frames"),
}

// rowFor is the row that explains a difference, "" if there is none.
func rowFor(name, what string) string {
	for _, e := range explanations {
		if e.names.MatchString(name) && e.what.MatchString(what) {
			e.used = true
			return e.row
		}
	}
	return ""
}
