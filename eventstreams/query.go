package eventstreams

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseQuery reads a query as Express does. What is not percent-encoded as it should be stays as it is, and semicolons are letters: a condition that is
// dropped without a word, as net/url does, would deliver what was not asked for.
func parseQuery(raw string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair != "" {
			key, value, _ := strings.Cut(pair, "=")
			key = unescapeQuery(key)
			values[key] = append(values[key], unescapeQuery(value))
		}
	}
	return values
}

func unescapeQuery(s string) string {
	if text, err := url.QueryUnescape(s); err == nil && utf8.ValidString(text) {
		return text
	}
	return strings.ReplaceAll(s, "+", " ")
}

// since reads the parameter of this name; nil if it is absent or empty. Express reads since[] and since[0] as lists, and since[x] as an object.
func since(query url.Values) (*int64, *problem) {
	list := slices.Concat(query["since"], query["since[]"])
	for key := range query {
		index, ok := strings.CutPrefix(key, "since[")
		if index, closed := strings.CutSuffix(index, "]"); ok && closed && index != "" {
			if n, err := strconv.Atoi(index); err != nil || n < 0 || n > maxIndex {
				return moment("since", "[object Object]")
			}
		}
	}
	for n := range maxIndex + 1 {
		list = append(list, query["since["+strconv.Itoa(n)+"]"]...)
	}
	return moment("since", strings.Join(list, ","))
}

// maxIndex is how long lists with indexes can be.
const maxIndex = 20
