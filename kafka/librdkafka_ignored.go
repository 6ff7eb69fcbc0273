package kafka

// ignoredSettings are librdkafka's settings that change nothing here, and why.
var ignoredSettings = reasons([]reason{
	{"what the client does is in the metrics, always", []string{
		"statistics.interval.ms",
	}},
	{"logging is the service's own", []string{
		"log_level", "log.queue", "log.thread.name", "log.connection.close", "debug",
	}},
	{"nothing has to be polled here", []string{
		"producer.poll.interval.ms", "consume.callback.max.messages", "enable.random.seed", "internal.termination.signal",
	}},
	{"functions cannot be configured", []string{
		"dr_cb", "dr_msg_cb", "event_cb", "error_cb", "throttle_cb", "stats_cb", "log_cb", "socket_cb", "connect_cb", "closesocket_cb", "open_cb",
		"resolve_cb", "background_event_cb", "rebalance_cb", "offset_commit_cb", "consume_cb", "partitioner_cb", "msg_order_cmp", "opaque",
		"enabled_events", "default_topic_conf", "oauthbearer_token_refresh_cb", "ssl.certificate.verify_cb",
	}},
	{"Go's TLS chooses the signature algorithms itself", []string{
		"ssl.sigalgs.list",
	}},
	{"Go's TLS needs none", []string{
		"ssl.providers",
	}},
	{"the client keeps connections, and finds brokers again, in its own way", []string{
		"broker.address.ttl", "connections.max.idle.ms", "reconnect.backoff.ms", "reconnect.backoff.max.ms", "reconnect.backoff.jitter.ms",
		"socket.keepalive.enable", "socket.nagle.disable", "socket.send.buffer.bytes", "socket.receive.buffer.bytes", "socket.max.fails",
		"socket.blocking.max.ms", "socket.connection.setup.timeout.ms", "client.dns.lookup", "enable.sparse.connections", "metadata.recovery.strategy",
		"metadata.recovery.rebootstrap.trigger.ms",
	}},
	{"the client asks the brokers for the versions that they speak", []string{
		"api.version.request", "api.version.request.timeout.ms", "api.version.fallback.ms", "broker.version.fallback",
	}},
	{"metadata is asked for when something has moved, and every few minutes", []string{
		"topic.metadata.refresh.interval.ms", "topic.metadata.refresh.fast.interval.ms", "topic.metadata.refresh.fast.cnt",
		"topic.metadata.refresh.sparse", "topic.metadata.propagation.max.ms", "metadata.max.age.ms", "metadata.request.timeout.ms", "topic.blacklist",
	}},
	{"message.timeout.ms bounds the whole; a request is given up after half of it", []string{
		"request.timeout.ms", "socket.timeout.ms",
	}},
	{"a record is tried again until message.timeout.ms is over", []string{
		"retries", "message.send.max.retries", "retry.backoff.ms", "retry.backoff.max.ms",
	}},
	{"up to five requests are on their way to a broker, and order is kept", []string{
		"max.in.flight", "max.in.flight.requests.per.connection",
	}},
	{"a batch grows up to message.max.bytes while requests are on their way", []string{
		"batch.size", "batch.num.messages", "sticky.partitioning.linger.ms", "queue.buffering.backpressure.threshold", "queuing.strategy",
	}},
	{"values are never copied", []string{
		"message.copy.max.bytes",
	}},
	{"answers are bounded by what is asked for", []string{
		"receive.message.max.bytes",
	}},
	{"each codec has its default level", []string{
		"compression.level",
	}},
	{"every record's outcome is known, always", []string{
		"delivery.report.only.error", "produce.offset.report", "enable.gapless.guarantee", "transaction.timeout.ms",
	}},
	{"there are no consumer groups: a client's position is its own", []string{
		"group.id", "group.instance.id", "group.protocol", "group.protocol.type", "group.remote.assignor", "partition.assignment.strategy",
		"session.timeout.ms", "heartbeat.interval.ms", "coordinator.query.interval.ms", "max.poll.interval.ms", "enable.auto.commit",
		"auto.commit.enable", "auto.commit.interval.ms", "enable.auto.offset.store", "offset.store.path", "offset.store.sync.interval.ms",
		"offset.store.method",
	}},
	{"where a stream begins is said by its client", []string{
		"auto.offset.reset",
	}},
	{"all clients of a partition share one reader, which has its own bounds", []string{
		"queued.min.messages", "queued.max.messages.kbytes", "fetch.wait.max.ms", "fetch.queue.backoff.ms", "fetch.message.max.bytes",
		"max.partition.fetch.bytes", "fetch.min.bytes", "fetch.error.backoff.ms",
	}},
	{"records are handed on as they come", []string{
		"enable.partition.eof",
	}},
	{"checksums are always checked", []string{
		"check.crcs",
	}},
	{"aborted transactions are never read", []string{
		"isolation.level",
	}},
	{"records are read from their leader", []string{
		"client.rack",
	}},
	{"nothing is pushed into the cluster", []string{
		"enable.metrics.push",
	}},
})

// refusedSettings are those that ask for something that would be missed.
var refusedSettings = reasons([]reason{
	{"records are not written in transactions", []string{
		"transactional.id",
	}},
	{"give ssl.certificate.location and ssl.key.location (PEM)", []string{
		"ssl.keystore.location", "ssl.keystore.password", "ssl_certificate", "ssl_key", "ssl_ca", "ssl.ca.certificate.stores",
	}},
	{"Go reads only keys that are not encrypted: decrypt it, and protect the file", []string{
		"ssl.key.password",
	}},
	{"revocation lists are not read, and to leave them out in silence would be less safe than what was asked for", []string{
		"ssl.crl.location",
	}},
	{"Go's TLS has no engines", []string{
		"ssl.engine.location", "ssl.engine.id", "ssl_engine_callback_data",
	}},
	{"SASL is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", []string{
		"sasl.kerberos.service.name", "sasl.kerberos.principal", "sasl.kerberos.kinit.cmd", "sasl.kerberos.keytab",
		"sasl.kerberos.min.time.before.relogin", "sasl.oauthbearer.config", "enable.sasl.oauthbearer.unsecure.jwt", "sasl.oauthbearer.method",
		"sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.scope", "sasl.oauthbearer.extensions",
		"sasl.oauthbearer.token.endpoint.url",
	}},
	{"librdkafka's plug-ins are C libraries", []string{
		"plugin.library.paths", "interceptors",
	}},
})

// reason is one reason for many settings.
type reason struct {
	why  string
	keys []string
}

func reasons(all []reason) map[string]string {
	m := make(map[string]string)
	for _, r := range all {
		for _, key := range r.keys {
			m[key] = r.why
		}
	}
	return m
}
