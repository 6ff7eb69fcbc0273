package config

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// placeholder is {env(NAME)} or {env(NAME,default)}, which stands for a variable of the environment anywhere in the file.
var placeholder = regexp.MustCompile(`\{env\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:,([^)]*))?\)\}`)

// environment replaces the placeholders. A comment keeps its own.
func (r *reading) environment(text []byte) []byte {
	if !bytes.Contains(text, []byte("{env(")) {
		return text
	}
	commented := comments(string(text))
	return []byte(eachPlaceholder(string(text), func(match string, number, line int) string {
		if strings.Contains(commented, standIn(number)) {
			return match
		}
		return r.variable(match, line)
	}))
}

// eachPlaceholder replaces all placeholders, none of which is longer than its line. They and the lines count from 1.
func eachPlaceholder(text string, replace func(match string, number, line int) string) string {
	lines, number := strings.SplitAfter(text, "\n"), 0
	for i, line := range lines {
		lines[i] = placeholder.ReplaceAllStringFunc(line, func(match string) string {
			number++
			return replace(match, number, i+1)
		})
	}
	return strings.Join(lines, "")
}

// variable is what stands in the place of a placeholder.
func (r *reading) variable(match string, line int) string {
	parts := placeholder.FindStringSubmatch(match)
	name, fallback := parts[1], strings.TrimSpace(parts[2])
	value, given := os.LookupEnv(name)
	switch {
	case given && strings.ContainsAny(value, "\r\n"):
		r.fault(line, "", "the environment variable %s has more than one line, which cannot stand in the place of {env(…)}", name)
		return fallback
	case given:
		return value
	case !strings.Contains(match, ","):
		r.warn(line, "", "the environment variable %s is not set and {env(%s)} has no default: nothing stands in its place", name, name)
	}
	return fallback
}

// comments are all comments of the text, with stand-ins for the placeholders: which "#" begins one only YAML's lexer knows, and that would take a placeholder
// for an object.
func comments(text string) string {
	var all strings.Builder
	for _, t := range lexer.Tokenize(eachPlaceholder(text, func(_ string, number, _ int) string { return standIn(number) })) {
		if t.Type == token.CommentType {
			all.WriteString(t.Value)
		}
	}
	return all.String()
}

// standIn is a word for one placeholder, of letters that no file uses.
func standIn(number int) string { return "\ue000" + strconv.Itoa(number) + "\ue001" }
