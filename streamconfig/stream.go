package streamconfig

import "encoding/json"

// Stream is one declaration, merged with the defaults. It is shared and must not be changed.
type Stream struct {
	// Name is the declared name; of a regex stream the text of the regular expression with its slashes and flags.
	Name string
	// IsRegex is true if Name begins with "/": the declaration stands for all streams that it matches.
	IsRegex bool
	// SchemaTitle is the title that the schema of the stream's events has. Empty if it was not declared.
	SchemaTitle string
	// Description says what the stream is, for people.
	Description string
	// DestinationEventService names the intake that accepts the stream.
	DestinationEventService string
	// Topics are the Kafka topics that hold the stream, declared or computed from TopicPrefixes; of a regex stream without declared topics one
	// regular expression in slashes. TopicsFor gives the topics of a concrete name.
	Topics []string
	// TopicPrefixes are what is put before the stream's name to get its topics. Nil if the setting is missing or null.
	TopicPrefixes []string
	// TopicSettings is what the stream's topics are created with by who creates them (topic_settings, a setting of ours).
	TopicSettings TopicSettings
	// MessageKeyFields are the members of the Kafka key, in declared order.
	MessageKeyFields []KeyField
	// EnrichFromHeaders says which event fields are filled from which HTTP request headers (producers.eventgate.enrich_fields_from_http_headers),
	// in declared order.
	EnrichFromHeaders []HeaderField
	// UseEdgeUniques is producers.eventgate.use_edge_uniques.
	UseEdgeUniques bool
	// CanaryEventsEnabled says whether canary events are to be produced to the stream.
	CanaryEventsEnabled bool
	// Aliases are old names of the stream. They can be read, and written if AliasesWritable.
	Aliases         []string
	AliasesWritable bool
	// Deprecated is nil unless the stream is going to be removed.
	Deprecated *Deprecation
	// Settings are all merged settings as one JSON object in answer order, with "stream" and "topics".
	Settings json.RawMessage
	// Source is where the stream is declared.
	Source Position

	settings    *value   // merged, before topics are computed: what constraints look at
	declared    *value   // as declared, before merging
	match       *pattern // of a regex stream
	topicsValue *value   // Topics as answered
	fixedTopics bool     // Topics are declared, whatever the name
	unnamed     bool     // named by its index in a list
}

// TopicSettings are of new topics of a stream. Zero values leave it to the defaults of who creates them.
type TopicSettings struct {
	Partitions int32
	Replicas   int16
	// Configs are topic configurations as Kafka names them, such as retention.ms.
	Configs map[string]string
}

// KeyField is one member of a Kafka key: Path is the dotted path of the event's field, Key the dotted path of the member of the key.
type KeyField struct{ Key, Path string }

// HeaderField says that the event field at a dotted path is filled from an HTTP header. An empty Header switches a default off.
type HeaderField struct{ Field, Header string }

// Deprecation says that a stream is going to be removed.
type Deprecation struct {
	Since     string // date, YYYY-MM-DD; may be empty
	Sunset    string // date after which the stream may be gone, YYYY-MM-DD; may be empty
	Successor string // the stream to use instead; may be empty
	Reason    string
}

// Position is a place in a source. Line and Column count from 1; 0 is unknown.
type Position struct {
	File   string
	Line   int
	Column int
}
