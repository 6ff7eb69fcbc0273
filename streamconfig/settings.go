package streamconfig

import "fmt"

// stream merges a declaration with the defaults, checks it and reads the settings that the platform uses. It returns nil if the stream cannot be used.
func (b *builder) stream(decl declaration) *Stream {
	settings := merge(b.defaults, decl.settings)
	settings.set("stream", stringValue(decl.name))
	s := &Stream{
		Name:     decl.name,
		Source:   decl.settings.position(),
		settings: settings,
		declared: decl.settings,
		unnamed:  decl.unnamed,
	}
	faults := len(b.faults)
	if len(decl.name) > 0 && decl.name[0] == '/' {
		s.IsRegex = true
		p, err := compilePattern(decl.name)
		if err != nil {
			b.fault(Fault{
				Pos: s.Source, Pointer: decl.pointer,
				Message: fmt.Sprintf("invalid regex %q: %v", decl.name, err),
				Remedy:  `a name that begins with "/" is a regular expression: write /pattern/ and flags such as i`,
			})
			return nil
		}
		s.match = p
	}
	if !b.checkLists(settings, decl.pointer) {
		return nil
	}
	b.read(s, decl.pointer)
	if len(b.faults) > faults {
		return nil
	}
	s.TopicPrefixes, _ = settings.get("topic_prefixes").strings()
	s.setTopics()
	s.Settings = s.appendSettings(nil, s.topicsValue)
	return s
}

// checkLists checks the two settings that the reference checks.
func (b *builder) checkLists(settings *value, pointer string) bool {
	good := true
	for _, key := range []string{"topic_prefixes", "topics"} {
		v := settings.get(key)
		if _, ok := v.strings(); ok {
			continue
		}
		good = false
		f := Fault{
			Pos: v.position(), Pointer: pointerStep(pointer, key), Message: key + " is " + v.kind.String(),
			Remedy: `it must be a list of texts, for example ["eqiad.", "codfw."], or null`,
		}
		if v.kind == kindList {
			f.Message = "not every element of " + key + " is a string"
		}
		b.fault(f)
	}
	return good
}

// read fills the fields of a stream from its settings.
func (b *builder) read(s *Stream, pointer string) {
	v := s.settings
	wrong := func(at *value, path, must string) {
		b.fault(Fault{Pos: at.position(), Pointer: pointer + path, Message: path[1:] + " is " + at.kind.String(), Remedy: "it must be " + must})
	}
	text := func(key string) string {
		item := v.get(key)
		if !item.isNull() && item.kind != kindString {
			wrong(item, "/"+key, "a text")
		}
		return item.str()
	}
	s.SchemaTitle = text("schema_title")
	s.DestinationEventService = text("destination_event_service")
	s.Description = v.get("description").str()
	s.CanaryEventsEnabled = v.get("canary_events_enabled").isTrue()

	if fields := v.get("message_key_fields"); !fields.isNull() {
		if fields.kind != kindObject && !(fields.kind == kindList && len(fields.items) == 0) {
			wrong(fields, "/message_key_fields", `an object: key's member to event's field, for example {"wiki_id": "wiki_id"}`)
		}
		for i, key := range fields.keys {
			path := fields.items[i]
			if path.kind != kindString {
				wrong(path, pointerStep("/message_key_fields", key), "the dotted path of an event's field")
				continue
			}
			s.MessageKeyFields = append(s.MessageKeyFields, KeyField{Key: key, Path: path.text})
		}
	}
	eventgate := v.at("producers", "eventgate")
	s.UseEdgeUniques = eventgate.get("use_edge_uniques").isTrue()
	if headers := eventgate.get("enrich_fields_from_http_headers"); headers != nil && headers.kind == kindObject {
		for i, field := range headers.keys {
			s.EnrichFromHeaders = append(s.EnrichFromHeaders, HeaderField{Field: field, Header: headers.items[i].str()})
		}
	}
	s.readTopicSettings(wrong)
	b.life(s, wrong)
}

// life reads the settings for renaming and retiring a stream, which are ours.
func (b *builder) life(s *Stream, wrong func(at *value, path, must string)) {
	aliases, ok := s.settings.get("aliases").strings()
	if !ok {
		wrong(s.settings.get("aliases"), "/aliases", "a list of the stream's old names")
	}
	s.Aliases = aliases
	s.AliasesWritable = s.settings.get("aliases_writable").isTrue()
	switch d := s.settings.get("deprecated"); {
	case d.isNull(), d.kind == kindBool && !d.isTrue():
	case d.isTrue():
		s.Deprecated = &Deprecation{}
	case d.kind == kindObject:
		s.Deprecated = &Deprecation{
			Since: d.get("since").str(), Sunset: d.get("sunset").str(),
			Successor: d.get("successor").str(), Reason: d.get("reason").str(),
		}
	default:
		wrong(d, "/deprecated", `true, or an object of "since", "sunset" (dates), "successor" and "reason"`)
	}
}
