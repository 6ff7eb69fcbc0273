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

// ignored lists the settings that have no meaning here.
func (r *reading) ignored(s settings, list []kafka.Ignored) {
	for _, i := range list {
		r.ignore(s[i.Key].line, s[i.Key].path, "%s", i.Reason)
	}
}

// wrong makes faults of what the settings were refused for, each at the setting it names.
func (r *reading) wrong(s settings, path string, line int, err error) {
	for _, one := range leaves(err) {
		key, message := "", one.Error()
		for k := range s {
			if strings.Contains(message, k) && len(k) > len(key) {
				key = k
			}
		}
		if key == "" {
			r.fault(line, path, "%s", message)
			continue
		}
		for _, prefix := range []string{key + ": ", `"` + key + `": `} {
			message = strings.TrimPrefix(message, prefix)
		}
		r.fault(s[key].line, s[key].path, "%s", message)
	}
}

// leaves are the errors that were joined.
func leaves(err error) []error {
	var joined interface{ Unwrap() []error }
	if err == nil || !errors.As(err, &joined) {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var out []error
	for _, e := range joined.Unwrap() {
		out = append(out, leaves(e)...)
	}
	return out
}
