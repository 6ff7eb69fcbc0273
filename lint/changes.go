package lint

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/streamconfig"
)

// changes tells what a new configuration does to those who use the old one.
func changes(old, now *streamconfig.Config) []Change {
	before, after := index(old), index(now)
	list := []Change{}
	renamed := map[string]string{} // old name to new
	for _, s := range now.Streams() {
		for _, alias := range s.Aliases {
			if before[alias] != nil && after[alias] == nil {
				renamed[alias] = s.Name
			}
		}
	}
	for _, s := range old.Streams() {
		if after[s.Name] != nil {
			continue
		}
		users := consuming(s)
		if next := renamed[s.Name]; next != "" {
			writable := "it can be read by its old name, but not written"
			if after[next].AliasesWritable {
				writable = "it can be read and written by its old name"
			}
			list = append(list, Change{
				Kind: "renamed", Stream: next, Was: s.Name, Consumers: users,
				Message: fmt.Sprintf("was %s; %s", s.Name, writable),
			})
			if topics := strings.Join(s.Topics, ", "); topics != strings.Join(after[next].Topics, ", ") {
				list[len(list)-1].Message += fmt.Sprintf("; what is in the old topics (%s) is not in the new ones: keep them under topics to read it", topics)
			}
			continue
		}
		list = append(list, Change{
			Kind: "removed", Stream: s.Name, Breaking: true, Consumers: users,
			Message: "is not declared any more: its events are refused and it cannot be read; keep the name as an alias if it was renamed",
		})
	}
	for _, s := range now.Streams() {
		was := before[s.Name]
		if was == nil {
			if !slices.ContainsFunc(s.Aliases, func(a string) bool { return renamed[a] == s.Name }) {
				list = append(list, Change{Kind: "added", Stream: s.Name, Message: "is new: schema " + s.SchemaTitle + ", topics " + strings.Join(s.Topics, ", ")})
			}
			continue
		}
		list = append(list, changed(was, s)...)
	}
	return list
}

func index(c *streamconfig.Config) map[string]*streamconfig.Stream {
	m := make(map[string]*streamconfig.Stream, len(c.Streams()))
	for _, s := range c.Streams() {
		m[s.Name] = s
	}
	return m
}

// changed tells what is different in a stream that stays.
func changed(was, now *streamconfig.Stream) []Change {
	var list []Change
	tell := func(breaking bool, format string, args ...any) {
		list = append(list, Change{Kind: "changed", Stream: now.Name, Breaking: breaking, Consumers: consuming(was), Message: fmt.Sprintf(format, args...)})
	}
	if was.SchemaTitle != now.SchemaTitle {
		tell(true, "schema_title was %q and is %q: events of another schema under the same name; declare another stream for them", was.SchemaTitle, now.SchemaTitle)
	}
	if a, b := strings.Join(was.Topics, ", "), strings.Join(now.Topics, ", "); a != b {
		lost := slices.ContainsFunc(was.Topics, func(topic string) bool { return !slices.Contains(now.Topics, topic) })
		tell(lost, "topics were %s and are %s", a, b)
	}
	if a, b := fmt.Sprint(was.MessageKeyFields), fmt.Sprint(now.MessageKeyFields); a != b {
		tell(true, "message_key_fields were %s and are %s: events with the same key go to other partitions, compaction and joins break", a, b)
	}
	if was.DestinationEventService != now.DestinationEventService {
		tell(false, "destination_event_service was %q and is %q: producers must move", was.DestinationEventService, now.DestinationEventService)
	}
	for _, alias := range was.Aliases {
		if !slices.Contains(now.Aliases, alias) {
			tell(true, "the alias %s is gone: the stream cannot be read by that name", alias)
		}
	}
	if was.Deprecated == nil && now.Deprecated != nil {
		tell(false, "is deprecated%s", until(now.Deprecated))
	}
	if len(list) == 0 && !bytes.Equal(was.Settings, now.Settings) {
		tell(false, "other settings are different")
	}
	return list
}

func until(d *streamconfig.Deprecation) string {
	text := ""
	if d.Sunset != "" {
		text += " and gone after " + d.Sunset
	}
	if d.Successor != "" {
		text += ", to be replaced by " + d.Successor
	}
	return text
}
