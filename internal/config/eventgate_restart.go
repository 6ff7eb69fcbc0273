package config

// atReload are the settings of an intake's conf that a reload takes over: those of the gate and its HTTP side, and the schemas to be looked at. Everything
// else was opened with the settings of the start.
var atReload = map[string]bool{
	"max_body_size": true, "cors": true, "csp": true, "schema_uri_field": true, "schema_precache_uris": true, "schema_uri_query_param": true,
	"allow_absolute_schema_uris": true, "stream_field": true, "stream_query_param": true, "id_field": true, "dt_field": true, "topic_prefix": true,
	"error_stream": true, "refuse_other_major": true, "enrich_fields_from_http_headers": true, "http_request_headers_to_fields": true, "trusted_proxies": true, "transforms": true,
	"test_kitchen": true, "test_events": true,
}

// NeedRestart lists the settings in which the file differs from what it was and that a reload does not take over, each with its line.
func (c *EventGate) NeedRestart(before *EventGate) []Note {
	d := difference{file: c.file}
	d.between("", before.root, c.root)
	return d.notes
}

// difference is what differs between two states of a file.
type difference struct {
	file  string
	notes []Note
}

// between compares two values at a place; objects member by member.
func (d *difference) between(path string, before, after *node) {
	if path == "services" && before.kind == kindList && after.kind == kindList { // of one, or the file would not have been read
		d.between(path+"[0]", before.items[0], after.items[0])
		return
	}
	if before.kind != kindObject || after.kind != kindObject {
		if string(before.appendJSON(nil)) != string(after.appendJSON(nil)) {
			d.note(path, after.line, "has changed, which takes effect at the next start")
		}
		return
	}
	for i, key := range after.keys {
		switch old := before.get(key); {
		case d.skips(path, key):
		case old == nil:
			d.note(join(path, key), after.at[i], "is new, which takes effect at the next start")
		default:
			d.between(join(path, key), old, after.items[i])
		}
	}
	for _, key := range before.keys {
		if after.get(key) == nil && !d.skips(path, key) {
			d.note(join(path, key), after.line, "is gone, which takes effect at the next start")
		}
	}
}

func (d *difference) note(path string, line int, text string) {
	d.notes = append(d.notes, Note{File: d.file, Line: line, Key: path, Text: text})
}

// skips says whether a member needs no restart: a reload takes it over, or the program never looks at it.
func (d *difference) skips(path, key string) bool {
	switch path {
	case "":
		return key == "num_workers" || key == "worker_heap_limit_mb" || key == "worker_heartbeat_timeout"
	case "services.conf", "services[0].conf":
		return atReload[key]
	}
	return false
}
