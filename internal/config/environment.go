package config

import (
	"bytes"
	"os"
	"regexp"
	"strings"
)

// placeholder is {env(NAME)} or {env(NAME,default)}, which stands for a variable of the environment anywhere in the file.
var placeholder = regexp.MustCompile(`\{env\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:,([^)]*))?\)\}`)

// environment replaces the placeholders. A comment keeps its own.
func (r *reading) environment(text []byte) []byte {
	if !bytes.Contains(text, []byte("{env(")) {
		return text
	}
	lines := strings.SplitAfter(string(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		lines[i] = placeholder.ReplaceAllStringFunc(line, func(match string) string {
			parts := placeholder.FindStringSubmatch(match)
			name, fallback := parts[1], strings.TrimSpace(parts[2])
			value, given := os.LookupEnv(name)
			switch {
			case given && strings.ContainsAny(value, "\r\n"):
				r.fault(i+1, "", "the environment variable %s has more than one line, which cannot stand in the place of {env(…)}", name)
				return fallback
			case given:
				return value
			case !strings.Contains(match, ","):
				r.warn(i+1, "", "the environment variable %s is not set and {env(%s)} has no default: nothing stands in its place", name, name)
			}
			return fallback
		})
	}
	return []byte(strings.Join(lines, ""))
}
