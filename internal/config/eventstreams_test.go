package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/eventstreams"
	"github.com/eventplatform/eventplatform/internal/testshared"
)

const streamerHead = "services:\n  - conf:\n      stream_config_uri: /streams.yaml\n      kafka: {metadata.broker.list: 'k:9092'}\n"

// What a streamer has beyond the Node.js service's settings.
func TestStreamersOwnSettings(t *testing.T) {
	list := filepath.Join(t.TempDir(), "denied.yaml")
	if err := os.WriteFile(list, []byte("addresses: 198.51.100.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, report := LoadEventStreams(write(t, streamerHead+`
      denied_clients: {addresses: [192.0.2.0/24, '2001:db8::1'], user_agents: ['^Bad.*Bot']}
      denied_clients_file: `+list+`
      trusted_proxies: [10.0.0.0/8, '::1']
      overload: eventsource
      max_clients: 500
      max_connection_age: 900
      heartbeat_interval: 7.5
      keep_copies: true
      ui_intake_uri: http://intake
      ui_open: [errors, health]
`), Overrides{})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if want := []eventstreams.Denial{{Address: "192.0.2.0/24"}, {Address: "2001:db8::1"}, {UserAgent: "^Bad.*Bot"}, {Address: "198.51.100.1"}}; !slices.Equal(c.Streamer.Denied, want) {
		t.Errorf("denied are %+v", c.Streamer.Denied)
	}
	if want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}; !slices.Equal(c.Streamer.TrustedProxies, want) {
		t.Errorf("proxies are %v", c.Streamer.TrustedProxies)
	}
	if k := c.Streamer.Kafka; k.MaxClients != 500 || k.MaxAge != 15*time.Minute || k.Heartbeat != 7500*time.Millisecond || !k.KeepCopies || !k.OverloadAsStream ||
		c.DeniedFile != list || c.UIIntake != "http://intake" || !slices.Equal(c.UIOpen, []string{"errors", "health"}) {
		t.Errorf("read as %+v", c)
	}
	for _, wrong := range []string{
		"denied_clients: {addresses: [nobody]}", "denied_clients: {user_agents: ['(']}", "denied_clients: {adresses: []}", "denied_clients_file: /no/such/file",
		"trusted_proxies: [proxy.example.org]", "overload: maybe", "max_clients: -1", "heartbeat_interval: often", "ui_open: [everything]",
	} {
		_, report := LoadEventStreams(write(t, streamerHead+"      "+wrong+"\n"), Overrides{})
		if report.Err() == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
	_, report = LoadEventStreams(write(t, streamerHead+"      denied_clients_file: /no/such/file\n"), Overrides{Checking: true})
	if got := places(report.Warnings); report.Err() != nil || !slices.Equal(got, []string{"3 services[0].conf.stream_config_uri", "5 services[0].conf.denied_clients_file"}) {
		t.Errorf("files of another machine: %v %v", report.Err(), report.Warnings)
	}
}

// The installation inside the organisation: no limit, all streams, declarations that are read again, large fetches. --check says what has no meaning.
func TestInternalStreamer(t *testing.T) {
	text, err := os.ReadFile(testshared.Path(t, "data/configs/eventstreams.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	production := string(text)
	drop := func(from, to string) {
		a := strings.Index(production, from)
		b := strings.Index(production[a:], to) + a
		if a < 0 || b < a {
			t.Fatalf("no %q", from)
		}
		production = production[:a] + production[b:]
	}
	drop("      allowed_streams:", "      client_ip_connection_limit:")
	drop("      client_ip_connection_limit:", "      kafka:")
	drop("      mediawiki_redacted_pages:", "      schema_base_uris:")
	internal := strings.NewReplacer("stream_config_ttl: 0", "stream_config_ttl: 300", "fetch.message.max.bytes: 10485760", "fetch.message.max.bytes: 20971520").Replace(production)
	c, report := LoadEventStreams(write(t, internal), Overrides{Checking: true})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if c.Streamer.ClientIPConnectionLimit != 0 || len(c.Streamer.AllowedStreams) != 0 || len(c.Streamer.RedactedPages) != 0 || c.Streams.Client.TTL != 5*time.Minute ||
		c.Streams.Client.Dynamic || c.Streams.Client.ObjectPath != "streams" || c.Streamer.TrustedProxies != nil || c.Streamer.Kafka.MaxClients != 0 {
		t.Errorf("read as %+v", c)
	}
	ignored := map[string]bool{}
	for _, n := range report.Ignored {
		ignored[n.Key] = true
	}
	for _, key := range []string{
		"num_workers", "worker_heap_limit_mb", "services[0].module", "services[0].conf.spec", "services[0].conf.kafka.queued.max.messages.kbytes",
		"services[0].conf.kafka.queued.min.messages", "services[0].conf.kafka.statistics.interval.ms", "services[0].conf.kafka.fetch.message.max.bytes",
		"services[0].conf.kafka.ssl.sigalgs.list",
	} {
		if !ignored[key] {
			t.Errorf("it is not said that %s has no meaning", key)
		}
	}
}
