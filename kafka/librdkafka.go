package kafka

// Ignored is a librdkafka setting that has no meaning here, and why.
type Ignored struct {
	Key    string
	Reason string
}

// ProducerFromLibrdkafka reads librdkafka's configuration names (as node-rdkafka takes them) into a producer's configuration. It returns the
// settings that have no meaning here; unknown names and values that cannot work are errors.
func ProducerFromLibrdkafka(conf map[string]any) (ProducerConfig, []Ignored, error) {
	return ProducerConfig{}, nil, nil
}

// LogFromLibrdkafka reads librdkafka's configuration names into a log's configuration, as ProducerFromLibrdkafka does.
func LogFromLibrdkafka(conf map[string]any) (LogConfig, []Ignored, error) {
	return LogConfig{}, nil, nil
}
