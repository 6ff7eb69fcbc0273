package streamconfig

import "strconv"

// Bounds of what Kafka can have.
const (
	maxPartitions = 100_000
	maxReplicas   = 100
)

// readTopicSettings reads what the stream's topics are created with: topic_settings {partitions, replicas, configs}.
func (s *Stream) readTopicSettings(wrong func(at *value, path, must string)) {
	const place = "/topic_settings"
	v := s.settings.get("topic_settings")
	if v.isNull() {
		return
	}
	if v.kind != kindObject {
		wrong(v, place, "an object of partitions, replicas and configs")
		return
	}
	count := func(key string, most int) int {
		item := v.get(key)
		if item.isNull() {
			return 0
		}
		n, err := strconv.Atoi(item.text)
		if item.kind != kindNumber || err != nil || n < 1 || n > most {
			wrong(item, pointerStep(place, key), "a whole number from 1 to "+strconv.Itoa(most))
		}
		return n
	}
	s.TopicSettings.Partitions = int32(count("partitions", maxPartitions))
	s.TopicSettings.Replicas = int16(count("replicas", maxReplicas))
	configs := v.get("configs")
	if configs.isNull() {
		return
	}
	if configs.kind != kindObject {
		wrong(configs, place+"/configs", `an object of topic configurations, for example {"retention.ms": 604800000}`)
		return
	}
	s.TopicSettings.Configs = make(map[string]string, len(configs.keys))
	for i, key := range configs.keys {
		item := configs.items[i]
		if item.isNull() || item.isArray() {
			wrong(item, pointerStep(place+"/configs", key), "a text, a number or a boolean")
			continue
		}
		s.TopicSettings.Configs[key] = item.text
	}
}
