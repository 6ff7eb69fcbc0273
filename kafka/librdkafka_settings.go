package kafka

import (
	"errors"
	"strings"
)

// connectionSettings are those of producers and consumers alike.
var connectionSettings = map[string]setting{
	"bootstrap.servers":    brokers,
	"metadata.broker.list": brokers,
	"client.id":            func(r *rdkafka, v value) (string, error) { r.conn.ClientID = v.string(); return "", nil },
	"broker.address.family": func(r *rdkafka, v value) (_ string, err error) {
		r.conn.AddressFamily, err = v.oneOf("any", "v4", "v6")
		return "", err
	},
	"security.protocol": func(r *rdkafka, v value) (string, error) { r.protocol = strings.ToLower(v.string()); return "", nil },

	"sasl.mechanism":  mechanism,
	"sasl.mechanisms": mechanism,
	"sasl.username":   func(r *rdkafka, v value) (string, error) { r.sasl.User = v.string(); return "", nil },
	"sasl.password":   func(r *rdkafka, v value) (string, error) { r.sasl.Password = v.string(); return "", nil },

	"ssl.ca.location":          func(r *rdkafka, v value) (string, error) { r.tls.caFile = v.string(); return "", nil },
	"ssl.ca.pem":               func(r *rdkafka, v value) (string, error) { r.tls.caPEM = v.string(); return "", nil },
	"ssl.certificate.location": func(r *rdkafka, v value) (string, error) { r.tls.certFile = v.string(); return "", nil },
	"ssl.certificate.pem":      func(r *rdkafka, v value) (string, error) { r.tls.certPEM = v.string(); return "", nil },
	"ssl.key.location":         func(r *rdkafka, v value) (string, error) { r.tls.keyFile = v.string(); return "", nil },
	"ssl.key.pem":              func(r *rdkafka, v value) (string, error) { r.tls.keyPEM = v.string(); return "", nil },
	"ssl.cipher.suites":        func(r *rdkafka, v value) (string, error) { return r.tls.setCiphers(v.string()) },
	"ssl.curves.list":          func(r *rdkafka, v value) (string, error) { return "", r.tls.setCurves(v.string()) },
	"enable.ssl.certificate.verification": func(r *rdkafka, v value) (string, error) {
		verify, err := v.bool()
		r.tls.trustAnyone = !verify
		return "", err
	},
	"ssl.endpoint.identification.algorithm": func(r *rdkafka, v value) (string, error) {
		how, err := v.oneOf("none", "https")
		r.tls.anyName = how == "none"
		return "", err
	},
	"allow.auto.create.topics": func(_ *rdkafka, v value) (string, error) {
		allowed, err := v.bool()
		if !allowed {
			return "", err
		}
		return "topics are never created by asking for them; the intake creates those that it may create explicitly", err
	},
}

var producerSettings = map[string]setting{
	"acks":                   acks,
	"request.required.acks":  acks,
	"message.timeout.ms":     deliveryTimeout,
	"delivery.timeout.ms":    deliveryTimeout,
	"linger.ms":              linger,
	"queue.buffering.max.ms": linger,
	"message.max.bytes": func(r *rdkafka, v value) (_ string, err error) {
		r.producer.MaxMessageBytes, err = v.int(minMessageBytes, 500_000_000)
		return "", err
	},
	"queue.buffering.max.messages": func(r *rdkafka, v value) (_ string, err error) {
		r.producer.MaxBufferedRecords, err = v.int(0, 10_000_000)
		return "", err
	},
	"queue.buffering.max.kbytes": func(r *rdkafka, v value) (string, error) {
		kb, err := v.int(1, 1<<30)
		r.producer.MaxBufferedBytes = kb << 10
		return "", err
	},
	"compression.codec":  codec,
	"compression.type":   codec,
	"enable.idempotence": idempotence,
	"partitioner": func(r *rdkafka, v value) (string, error) {
		how, err := v.oneOf("consistent", "consistent_random", "murmur2", "murmur2_random")
		r.producer.Partitioner = "crc32"
		if strings.HasPrefix(how, "murmur2") {
			r.producer.Partitioner = "murmur2"
		}
		return "", err
	},
}

var logSettings = map[string]setting{
	"fetch.max.bytes": func(r *rdkafka, v value) (_ string, err error) {
		r.log.FollowMaxBytes, err = v.int(minMessageBytes, 1<<30)
		return "", err
	},
}

func brokers(r *rdkafka, v value) (string, error) {
	r.conn.Brokers = v.list()
	if len(r.conn.Brokers) == 0 {
		return "", errors.New("it names no broker")
	}
	return "", nil
}

func mechanism(r *rdkafka, v value) (string, error) {
	r.sasl.Mechanism = v.string()
	_, err := r.sasl.mechanism()
	return "", err
}

func acks(r *rdkafka, v value) (string, error) {
	switch strings.ToLower(v.string()) {
	case "all", "-1":
		r.producer.LeaderAckOnly = false
		return "", nil
	case "1":
		r.producer.LeaderAckOnly = true
		return "", nil
	case "0":
		r.producer.LeaderAckOnly = true
		return "the leader's acknowledgement (1) is the least that is asked for", nil
	}
	return "", errors.New("it is all, -1, 1 or 0")
}

func deliveryTimeout(r *rdkafka, v value) (_ string, err error) {
	r.producer.DeliveryTimeout, err = v.millis(float64(minDeliveryTimeout.Milliseconds()), 24*60*60*1000)
	return "", err
}

func linger(r *rdkafka, v value) (_ string, err error) {
	r.producer.Linger, err = v.millis(0, 900_000)
	return "", err
}

func codec(r *rdkafka, v value) (string, error) {
	name := strings.ToLower(v.string())
	if name == "inherit" { // a topic setting's way to say nothing
		return "", nil
	}
	_, err := compression(name)
	r.producer.Compression = name
	return "", err
}

func idempotence(_ *rdkafka, v value) (string, error) {
	on, err := v.bool()
	if on || err != nil {
		return "", err
	}
	return "records are always numbered with acks=all, so that a retry is not written twice", nil
}
