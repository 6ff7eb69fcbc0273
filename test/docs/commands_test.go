package docs

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mention is a command line of ours in a page.
type mention struct {
	where string
	words []string
}

var inline = regexp.MustCompile("`(eventplatform [a-z][^`]*)`")

// mentions finds the command lines in shell blocks and in the text.
func (p *page) mentions() (all []mention) {
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.lang != "sh" && b.lang != "" {
			continue
		}
		for line := range strings.SplitSeq(strings.ReplaceAll(b.text, "\\\n", " "), "\n") {
			line = strings.ReplaceAll(line, "go run ./cmd/eventplatform", "eventplatform")
			for _, part := range regexp.MustCompile(`(?:^|[|;&(] *|\$ )eventplatform [a-z].*`).FindAllString(line, -1) {
				all = append(all, mention{p.path, words(part[strings.Index(part, "eventplatform"):])})
			}
		}
	}
	for _, m := range inline.FindAllStringSubmatch(p.prose, -1) {
		all = append(all, mention{p.path, words(m[1])})
	}
	return all
}

// words splits a shell command into words, as far as its first pipe, redirection or end.
func words(line string) (all []string) {
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case strings.ContainsRune("|;&<>()#", r) && !begun:
			return all
		case strings.ContainsRune("|;&<>)", r):
			return append(all, word.String())
		case r == ' ' || r == '\n' || r == '\t':
			if begun {
				all = append(all, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		all = append(all, word.String())
	}
	return all
}

// Every command that a page names exists, with the flags that it names.
func TestCommandsExist(t *testing.T) {
	known := map[string]string{} // help by command
	help := func(command []string) (string, bool) {
		key := strings.Join(command, " ")
		if text, ok := known[key]; ok {
			return text, text != ""
		}
		out, err := exec.Command(filepath.Join(bin, "eventplatform"), append(slices.Clone(command), "--help")...).Output()
		if err != nil {
			out = nil
		}
		known[key] = string(out)
		return known[key], err == nil
	}
	count := 0
	for _, p := range pages(t) {
		for _, m := range p.mentions() {
			count++
			command := m.words[1:2]
			text, ok := help(command)
			if !ok {
				t.Errorf("%s: there is no command eventplatform %s", m.where, m.words[1])
				continue
			}
			if strings.Contains(text, "Commands:") && len(m.words) > 2 && !strings.HasPrefix(m.words[2], "-") {
				command = m.words[1:3]
				if text, ok = help(command); !ok {
					t.Errorf("%s: there is no command eventplatform %s", m.where, strings.Join(command, " "))
					continue
				}
			}
			for _, word := range m.words[1+len(command):] {
				flag, _, _ := strings.Cut(word, "=")
				if strings.HasPrefix(flag, "-") && !regexp.MustCompile(`(^|[\s,])`+regexp.QuoteMeta(flag)+`([\s,=]|$)`).MatchString(text) && flag != "--help" && flag != "-" {
					t.Errorf("%s: eventplatform %s has no flag %s", m.where, strings.Join(command, " "), flag)
				}
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d commands were found", count)
	}
}
