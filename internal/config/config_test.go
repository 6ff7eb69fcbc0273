package config

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/internal/testshared"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// write makes a file of the text, with lines as they are in it.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// places are the lines and keys of notes, such as "12 services[0].conf.port".
func places(notes []Note) []string {
	var out []string
	for _, n := range notes {
		out = append(out, strings.TrimSpace(strings.Join([]string{strconv.Itoa(n.Line), n.Key}, " ")))
	}
	return out
}

// The files of production load as they are.
func TestProductionFiles(t *testing.T) {
	for _, file := range []string{"eventgate-main", "eventgate-analytics", "vectors-eventgate"} {
		t.Run(file, func(t *testing.T) {
			c, report := LoadEventGate(testshared.Path(t, "data/configs/"+file+".yaml"), Overrides{Checking: true})
			if err := report.Err(); err != nil {
				t.Fatal(err)
			}
			for _, n := range report.Ignored {
				if n.Text == "" || n.Line == 0 {
					t.Errorf("without reason or line: %+v", n)
				}
			}
			if file == "vectors-eventgate" {
				if c.Gate.Manner != eventgate.Generic || c.Listen != "127.0.0.1:18192" || c.Output != "" || c.Hasty != nil || c.Streams != nil || c.Handler.CORS != "*" {
					t.Errorf("read as %+v", c)
				}
				return
			}
			if c.Gate.Manner != eventgate.Wikimedia || c.Listen != "0.0.0.0:8192" || c.AdminListen != ":9102" || c.Name != file || c.Gate.TopicPrefix != "eqiad." ||
				c.Gate.ErrorStream != file+".error.validation" || c.Gate.UserAgent != "eventgate-production" || !c.NamedLevels || c.LogToStderr || c.Output != "" {
				t.Errorf("read as %+v", c)
			}
			if c.Handler.MaxBodyBytes != 10<<20 || c.Handler.CORS != "" || c.Handler.CSP != eventgate.DefaultCSP || len(c.Handler.TestEvents) != 1 ||
				string(c.Handler.TestEvents[0]) != `{"$schema":"/test/event/1.0.0","meta":{"stream":"`+file+`.test.event"}}` {
				t.Errorf("the HTTP side is read as %+v", c.Handler)
			}
			s := c.Streams.Client
			if !strings.HasSuffix(s.URI, "constraints=destination_event_service="+file) || s.Header.Get("Host") != "meta.wikimedia.org" || s.ObjectPath != "streams" ||
				s.Retries != 3 {
				t.Errorf("the stream configuration is read as %+v", s)
			}
			if ttl := s.TTL == time.Minute; ttl != (file == "eventgate-analytics") || s.Dynamic != ttl {
				t.Errorf("ttl %v, dynamic %v", s.TTL, s.Dynamic)
			}
			if c.Guaranteed.Linger != 10*time.Millisecond || c.Hasty.Linger != time.Second || c.Guaranteed.Compression != "snappy" || c.Hasty.MaxMessageBytes != 4194304 ||
				c.Guaranteed.TLS == nil || c.Guaranteed.ClientID != "eventgate-production-producer-guaranteed" || c.Hasty.ClientID != "eventgate-production-producer-hasty" {
				t.Errorf("the producers are read as %+v and %+v", c.Guaranteed, c.Hasty)
			}
		})
	}
	t.Run("eventstreams", func(t *testing.T) {
		c, report := LoadEventStreams(testshared.Path(t, "data/configs/eventstreams.yaml"), Overrides{Checking: true})
		if err := report.Err(); err != nil {
			t.Fatal(err)
		}
		if c.Listen != "0.0.0.0:8092" || c.AdminListen != ":9102" || c.Streamer.CORS != "*" || len(c.Streamer.AllowedStreams) != 21 || !c.UI ||
			c.Streamer.ClientIPConnectionLimit != 2 || c.Streamer.SchemaLatestVersion != "latest" || c.Streams.Client.Dynamic || c.Streams.Client.TTL != 0 {
			t.Errorf("read as %+v", c)
		}
		if pages := c.Streamer.RedactedPages["en.wikipedia.org"]; !slices.Equal(pages, []string{"Example page", "Пример страницы"}) {
			t.Errorf("redacted pages %q", pages)
		}
		if got := string(c.Streamer.StreamOverrides["rdf-streaming-updater.mutation.v2"]); got != `{"topics":["eqiad.rdf-streaming-updater.mutation"]}` {
			t.Errorf("an override is %s", got)
		}
		if got := string(c.Streamer.StreamDefaults["mediawiki.page-move"]); got != `{"stream_aliases":["page-move"]}` {
			t.Errorf("a default is %s", got)
		}
		if len(c.Log.Brokers) != 5 || c.Log.TLS == nil {
			t.Errorf("Kafka is read as %+v", c.Log)
		}
	})
}

// Brokers, schemas and streams of the command line win, and with them nothing of the file's security.
func TestOverrides(t *testing.T) {
	over := Overrides{
		Listen: "127.0.0.1:1", AdminListen: "127.0.0.1:2", Kafka: []string{"127.0.0.1:3", "127.0.0.1:4"}, Schemas: []string{"/s"}, Streams: []string{"/t"}, LogLevel: "trace",
	}
	c, report := LoadEventGate(testshared.Path(t, "data/configs/eventgate-main.yaml"), over)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if c.Listen != over.Listen || c.AdminListen != over.AdminListen || !slices.Equal(c.Guaranteed.Brokers, over.Kafka) || !slices.Equal(c.Hasty.Brokers, over.Kafka) ||
		c.Guaranteed.TLS != nil || !slices.Equal(c.Schemas.Bases, over.Schemas) || !slices.Equal(c.Streams.Sources, over.Streams) || c.LogLevel >= -4 {
		t.Errorf("read as %+v", c)
	}
	if !slices.Contains(places(report.Ignored), "64 services[0].conf.kafka.conf.security.protocol") {
		t.Errorf("it is not said that the file's security is left out: %v", places(report.Ignored))
	}
	if _, report := LoadEventGate(write(t, "services: [{conf: {schema_base_uris: [/s], output_path: '-'}}]"), Overrides{LogLevel: "loud"}); report.Err() == nil {
		t.Error("a log level that does not exist was taken")
	}
}

func TestSecureOverride(t *testing.T) {
	file := write(t, "services: [{conf: {schema_base_uris: [/s], kafka: {conf: {metadata.broker.list: 'a:1', security.protocol: ssl}}}}]")
	c, report := LoadEventGate(file, Overrides{Kafka: []string{"ssl://b:2"}})
	if err := report.Err(); err != nil || c.Guaranteed.TLS == nil || !slices.Equal(c.Guaranteed.Brokers, []string{"b:2"}) {
		t.Errorf("%v, %+v", err, c.Guaranteed)
	}
}

// An external intake's file: dynamic streams, the transforms of experiments, no schema folder.
func TestExternalIntake(t *testing.T) {
	c, report := LoadEventGate(write(t, `
service_name: intake-external
num_workers: 0
services:
  - name: intake-external
    module: '@wikimedia/eventgate'
    conf:
      port: 8192
      cors: '*'
      eventgate_factory_module: '/srv/service/eventgate-wikimedia.js'
      transforms: [eventgateWikimediaDefaults, processEdgeUniques, testKitchen]
      test_kitchen:
        ua_denylist:
          - bingbot/2.0; \\+http
      schema_base_uris: ['http://127.0.0.1:6023/repositories/primary/jsonschema/']
      schema_uri_query_param: schema_uri
      stream_query_param: stream
      max_body_size: 4mb
      stream_config_uri: http://127.0.0.1:6500/w/api.php
      stream_config_ttl: 60
      kafka:
        conf:
          metadata.broker.list: [a:9093, b:9093]
          message.max.bytes: 1048576
        topic_conf: {}
`), Overrides{})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if len(c.Gate.ExperimentDenylist) != 1 || c.Handler.SchemaURIQueryParam != "schema_uri" || c.Handler.StreamQueryParam != "stream" || c.Handler.MaxBodyBytes != 4<<20 ||
		c.Handler.CORS != "*" || !c.Streams.Client.Dynamic || len(c.Gate.Transforms) != 3 || !slices.Equal(c.Hasty.Brokers, []string{"a:9093", "b:9093"}) ||
		c.Guaranteed.MaxMessageBytes != 1048576 {
		t.Errorf("read as %+v", c)
	}
}

// Everything that is wrong is said at once, each at its line.
func TestEverythingWrongIsSaid(t *testing.T) {
	file := write(t, `service_name: x
num_worker: 2
logging:
  level: loud
metrics:
  type: prometheus
  port: many
services:
  - name: x
    conf:
      port: 99999
      max_body_sise: 10mb
      max_body_size: large
      cors: [a]
      eventgate_factory_module: ./my-own.js
      schema_base_urls: [/s]
      stream_config_ttl: soon
      test_events: [1]
      transforms: [eventgateWikimediaDefault]
      trusted_proxies: [10.0.0.0/8, proxy]
      topic_creation: sometimes
      topic_creation: never
      kafka:
        conf:
          metadata.broker.list: a:1
          compression.codec: rar
          queue.bufering.max.ms: 5
        hasty:
          config: {}
`)
	_, report := LoadEventGate(file, Overrides{})
	want := []string{
		"2 num_worker", "4 logging.level", "7 metrics.port", "11 services[0].conf.port", "11 services[0].conf.schema_base_uris", "12 services[0].conf.max_body_sise",
		"13 services[0].conf.max_body_size", "14 services[0].conf.cors", "15 services[0].conf.eventgate_factory_module", "16 services[0].conf.schema_base_urls",
		"17 services[0].conf.stream_config_ttl", "18 services[0].conf.test_events", "19 services[0].conf.transforms", "20 services[0].conf.trusted_proxies", "21 services[0].conf.topic_creation",
		"22 topic_creation", "26 services[0].conf.kafka.conf.compression.codec", "27 services[0].conf.kafka.conf.queue.bufering.max.ms",
		"29 services[0].conf.kafka.hasty.config",
	}
	if got := places(report.Faults); !slices.Equal(got, want) {
		t.Errorf("faults at\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, n := range report.Faults {
		if n.Key == "services[0].conf.max_body_sise" && !strings.Contains(n.Text, `"max_body_size"`) {
			t.Errorf("the nearest key is not named: %s", n)
		}
	}
	var out bytes.Buffer
	if err := report.Print(&out); err != nil || !strings.Contains(out.String(), file+":12: services[0].conf.max_body_sise: is not known; did you mean") {
		t.Errorf("%v: printed as %s", err, &out)
	}
	if lines := strings.Count(report.Err().Error(), "\n") + 1; lines != len(want) {
		t.Errorf("the error has %d lines", lines)
	}
}

func TestUnknownKeys(t *testing.T) {
	for _, test := range []struct {
		key   string
		fault bool
	}{
		{"stream_feild", true}, {"schema_base_url", true}, {"max-body-size", true}, {"maxBodySize", true}, {"max_body", true}, {"streamfield", true}, {"cros", true},
		{"wmf_internal_thing", false}, {"rate", false}, {"x", false},
	} {
		_, report := LoadEventGate(write(t, "services: [{conf: {schema_base_uris: [/s], output_path: '-',\n"+test.key+": 1}}]"), Overrides{})
		notes, others := report.Warnings, report.Faults
		if test.fault {
			notes, others = others, notes
		}
		if !slices.Equal(places(notes), []string{"2 services[0].conf." + test.key}) || len(others) > 0 {
			t.Errorf("%s: faults %v, warnings %v", test.key, report.Faults, report.Warnings)
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("CONFIG_TEST_PORT", "1234")
	t.Setenv("CONFIG_TEST_LINES", "a\nb")
	c, report := LoadEventGate(write(t, `# {env(CONFIG_TEST_MISSING)} in a comment is nobody's
services:
  - name: "{env(CONFIG_TEST_MISSING, intake)}"
    conf:
      port: {env(CONFIG_TEST_PORT,8888)}
      schema_base_uris: ['/{env(CONFIG_TEST_MISSING,schemas)}/jsonschema']
      output_path: stdout
      user_agent: '{env(CONFIG_TEST_LINES,agent)}'
      error_stream: {env(CONFIG_TEST_MISSING)}
`), Overrides{})
	if c.Name != "intake" || c.Listen != "0.0.0.0:1234" || !slices.Equal(c.Schemas.Bases, []string{"/schemas/jsonschema"}) || c.Output != "-" {
		t.Errorf("read as %+v", c)
	}
	if got := places(report.Faults); !slices.Equal(got, []string{"8"}) {
		t.Errorf("faults at %v", got)
	}
	if got := places(report.Warnings); !slices.Equal(got, []string{"9"}) {
		t.Errorf("warnings at %v", got)
	}
}

func TestManner(t *testing.T) {
	for module, want := range map[string]string{
		"": "generic", "../lib/factories/default-eventgate": "generic", "./default-eventgate.js": "generic",
		"/srv/service/eventgate-wikimedia.js": "wikimedia", "eventgate-wikimedia": "wikimedia", "./mine.js": "wrong",
	} {
		text := "services: [{conf: {schema_base_uris: [/s], topic_prefix: eqiad., stream_query_param: s, kafka: {conf: {metadata.broker.list: 'a:1'}}, eventgate_factory_module: '" + module + "'}}]"
		c, report := LoadEventGate(write(t, text), Overrides{})
		got := "wrong"
		switch {
		case report.Err() != nil:
		case c.Gate.Manner == eventgate.Generic:
			got = "generic"
			if c.Gate.TopicPrefix != "" || c.Hasty != nil || c.Output != "-" || c.Handler.StreamQueryParam != "" || !slices.Contains(places(report.Ignored), "1 services[0].conf.topic_prefix") {
				t.Errorf("%s: %+v", module, c)
			}
		case c.Gate.Manner == eventgate.Wikimedia:
			got = "wikimedia"
			if c.Gate.TopicPrefix != "eqiad." || c.Hasty == nil || c.Output != "" || c.Handler.StreamQueryParam != "s" {
				t.Errorf("%s: %+v", module, c)
			}
		}
		if got != want {
			t.Errorf("%q is %s, want %s: %v", module, got, want, report.Err())
		}
	}
}

func TestOwnSettings(t *testing.T) {
	c, report := LoadEventGate(write(t, `
services:
  - conf:
      eventgate_factory_module: eventgate-wikimedia.js
      schema_base_uris: /s
      schema_uri_field: [$schema, meta.schema_uri]
      schema_take_changes: true
      schema_ttl: 30
      refuse_other_major: true
      trusted_proxies: [10.0.0.0/8, "::1"]
      stream_config_uri: /etc/streams.yaml
      stream_config_dynamic: true
      stream_config_retries: 0
      enrich_fields_from_http_headers: {meta.request_id: x-request-id, http.agent: false}
      topic_creation: explicit
      topic_defaults: {partitions: 3, replicas: 2, configs: {retention.ms: 1000}}
      csp: false
      kafka: {conf: {bootstrap.servers: a}, guaranteed: {topic_conf: {message.timeout.ms: 5000}}}
`), Overrides{})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if !c.Schemas.TakeChanges || c.Schemas.Revalidate != 30*time.Second || !c.Gate.RefuseOtherMajor || !c.Streams.Client.Dynamic || c.Streams.Client.Retries != -1 || c.Handler.CSP != "" ||
		!slices.Equal(c.Gate.SchemaURIFields, []string{"$schema", "meta.schema_uri"}) || !slices.Equal(c.Schemas.Bases, []string{"/s"}) {
		t.Errorf("read as %+v", c)
	}
	if want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}; !slices.Equal(c.Gate.TrustedProxies, want) {
		t.Errorf("trusted proxies %v", c.Gate.TrustedProxies)
	}
	if want := []streamconfig.HeaderField{{Field: "meta.request_id", Header: "x-request-id"}, {Field: "http.agent"}}; !slices.Equal(c.Gate.HeaderFields, want) {
		t.Errorf("header fields %v", c.Gate.HeaderFields)
	}
	spec := c.Guaranteed.CreateTopics
	if spec == nil || spec.Partitions != 3 || spec.Replicas != 2 || !reflect.DeepEqual(spec.Configs, map[string]string{"retention.ms": "1000"}) {
		t.Errorf("topics are created as %+v", spec)
	}
	if c.Guaranteed.AskForTopics {
		t.Error("topics are created and asked for")
	}
	if c.Guaranteed.DeliveryTimeout != 5*time.Second || c.Hasty.DeliveryTimeout == 5*time.Second {
		t.Errorf("delivery timeouts %v, %v", c.Guaranteed.DeliveryTimeout, c.Hasty.DeliveryTimeout)
	}
}

func TestSettingsOfOlderFiles(t *testing.T) {
	c, report := LoadEventGate(write(t, `
services:
  - name: eventgate
    version: ^1.8.0
    conf:
      eventgate_factory_module: eventgate-wikimedia.js
      schema_base_uris: /s
      error_schema_uri: /error/0.0.3
      http_request_headers_to_fields: {x-foo: meta.foo, User-Agent: meta.agent}
      test_events: {$schema: /test/event/1.0.0}
      kafka: {conf: {metadata.broker.list: a}}
`), Overrides{})
	if err := report.Err(); err != nil || slices.ContainsFunc(report.Warnings, func(n Note) bool { return strings.Contains(n.Text, "not known") }) {
		t.Fatal(err, report.Warnings)
	}
	want := []streamconfig.HeaderField{{Field: "meta.request_id", Header: "x-request-id"}, {Field: "meta.foo", Header: "x-foo"}, {Field: "meta.agent", Header: "User-Agent"}}
	if !slices.Equal(c.Gate.HeaderFields, want) {
		t.Errorf("header fields %v", c.Gate.HeaderFields)
	}
	if len(c.Handler.TestEvents) != 1 || string(c.Handler.TestEvents[0]) != `{"$schema":"/test/event/1.0.0"}` {
		t.Errorf("test events %s", c.Handler.TestEvents)
	}
}

func TestErrorsAreToldWithTheirPlace(t *testing.T) {
	file := write(t, "services:\n  - conf:\n      schema_base_uris: [/s]\n      output_path: ''\n")
	for _, test := range []struct {
		setting string
		over    Overrides
		want    string
	}{
		{"schema_base_uris", Overrides{}, file + ":3: services[0].conf.schema_base_uris: gone"},
		{"schema_base_uris", Overrides{Schemas: []string{"/t"}}, "gone"},
		{"stream_config_uri", Overrides{}, "gone"},
	} {
		c, _ := LoadEventGate(file, test.over)
		if got := c.At(test.setting, errors.New("gone")); got.Error() != test.want {
			t.Errorf("%s is told as %v, want %s", test.setting, got, test.want)
		}
		if c.At(test.setting, nil) != nil {
			t.Error("an error was made")
		}
	}
}

func TestFilesThatCannotBe(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ": services: is missing"},
		{"services: []", ":1: services: is empty"},
		{"services: {a: 1", ":1: this is not YAML"},
		{"- a\n- b", ":1: is a list: it must be an object"},
		{"a: &a [*a]", ":1: the alias *a stands inside its own anchor"},
		{"a: 1\n---\nb: 1", "more than one document"},
		{"services: [{conf: {schema_base_uris: [/s], output_path: '-'}}, {conf: {}}]", ":1: services: has 2 services"},
		{"services: [{conf: {schema_base_uris: [/s], eventgate_factory_module: eventgate-wikimedia}}]", "kafka: is missing"},
		{"services: [{conf: {schema_base_uris: [/s], kafka: {conf: {}}}}]", "names no brokers"},
	} {
		_, report := LoadEventGate(write(t, test.text), Overrides{})
		if err := report.Err(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.text, err, test.want)
		}
	}
	if _, report := LoadEventGate(write(t, "services: [{conf: {schema_base_uris: [/s], output_path: ''}}]"), Overrides{}); report.Err() != nil || len(report.Warnings) != 1 {
		t.Errorf("an intake that only validates: faults %v, warnings %v", report.Faults, report.Warnings)
	}
	if _, report := LoadEventStreams("/no/such/file.yaml", Overrides{}); len(report.Faults) != 1 || !strings.Contains(report.Faults[0].Text, "no such file") {
		t.Errorf("a missing file: %v", report.Faults)
	}
}

func TestStreamConfig(t *testing.T) {
	c, report := LoadStreamConfig("", Overrides{Streams: []string{"a.yaml"}})
	if report.Err() != nil || c.Listen != "127.0.0.1:8080" || !slices.Equal(c.Layout.Streams, []string{"a.yaml"}) {
		t.Errorf("without a file: %+v, %v", c, report.Err())
	}
	if _, report = LoadStreamConfig("", Overrides{}); report.Err() == nil {
		t.Error("nothing to serve, and no fault")
	}
	t.Setenv("PLACE", "beta")
	file := write(t, `services: [{name: sc, conf: {port: 1, streams: [a, /b], stream_config_ttl: 30, schema_base_uris: /s,
  environment: "{env(PLACE,)}", environments: {beta: [c]}, wikis: {w: {hosts: [h], streams: d}}}}]`)
	at := func(name string) string { return filepath.Join(filepath.Dir(file), name) }
	c, report = LoadStreamConfig(file, Overrides{})
	if report.Err() != nil || len(report.Warnings) > 0 || c.Name != "sc" || c.Listen != "0.0.0.0:1" || c.Refresh != 30*time.Second || !slices.Equal(c.Schemas, []string{"/s"}) {
		t.Errorf("from a file: %+v, %v, %v", c, report.Warnings, report.Err())
	}
	want := streamconfig.Layout{
		Streams: []string{at("a"), "/b"}, Environment: "beta", Environments: map[string][]string{"beta": {at("c")}},
		Wikis: []streamconfig.Wiki{{ID: "w", Hosts: []string{"h"}, Streams: []string{at("d")}}},
	}
	if !reflect.DeepEqual(c.Layout, want) {
		t.Errorf("the layout is %+v", c.Layout)
	}
	c, report = LoadStreamConfig(file, Overrides{Streams: []string{"/x"}, Schemas: []string{"/y"}})
	if report.Err() != nil || !slices.Equal(c.Layout.Streams, []string{"/x"}) || len(c.Layout.Wikis) != 1 || !slices.Equal(c.Schemas, []string{"/y"}) {
		t.Errorf("the command line does not win: %+v, %v", c, report.Err())
	}
	for text, want := range map[string]string{
		"services:\n - conf:\n    port: 1":                          ": streams: is missing: name the files",
		"services:\n - conf:\n    streams: a\n    environment: x\n": `:4: services[0].conf.environment: the environment "x" is not one of environments; `,
		"services:\n - conf:\n    streams: a\n    wikis: 7\n":       ":4: services[0].conf.wikis: wikis is a number; ",
	} {
		if _, report := LoadStreamConfig(write(t, text), Overrides{}); report.Err() == nil || !strings.Contains(report.Err().Error(), want) {
			t.Errorf("%s: %v", text, report.Err())
		}
	}
}

// Schema repositories are asked with the headers of the file.
func TestSchemaHeaders(t *testing.T) {
	var host, token string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { host, token = r.Host, r.Header.Get("X-Token") }))
	defer server.Close()
	c, report := LoadEventStreams(write(t, `
services:
  - conf:
      stream_config_uri: /s.yaml
      schema_base_uris: [`+server.URL+`]
      schema_uri_options: {headers: {host: schema.example.org, x-token: secret}}
      kafka: {metadata.broker.list: 'a:1', default_topic_config: {auto.offset.reset: latest}}
`), Overrides{})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	response, err := c.Schemas.Client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if host != "schema.example.org" || token != "secret" {
		t.Errorf("asked with host %q and token %q", host, token)
	}
}

func TestLogAndTraces(t *testing.T) {
	const conf = "\nservices: [{conf: {schema_base_uris: [/s], output_path: '-'}}]\n"
	c, report := LoadEventGate(write(t, "logging: {level: trace, format: ecs}\ntracing: {endpoint: 'http://collector:4318', sampling: 0.25}"+conf), Overrides{})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if c.LogFormat != service.ECS || c.LogLevel != service.LevelTrace || c.TracingEndpoint != "http://collector:4318" || *c.TracingSampling != 0.25 {
		t.Errorf("read as %+v", c.Service)
	}
	file := write(t, conf)
	if c, _ := LoadEventGate(file, Overrides{LogFormat: "ecs"}); c.LogFormat != service.ECS || c.TracingEndpoint != "" || c.TracingSampling != nil {
		t.Errorf("read as %+v", c.Service)
	}
	_, report = LoadEventGate(write(t, "logging: {format: xml}\ntracing:\n  endpoint: collector:4318\n  sampling: 50\n"+conf), Overrides{})
	if got, want := places(report.Faults), []string{"1 logging.format", "3 tracing.endpoint", "4 tracing.sampling"}; !slices.Equal(got, want) {
		t.Errorf("faults at %q, want %q", got, want)
	}
}
