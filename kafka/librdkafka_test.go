package kafka_test

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// What runs in production today, as its YAML is read.
func TestProducerFromLibrdkafkaInProduction(t *testing.T) {
	certs := makeCertificates(t)
	cfg, ignored, err := kafka.ProducerFromLibrdkafka(map[string]any{
		"client.id":                 "eventgate-producer-guaranteed",
		"metadata.broker.list":      "kafka1001.example:9093, kafka1002.example:9093",
		"broker.address.family":     "v4",
		"compression.codec":         "snappy",
		"message.max.bytes":         uint64(4194304),
		"queue.buffering.max.ms":    float64(10),
		"producer.poll.interval.ms": 10,
		"log.connection.close":      false,
		"security.protocol":         "ssl",
		"ssl.ca.location":           certs.ca,
		"ssl.certificate.location":  certs.cert,
		"ssl.key.location":          certs.key,
		"ssl.cipher.suites":         "ECDHE-ECDSA-AES256-GCM-SHA384",
		"ssl.curves.list":           "P-256",
		"ssl.sigalgs.list":          "ECDSA+SHA256",
		"statistics.interval.ms":    30000,
		"request.required.acks":     -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(cfg.Brokers, []string{"kafka1001.example:9093", "kafka1002.example:9093"}) || cfg.ClientID != "eventgate-producer-guaranteed" ||
		cfg.AddressFamily != "v4" || cfg.Compression != "snappy" || cfg.MaxMessageBytes != 4<<20 || cfg.Linger != 10*time.Millisecond ||
		cfg.LeaderAckOnly || cfg.Partitioner != "crc32" {
		t.Errorf("%+v", cfg)
	}
	if c := cfg.TLS; c == nil || c.RootCAs == nil || len(c.Certificates) != 1 || c.CipherSuites[0] != tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ||
		c.CurvePreferences[0] != tls.CurveP256 || c.InsecureSkipVerify {
		t.Errorf("TLS %+v", c)
	}
	var keys []string
	for _, i := range ignored {
		keys = append(keys, i.Key)
		if i.Reason == "" {
			t.Errorf("%s is ignored without a reason", i.Key)
		}
	}
	if want := []string{"log.connection.close", "producer.poll.interval.ms", "ssl.sigalgs.list", "statistics.interval.ms"}; !slices.Equal(keys, want) {
		t.Errorf("ignored %q, want %q", keys, want)
	}
	if p, err := kafka.NewProducer(cfg); err != nil {
		t.Error(err)
	} else {
		p.Close(testContext(t))
	}
}

func TestLogFromLibrdkafkaInProduction(t *testing.T) {
	cfg, ignored, err := kafka.LogFromLibrdkafka(map[string]any{
		"fetch.message.max.bytes":    10485760,
		"metadata.broker.list":       []any{"a.example:9092", "b.example:9092"},
		"queued.max.messages.kbytes": 32768,
		"queued.min.messages":        1000,
		"statistics.interval.ms":     60000,
		"group.id":                   "x",
		"linger.ms":                  5,
		"fetch.max.bytes":            "1048576",
	})
	if err != nil || !slices.Equal(cfg.Brokers, []string{"a.example:9092", "b.example:9092"}) || cfg.FollowMaxBytes != 1<<20 || len(ignored) != 6 {
		t.Errorf("%+v, %+v, %v", cfg, ignored, err)
	}
}

func TestLibrdkafkaValues(t *testing.T) {
	get := func(t *testing.T, conf map[string]any) kafka.ProducerConfig {
		t.Helper()
		cfg, _, err := kafka.ProducerFromLibrdkafka(conf)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	for name, test := range map[string]struct {
		conf map[string]any
		ok   func(kafka.ProducerConfig) bool
	}{
		"acks=all":     {map[string]any{"acks": "all"}, func(c kafka.ProducerConfig) bool { return !c.LeaderAckOnly }},
		"acks=1":       {map[string]any{"acks": 1}, func(c kafka.ProducerConfig) bool { return c.LeaderAckOnly }},
		"acks=0":       {map[string]any{"request.required.acks": "0"}, func(c kafka.ProducerConfig) bool { return c.LeaderAckOnly }},
		"a half ms":    {map[string]any{"linger.ms": "0.5"}, func(c kafka.ProducerConfig) bool { return c.Linger == 500*time.Microsecond }},
		"timeout":      {map[string]any{"message.timeout.ms": 3000}, func(c kafka.ProducerConfig) bool { return c.DeliveryTimeout == 3*time.Second }},
		"buffer":       {map[string]any{"queue.buffering.max.kbytes": 2048}, func(c kafka.ProducerConfig) bool { return c.MaxBufferedBytes == 2<<20 }},
		"records":      {map[string]any{"queue.buffering.max.messages": 7}, func(c kafka.ProducerConfig) bool { return c.MaxBufferedRecords == 7 }},
		"murmur2":      {map[string]any{"partitioner": "murmur2_random"}, func(c kafka.ProducerConfig) bool { return c.Partitioner == "murmur2" }},
		"inherit":      {map[string]any{"compression.codec": "inherit"}, func(c kafka.ProducerConfig) bool { return c.Compression == "" }},
		"plain text":   {map[string]any{"security.protocol": "PLAINTEXT", "ssl.curves.list": "P-256"}, func(c kafka.ProducerConfig) bool { return c.TLS == nil }},
		"any name":     {map[string]any{"security.protocol": "ssl", "ssl.endpoint.identification.algorithm": "none"}, func(c kafka.ProducerConfig) bool { return c.TLS.VerifyConnection != nil }},
		"trust anyone": {map[string]any{"security.protocol": "ssl", "enable.ssl.certificate.verification": "false"}, func(c kafka.ProducerConfig) bool { return c.TLS.InsecureSkipVerify && c.TLS.VerifyConnection == nil }},
		"SCRAM": {map[string]any{"security.protocol": "sasl_plaintext", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "u", "sasl.password": "p"},
			func(c kafka.ProducerConfig) bool { return *c.SASL == kafka.SASL{"SCRAM-SHA-512", "u", "p"} }},
	} {
		if c := get(t, test.conf); !test.ok(c) {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestLibrdkafkaErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "no.pem")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		key   string // that the error is about
		value any
		more  map[string]any
		says  string
	}{
		{key: "compresion.codec", value: "snappy", says: "compression.codec"},
		{key: "Bootstrap_Servers", value: "a", says: "bootstrap.servers"},
		{key: "compression.codec", value: "brotli", says: "snappy"},
		{key: "message.max.bytes", value: "many", says: "no number"},
		{key: "message.max.bytes", value: 1.5e3 + 0.5, says: "no whole number"},
		{key: "message.max.bytes", value: 10, says: "between"},
		{key: "message.timeout.ms", value: 0, says: "between"},
		{key: "linger.ms", value: -1, says: "between"},
		{key: "acks", value: 2, says: "all"},
		{key: "enable.idempotence", value: "maybe", says: "true nor false"},
		{key: "metadata.broker.list", value: " , ", says: "no broker"},
		{key: "security.protocol", value: "tls", says: "sasl_ssl"},
		{key: "sasl.mechanism", value: "GSSAPI", says: "SCRAM"},
		{key: "sasl.username", more: map[string]any{"security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN"}, says: "missing"},
		{key: "transactional.id", value: "x", says: "not supported"},
		{key: "ssl.key.password", value: "x", says: "decrypt"},
		{key: "partitioner", value: "random", says: "murmur2"},
		{key: "ssl.curves.list", value: "P-257", says: "P-257"},
		{key: "ssl.cipher.suites", value: "NONE", says: "NONE"},
		{key: "ssl.ca.location", value: filepath.Join(dir, "missing"), more: map[string]any{"security.protocol": "ssl"}, says: "cannot read"},
		{key: "ssl.ca.location", value: file, more: map[string]any{"security.protocol": "ssl"}, says: "no certificate"},
		{key: "ssl.certificate.location", value: file, more: map[string]any{"security.protocol": "ssl"}, says: "ssl.key.location"},
		{key: "ssl.key.location", value: file, more: map[string]any{"security.protocol": "ssl"}, says: "ssl.certificate.location"},
		{key: "broker.address.family", value: "v5", says: "v4"},
	} {
		conf := map[string]any{}
		for k, v := range test.more {
			conf[k] = v
		}
		if test.value != nil {
			conf[test.key] = test.value
		}
		_, _, err := kafka.ProducerFromLibrdkafka(conf)
		var bad *kafka.ConfigError
		if !errors.As(err, &bad) || bad.Key != test.key || !strings.Contains(bad.Msg, test.says) || strings.Contains(bad.Msg, "\n") {
			t.Errorf("%v: %v", conf, err)
		}
	}
}
