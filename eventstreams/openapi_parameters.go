package eventstreams

var parameterLastEventID = object{{"name", "Last-Event-ID"}, {"in", "header"},
	{"description", "Where to go on: the id of the last event that was received, as it is. Also a list of topics, partitions and offsets or timestamps from " +
		"which to begin; only topics of the streams can be named. Example: `[{\"topic\": \"datacenter1.topic\", \"partition\": 0, \"offset\": 12345}]`. " +
		"Clients that cannot set headers send it as the query parameter lastEventId.\n"},
	{"schema", object{{"type", "array"}, {"items", object{{"type", "object"}, {"properties", object{
		{"topic", object{{"type", "string"}}}, {"partition", object{{"type", "integer"}}}, {"offset", object{{"type", "integer"}}},
		{"timestamp", object{{"type", "integer"}}}, {"at", object{{"type", "string"}}}}}}}}}}

var parameterSince = object{{"name", "since"}, {"in", "query"},
	{"description", "The time to begin at: milliseconds since the epoch (UTC), or a date as `Date.parse()` reads it. Streams for which Last-Event-ID says where " +
		"to go on are not affected. A time after the newest event means the end. How far back there are events depends on the stream: usually one to a few weeks.\n"},
	{"schema", object{{"type", "string"}}}}

// narrowing are the parameters that leave out events or parts of them, end a stream, or have more told.
var narrowing = []object{
	queryText("filter", true, "Only events that this expression (CEL) holds for. event is the event, topic its topic, timestamp when it was written to the log. The fields are those of "+
		"the streams' schemas; event['$schema'] for names that are no identifiers. A comparison with a field that is missing is false. Repeatable: all must hold. "+
		"Example: `event.wiki == \"enwiki\" && !event.bot`"),
	queryText("where", true, "Only events with this value in this field: `field:value`, fields in dotted form. Repeatable: values of one field are alternatives, fields must all hold. "+
		"Example: `where=wiki:enwiki&where=wiki:dewiki&where=bot:false`"),
	queryText("fields", true, "Only these fields of events, with commas between them. Example: `fields=title,meta.dt`"),
	{{"name", "canary"}, {"in", "query"}, {"description", "false leaves out events that only test the platform."}, {"schema", object{{"type", "boolean"}, {"default", true}}}},
	queryText("until", false, "The time to end at, in the forms of since: the stream ends before the first event at or after it."),
	{{"name", "limit"}, {"in", "query"}, {"description", "The number of events to end after."}, {"schema", object{{"type", "integer"}, {"minimum", 1}}}},
	{{"name", "control"}, {"in", "query"}, {"description", "true has gaps and the server's own ends told as events of the types gap and reconnect."},
		{"schema", object{{"type", "boolean"}, {"default", false}}}},
	{{"name", "position"}, {"in", "query"}, {"description", "true has the stream begin with an event of the type position, whose id is where it begins: a client that is cut before its first event can go on there."},
		{"schema", object{{"type", "boolean"}, {"default", false}}}},
}

// queryText is a query parameter.
func queryText(name string, repeatable bool, description string) object {
	schema := object{{"type", "string"}}
	if repeatable {
		schema = object{{"type", "array"}, {"items", object{{"type", "string"}}}}
	}
	return object{{"name", name}, {"in", "query"}, {"description", description}, {"schema", schema}}
}

// conditionsBody describes the body of a POST.
var conditionsBody = object{{"required", true}, {"content", object{{"application/json", object{{"schema", object{{"type", "object"}, {"additionalProperties", false},
	{"properties", object{
		{"where", object{{"type", "object"}, {"description", "Field in dotted form: its value, or a list of values of which it may have any."}}},
		{"filter", object{{"type", "string"}}},
		{"fields", object{{"type", "array"}, {"items", object{{"type", "string"}}}}},
	}}}}, {"example", object{{"where", object{{"title", []string{"Earth", "Moon"}}}}, {"filter", "event.namespace == 0"}, {"fields", []string{"title", "meta.dt"}}}}}}}}}
