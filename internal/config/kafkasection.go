package config

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/kafka"
)

// setting is one librdkafka setting of a merged section.
type setting struct {
	path string
	line int
	item *node
}

// settings are librdkafka settings by their names.
type settings map[string]setting

// add puts an object's members over what is there.
func (s settings) add(r *reading, path string, n *node) {
	if n.isNull() {
		return
	}
	if n.kind != kindObject {
		r.fault(n.line, path, "is %s: it must be an object of librdkafka's settings", n.kind)
		return
	}
	for i, key := range n.keys {
		if !n.items[i].isNull() {
			s[key] = setting{path: join(path, key), line: n.at[i], item: n.items[i]}
		}
	}
}

func (s settings) values() map[string]any {
	out := make(map[string]any, len(s))
	for key, v := range s {
		if v.item.kind == kindList { // brokers may be a list
			parts := make([]string, len(v.item.items))
			for i, item := range v.item.items {
				parts[i] = item.text
			}
			out[key] = strings.Join(parts, ",")
			continue
		}
		out[key] = v.item.value()
	}
	return out
}

// brokerKeys are the two names of the list of brokers.
var brokerKeys = []string{"metadata.broker.list", "bootstrap.servers"}

// connect puts the brokers of the command line into the settings, and sees to it that there are any.
func (r *reading) connect(s settings, path string, line int) bool {
	if len(r.over.Kafka) == 0 {
		if !slices.ContainsFunc(brokerKeys, func(key string) bool { _, ok := s[key]; return ok }) {
			r.fault(line, path, "names no brokers: set metadata.broker.list, or give --kafka HOST:PORT")
			return false
		}
		r.certificates(s)
		return true
	}
	brokers, secure := r.overridden()
	for _, key := range brokerKeys {
		delete(s, key)
	}
	if !secure {
		for key, v := range s {
			if key == "security.protocol" || strings.HasPrefix(key, "ssl.") || strings.HasPrefix(key, "sasl.") || key == "enable.ssl.certificate.verification" {
				delete(s, key)
				r.ignore(v.line, v.path, "brokers given as --kafka HOST:PORT are spoken to in plain text; write ssl://HOST:PORT to keep the file's security settings")
			}
		}
	}
	s[brokerKeys[0]] = setting{path: "--kafka", item: &node{kind: kindText, text: strings.Join(brokers, ",")}}
	r.certificates(s)
	return true
}

// overridden returns the brokers of the command line, and whether they are to be spoken to as the file says.
func (r *reading) overridden() (brokers []string, secure bool) {
	for _, b := range r.over.Kafka {
		host, marked := strings.CutPrefix(b, "ssl://")
		secure = secure || marked
		brokers = append(brokers, host)
	}
	return brokers, secure
}

// certificates leaves out the files that are not on this machine if the file is only checked.
func (r *reading) certificates(s settings) {
	if !r.over.Checking {
		return
	}
	for key, v := range s {
		if !strings.HasPrefix(key, "ssl.") || !strings.HasSuffix(key, ".location") {
			continue
		}
		if _, err := os.Stat(v.item.text); err != nil {
			r.warn(v.line, v.path, "%s is not on this machine", v.item.text)
			delete(s, key)
		}
	}
}

// readSettings has the settings read by kafka's own function. What it refuses is reported and left out, so that everything wrong is found.
func readSettings[C any](r *reading, s settings, path string, line int, parse func(map[string]any) (C, []kafka.Ignored, error)) C {
	for {
		c, ignored, err := parse(s.values())
		if err == nil {
			for _, i := range ignored {
				r.ignore(s[i.Key].line, s[i.Key].path, "%s", i.Reason)
			}
			return c
		}
		var wrong *kafka.ConfigError
		if !errors.As(err, &wrong) {
			r.fault(line, path, "%v", err)
			return c
		}
		at, ok := s[wrong.Key]
		if !ok {
			r.fault(line, join(path, wrong.Key), "%s", wrong.Msg)
			return c
		}
		r.fault(at.line, at.path, "%s", wrong.Msg)
		delete(s, wrong.Key)
	}
}
