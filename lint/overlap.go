package lint

import (
	"regexp/syntax"
	"strings"

	"github.com/eventplatform/eventplatform/streamconfig"
)

const maxTopicLength = 249

// topics checks the names of topics, and that no two streams share one.
func (c *checker) topics() {
	owner := map[string]*streamconfig.Stream{}
	for _, s := range c.Streams.Streams() {
		for _, topic := range s.Topics {
			if strings.HasPrefix(topic, "/") {
				continue
			}
			if !legalTopic(topic) {
				c.find("topic-name", Error, s, "use letters, digits and ._- (at most 249)", "Kafka refuses the topic name %q", topic)
				continue
			}
			other, taken := owner[topic]
			if taken && other != s {
				c.find("topic-collision", Error, s, "give each stream topics of its own", "its topic %s is also that of stream %s (%s)", topic, other.Name, other.Source)
			}
			owner[topic] = s
		}
	}
}

func legalTopic(name string) bool {
	if name == "" || name == "." || name == ".." || len(name) > maxTopicLength {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}

// patterns checks regex streams against those before them: the first that matches wins. Whether two expressions overlap is tried on names that the later
// one matches: a few of every shape that it has.
func (c *checker) patterns() {
	var earlier []*streamconfig.Stream
	for _, s := range c.Streams.Streams() {
		if !s.IsRegex {
			continue
		}
		names := samples(s)
		for _, before := range earlier {
			hit := 0
			example := ""
			for _, name := range names {
				if before.Matches(name) {
					hit++
					example = name
				}
			}
			switch {
			case hit == 0:
			case hit == len(names):
				c.find("regex-shadowed", Warning, s, "put the narrower expression first", "all names that it is for go to %s (%s), which stands before it", before.Name, before.Source)
			default:
				c.find("regex-overlap", Warning, s, "make them exclude each other, or put the narrower one first", "some names that it is for, such as %q, go to %s (%s), which stands before it", example, before.Name, before.Source)
			}
		}
		earlier = append(earlier, s)
	}
}

// maxSamples bounds the names that are tried for one expression.
const maxSamples = 64

// samples are names that a regex stream matches.
func samples(s *streamconfig.Stream) []string {
	end := strings.LastIndexByte(s.Name, '/')
	tree, err := syntax.Parse(s.Name[1:end], syntax.Perl)
	if err != nil {
		return nil // an expression with look-around: nothing is known of it
	}
	var names []string
	for _, text := range expand(tree.Simplify()) {
		// An expression without anchors is for names with something around it as well.
		for _, name := range []string{text, "x" + text, text + "x"} {
			if name != "" && s.Matches(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// expand gives texts that a syntax tree matches, some of each alternative.
func expand(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		var list []string
		for i := 0; i+1 < len(re.Rune) && len(list) < 8; i += 2 {
			lo, hi := re.Rune[i], re.Rune[i+1]
			usual := false
			for _, c := range "aZ0_-." {
				if c >= lo && c <= hi {
					list, usual = append(list, string(c)), true
				}
			}
			if !usual {
				list = append(list, string(lo))
				if hi != lo {
					list = append(list, string(hi))
				}
			}
		}
		return list
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"a", "0", "."}
	case syntax.OpCapture:
		return expand(re.Sub[0])
	case syntax.OpStar:
		return append([]string{""}, expand(re.Sub[0])...)
	case syntax.OpPlus:
		one := expand(re.Sub[0])
		return cross(one, append([]string{""}, one...))
	case syntax.OpQuest:
		return append([]string{""}, expand(re.Sub[0])...)
	case syntax.OpAlternate:
		var list []string
		for _, sub := range re.Sub {
			list = append(list, expand(sub)...)
		}
		return bounded(list)
	case syntax.OpConcat:
		list := []string{""}
		for _, sub := range re.Sub {
			list = cross(list, expand(sub))
		}
		return list
	}
	return []string{""}
}

func cross(a, b []string) []string {
	var list []string
	for _, y := range b {
		for _, x := range a {
			list = append(list, x+y)
		}
	}
	return bounded(list)
}

// bounded keeps some of a list, from all its parts.
func bounded(list []string) []string {
	if len(list) <= maxSamples {
		return list
	}
	kept := make([]string, 0, maxSamples)
	for i := range maxSamples {
		kept = append(kept, list[i*len(list)/maxSamples])
	}
	return kept
}
