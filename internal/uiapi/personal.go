package uiapi

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// personal are parts of the names of fields that tell who somebody is or was: matched without regard to case, user-text and userText as user_text.
var personal = []string{
	"user", "performer", "editor", "author", "ip", "email", "mail", "phone", "address", "cookie", "authorization", "token", "password", "secret", "session",
	"geo", "latitude", "longitude", "referer", "referrer", "request_headers", "uniques", "subject",
}

// replacedText takes the place of a personal text.
const replacedText = `"(replaced)"`

// withoutPersons is an event with its personal fields replaced: texts by a note, numbers by 0. Of what is not JSON nothing is left: what is in it cannot
// be told.
func withoutPersons(event []byte) []byte {
	if rawjson.Check(event) != nil {
		return nil
	}
	return appendWithout(nil, bytes.TrimSpace(event), false)
}

// appendWithout appends a value; hidden tells that it belongs to a personal field.
func appendWithout(b, value []byte, hidden bool) []byte {
	switch c := value[0]; {
	case c == '{':
		b = append(b, '{')
		for i, m := 0, rawjson.NewMembers(value); m.Next(); i++ {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(b, m.Key()...), ':')
			b = appendWithout(b, m.Value(), hidden || isPersonal(m.Key()))
		}
		return append(b, '}')
	case c == '[':
		b = append(b, '[')
		for i, e := 0, rawjson.NewElements(value); e.Next(); i++ {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendWithout(b, e.Value(), hidden)
		}
		return append(b, ']')
	case hidden && c == '"':
		return append(b, replacedText...)
	case hidden && (c == '-' || c >= '0' && c <= '9'):
		return append(b, '0')
	}
	return append(b, value...)
}

// wordStart is where a word begins inside a name: userText.
var wordStart = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// isPersonal compares words, so that "ip" is not found in "description".
func isPersonal(key []byte) bool {
	name := strings.ToLower(strings.ReplaceAll(wordStart.ReplaceAllString(string(rawjson.AppendUnquoted(nil, key)), "${1}_${2}"), "-", "_"))
	for _, word := range personal {
		if name == word || strings.HasPrefix(name, word+"_") || strings.HasSuffix(name, "_"+word) || strings.Contains(name, "_"+word+"_") ||
			len(word) > 4 && strings.Contains(name, word) {
			return true
		}
	}
	return false
}
