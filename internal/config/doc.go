// Package config reads the configuration files that operators of the Node.js services have (service-runner's YAML) into the typed configuration of the
// rooms.
//
// It promises: whatever is wrong is reported at once, each with file, line and remedy; a key that is not known is reported with the nearest known one; a key
// that has no meaning here is listed with the reason why that is fine. What the command line or the environment says wins over the file.
//
// Besides the settings of the Node.js services an intake's conf may have these of ours:
//
//	trusted_proxies        networks whose X-Client-IP and X-Forwarded-For are believed; unset: everyone's, as the Node.js service does
//	stream_config_dynamic  look up unknown streams at once; default: where stream_config_ttl is above 0
//	refuse_other_major     refuse another major version of a schema than the stream's name ("….v2") says; default: only count it
//	schema_ttl             seconds between two looks whether a repository's schemas are what they were; default: 300
//	schema_take_changes    use the new text of a schema version that changed, which a version's must not; default: only report it
//	topic_creation         broker (default): the brokers decide whether and how they create a new topic; explicit: it is created as the stream's
//	                       topic_settings say, and topic_defaults; never
//	topic_defaults         {partitions, replicas, configs} of new topics
//
// and that of a stream configuration service has streams, the files, folders and URLs to serve.
//
// Beside "services", of every service's file:
//
//	logging.format    bunyan (default) or ecs: what the members of a log line are called
//	tracing.endpoint  URL of an OpenTelemetry collector (OTLP over HTTP); unset: OTEL_EXPORTER_OTLP_ENDPOINT, and without that there is no tracing
//	tracing.sampling  share of the traces begun here that are sampled; default: 0.1. What a sender samples is sampled
//
// It never connects to anything and starts nothing. It reads no file but the one it is given (and certificates that the Kafka section names). A file that is
// only checked (Overrides.Checking) is held against what is on this machine besides: the schemas and streams of folders and files that are here are read.
package config
