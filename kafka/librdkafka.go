package kafka

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Ignored is a librdkafka setting that has no meaning here, and why.
type Ignored struct {
	Key    string
	Reason string
}

// ConfigError says which setting cannot work, and why.
type ConfigError struct {
	Key string
	Msg string
}

func (e *ConfigError) Error() string { return e.Key + ": " + e.Msg }

// ProducerFromLibrdkafka reads librdkafka's setting names, global and topic ones together, as node-rdkafka takes them. Values may be strings, numbers or
// booleans. It returns what has no meaning here, by key; an unknown name, or a value that cannot work, is a *[ConfigError]. Where librdkafka's default
// differs from this package's and others can see the difference, librdkafka's holds: keys choose partitions by CRC-32.
func ProducerFromLibrdkafka(conf map[string]any) (ProducerConfig, []Ignored, error) {
	r := rdkafka{}
	r.producer.Partitioner = "crc32"
	if err := r.read(conf, producerSettings, logSettings, "it is for consumers"); err != nil {
		return ProducerConfig{}, nil, err
	}
	r.producer.Connection = r.conn
	return r.producer, r.ignored, nil
}

// LogFromLibrdkafka reads librdkafka's setting names for a consumer, as ProducerFromLibrdkafka does.
func LogFromLibrdkafka(conf map[string]any) (LogConfig, []Ignored, error) {
	r := rdkafka{}
	if err := r.read(conf, logSettings, producerSettings, "it is for producers"); err != nil {
		return LogConfig{}, nil, err
	}
	r.log.Connection = r.conn
	return r.log, r.ignored, nil
}

// rdkafka is what is being read.
type rdkafka struct {
	conn     Connection
	producer ProducerConfig
	log      LogConfig
	tls      rdkafkaTLS
	sasl     SASL
	protocol string
	ignored  []Ignored
}

// A setting reads a value. A reason means that this value has no effect here.
type setting func(r *rdkafka, v value) (reason string, err error)

func (r *rdkafka) read(conf map[string]any, own, others map[string]setting, notOurs string) error {
	for _, key := range slices.Sorted(maps.Keys(conf)) { // in one order, so that errors and synonyms do not depend on chance
		reason, err := r.readOne(key, value{conf[key]}, own, others, notOurs)
		if err != nil {
			return &ConfigError{Key: key, Msg: err.Error()}
		}
		if reason != "" {
			r.ignored = append(r.ignored, Ignored{key, reason})
		}
	}
	return r.finish()
}

func (r *rdkafka) readOne(key string, v value, own, others map[string]setting, notOurs string) (string, error) {
	if read, ok := connectionSettings[key]; ok {
		return read(r, v)
	}
	if read, ok := own[key]; ok {
		return read(r, v)
	}
	if _, ok := others[key]; ok {
		return notOurs, nil
	}
	if reason, ok := ignoredSettings[key]; ok {
		return reason, nil
	}
	if reason, ok := refusedSettings[key]; ok {
		return "", fmt.Errorf("it is not supported: %s", reason)
	}
	return "", fmt.Errorf("there is no such setting; the nearest is %s", nearest(key, settingNames()))
}

// finish puts together what several settings decide.
func (r *rdkafka) finish() error {
	wantTLS, wantSASL := false, false
	switch r.protocol {
	case "", "plaintext":
	case "ssl":
		wantTLS = true
	case "sasl_plaintext":
		wantSASL = true
	case "sasl_ssl":
		wantTLS, wantSASL = true, true
	default:
		return &ConfigError{Key: "security.protocol", Msg: fmt.Sprintf("%q: it is plaintext, ssl, sasl_plaintext or sasl_ssl", r.protocol)}
	}
	if wantTLS {
		cfg, err := r.tls.config()
		if err != nil {
			return err
		}
		r.conn.TLS = cfg
	}
	if wantSASL {
		if _, err := r.sasl.mechanism(); err != nil {
			return &ConfigError{Key: "sasl.mechanism", Msg: err.Error()}
		}
		if r.sasl.User == "" {
			return &ConfigError{Key: "sasl.username", Msg: "it is missing, and security.protocol " + r.protocol + " wants it"}
		}
		r.conn.SASL = &r.sasl
	}
	return nil
}

func settingNames() []string {
	var names []string
	for _, m := range []map[string]setting{connectionSettings, producerSettings, logSettings} {
		names = slices.AppendSeq(names, maps.Keys(m))
	}
	names = slices.AppendSeq(names, maps.Keys(ignoredSettings))
	names = slices.AppendSeq(names, maps.Keys(refusedSettings))
	slices.Sort(names)
	return names
}

// nearest returns the name that the fewest changes of a character make of the given one; the first of equals.
func nearest(name string, names []string) string {
	best, least := "", len(name)+1000
	for _, n := range names {
		if d := distance(strings.ToLower(name), n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is Levenshtein's: insertions, deletions and replacements of a byte.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
