package kafka

// Header is one record header. Keys may repeat; order is kept.
type Header struct {
	Key   string
	Value []byte
}

// TopicPartition names one partition.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// Record is one record of a topic, to be produced or as it was read.
type Record struct {
	Topic string
	// Partition is where the record was read. On produce it is not looked at: the key decides, see [Producer].
	Partition int32
	// Offset is where the record was read. On produce it is not looked at.
	Offset int64
	// Timestamp is in milliseconds since the epoch. On produce 0 means now.
	Timestamp int64
	// Key may be nil (no key), which is not the same as empty.
	Key []byte
	// Value may be nil (a tombstone), which is not the same as empty.
	Value   []byte
	Headers []Header
}
