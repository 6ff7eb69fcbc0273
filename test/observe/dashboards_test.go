package observe

// The dashboards in deploy/dashboards are made of these definitions: go test ./test/observe -run TestDashboards -update

// query is one expression of a panel and what its lines are called.
type query struct{ expr, legend string }

// panel is one graph, number or table.
type panel struct {
	title, kind, unit string // kind: timeseries, stat, table or heatmap
	wide              int    // of 24
	about             string
	queries           []query
}

type row struct {
	title  string
	panels []panel
}

// variable is a choice at the top of a dashboard: the values of a label.
type variable struct{ name, label, of string }

type dashboard struct {
	uid, title, about string
	variables         []variable
	rows              []row
}

const (
	graph  = "timeseries"
	number = "stat"
)

const byService = `service=~"$service"`

var dashboards = map[string]dashboard{
	"intake.json":   intakeDashboard,
	"streams.json":  streamsDashboard,
	"stream.json":   streamDashboard,
	"capacity.json": capacityDashboard,
}

var serviceOfIntakes = variable{"service", "Service", `label_values(eventgate_produce_outcomes_total, service)`}

var intakeDashboard = dashboard{
	uid: "eventplatform-intake", title: "Event platform: intake", about: "What comes in over HTTP, what is refused and why, and how Kafka takes it.",
	variables: []variable{
		serviceOfIntakes,
		{"stream", "Stream", `label_values(eventgate_events_produced_total{service=~"$service"}, stream)`},
		{"producer_type", "Producer", `label_values(eventgate_produce_outcomes_total{service=~"$service"}, producer_type)`},
		{"nodeid", "Kafka broker", `label_values(eventgate_rdkafka_broker_rtt_avg{service=~"$service"}, nodeid)`},
	},
	rows: []row{
		{"At a glance", []panel{
			{"Events acknowledged", number, "cps", 4, "", []query{{`sum(rate(eventgate_events_produced_total{` + byService + `}[$__rate_interval]))`, ""}}},
			{"Events refused", number, "cps", 4, "", []query{{`sum(rate(eventgate_validation_errors_total{` + byService + `}[$__rate_interval]))`, ""}}},
			{"Requests failed (5xx)", number, "reqps", 4, "", []query{{`sum(rate(express_router_request_duration_seconds_count{` + byService + `, path="v1/events", status=~"5.."}[$__rate_interval]))`, ""}}},
			{"p90 of POST", number, "s", 4, "", []query{{`histogram_quantile(0.9, sum by (le) (rate(express_router_request_duration_seconds_bucket{` + byService + `, path="v1/events", method="POST"}[$__rate_interval])))`, ""}}},
			{"Fullest buffer", number, "percentunit", 4, "One topic gets at most half of it.", []query{{`max(eventgate_rdkafka_msg_size{` + byService + `} / eventgate_rdkafka_msg_size_max{` + byService + `})`, ""}}},
			{"Stream configuration's age", number, "s", 4, "", []query{{`max(time() - eventplatform_stream_config_read_timestamp_seconds{` + byService + `})`, ""}}},
		}},
		{"Requests", []panel{
			{"By status", graph, "reqps", 12, "", []query{{`sum by (service, status) (rate(express_router_request_duration_seconds_count{` + byService + `, path="v1/events"}[$__rate_interval]))`, "{{service}} {{status}}"}}},
			{"Time to the answer", graph, "s", 12, "", []query{
				{`histogram_quantile(0.5, sum by (le, service) (rate(express_router_request_duration_seconds_bucket{` + byService + `, path="v1/events", method="POST"}[$__rate_interval])))`, "{{service}} p50"},
				{`histogram_quantile(0.9, sum by (le, service) (rate(express_router_request_duration_seconds_bucket{` + byService + `, path="v1/events", method="POST"}[$__rate_interval])))`, "{{service}} p90"},
				{`histogram_quantile(0.99, sum by (le, service) (rate(express_router_request_duration_seconds_bucket{` + byService + `, path="v1/events", method="POST"}[$__rate_interval])))`, "{{service}} p99"},
			}},
			{"Share of failed requests by instance", graph, "percentunit", 12, "One instance that fails is hardly seen in the sum.", []query{
				{`sum by (instance) (rate(express_router_request_duration_seconds_count{` + byService + `, path="v1/events", status=~"5.."}[$__rate_interval])) / sum by (instance) (rate(express_router_request_duration_seconds_count{` + byService + `, path="v1/events"}[$__rate_interval]))`, "{{instance}}"},
			}},
			{"Time to the answer, all of them", "heatmap", "s", 12, "", []query{{`sum by (le) (rate(express_router_request_duration_seconds_bucket{` + byService + `, path="v1/events", method="POST"}[$__rate_interval]))`, "{{le}}"}}},
		}},
		{"Events", []panel{
			{"Acknowledged by stream", graph, "cps", 12, "", []query{{`sum by (stream) (rate(eventgate_events_produced_total{` + byService + `, stream=~"$stream"}[$__rate_interval]))`, "{{stream}}"}}},
			{"Refused by stream and reason", graph, "cps", 12, "Streams that nobody declared count as other.", []query{{`sum by (stream, error_type) (rate(eventgate_validation_errors_total{` + byService + `, stream=~"$stream|other"}[$__rate_interval]))`, "{{stream}} {{error_type}}"}}},
			{"Lost after a hasty answer", graph, "cps", 12, "", []query{{`sum by (stream, error_type) (rate(eventgate_hasty_lost_total{` + byService + `, stream=~"$stream"}[$__rate_interval]))`, "{{stream}} {{error_type}}"}}},
			{"Odd but accepted", graph, "cps", 12, "", []query{{`sum by (what) (rate(eventgate_events_noted_total{` + byService + `}[$__rate_interval]))`, "{{what}}"}}},
		}},
		{"Kafka", []panel{
			{"What becomes of records", graph, "cps", 12, "", []query{{`sum by (producer_type, outcome) (rate(eventgate_produce_outcomes_total{` + byService + `, producer_type=~"$producer_type"}[$__rate_interval]))`, "{{producer_type}} {{outcome}}"}}},
			{"Time to the acknowledgement", graph, "s", 12, "", []query{
				{`histogram_quantile(0.5, sum by (le, producer_type) (rate(eventgate_produce_duration_seconds_bucket{` + byService + `, producer_type=~"$producer_type"}[$__rate_interval])))`, "{{producer_type}} p50"},
				{`histogram_quantile(0.99, sum by (le, producer_type) (rate(eventgate_produce_duration_seconds_bucket{` + byService + `, producer_type=~"$producer_type"}[$__rate_interval])))`, "{{producer_type}} p99"},
			}},
			{"Records that wait", graph, "short", 8, "", []query{{`sum by (producer_type) (eventgate_rdkafka_msg_cnt{` + byService + `, producer_type=~"$producer_type"})`, "{{producer_type}}"}}},
			{"Bytes that wait", graph, "bytes", 8, "", []query{{`sum by (producer_type) (eventgate_rdkafka_msg_size{` + byService + `, producer_type=~"$producer_type"})`, "{{producer_type}}"}}},
			{"Round trip by broker", graph, "µs", 8, "", []query{{`max by (nodeid, producer_type) (eventgate_rdkafka_broker_rtt_avg{` + byService + `, nodeid=~"$nodeid", producer_type=~"$producer_type"})`, "{{nodeid}} {{producer_type}}"}}},
			{"Throttled by broker", graph, "ms", 8, "", []query{{`max by (nodeid) (eventgate_rdkafka_broker_throttle_avg{` + byService + `, nodeid=~"$nodeid"})`, "{{nodeid}}"}}},
			{"Failed and repeated requests by broker", graph, "cps", 8, "", []query{
				{`sum by (nodeid) (rate(eventgate_rdkafka_broker_txerrs{` + byService + `, nodeid=~"$nodeid"}[$__rate_interval]))`, "{{nodeid}} failed"},
				{`sum by (nodeid) (rate(eventgate_rdkafka_broker_txretries{` + byService + `, nodeid=~"$nodeid"}[$__rate_interval]))`, "{{nodeid}} repeated"},
			}},
			{"Connections that ended", graph, "cps", 8, "", []query{{`sum by (nodeid) (rate(eventgate_rdkafka_broker_disconnects{` + byService + `, nodeid=~"$nodeid"}[$__rate_interval]))`, "{{nodeid}}"}}},
		}},
		{"Schemas and configuration", []panel{
			{"Schemas that were looked for", graph, "cps", 8, "", []query{{`sum by (result) (rate(eventplatform_schema_loads_total{` + byService + `}[$__rate_interval]))`, "{{result}}"}}},
			{"Stream configuration: refused", graph, "short", 8, "1: the newest one is not in use.", []query{{`max by (service, instance) (eventplatform_stream_config_refused{` + byService + `})`, "{{instance}}"}}},
			{"Schema repositories in use", "table", "short", 8, "", []query{{`count by (repository, revision) (eventplatform_schema_repository_info{` + byService + `})`, ""}}},
		}},
	},
}

var streamsDashboard = dashboard{
	uid: "eventplatform-streams", title: "Event platform: streams", about: "Who is connected, what they get, how far behind the readers are.",
	variables: []variable{
		{"service", "Service", `label_values(eventstreams_events_delivered_total, service)`},
		{"topic", "Topic", `label_values(eventstreams_records_read_total{service=~"$service"}, topic)`},
	},
	rows: []row{
		{"At a glance", []panel{
			{"Clients", number, "short", 6, "One of several streams counts for each.", []query{{`sum(eventstreams_connected_clients{` + byService + `})`, ""}}},
			{"Events delivered", number, "cps", 6, "", []query{{`sum(rate(eventstreams_events_delivered_total{` + byService + `}[$__rate_interval]))`, ""}}},
			{"Largest lag", number, "short", 6, "", []query{{`max(eventstreams_partition_lag_records{` + byService + `})`, ""}}},
			{"Turned away", number, "reqps", 6, "429 and 503", []query{{`sum(rate(express_router_request_duration_seconds_count{` + byService + `, path="v2/stream/{streams}", status=~"429|503"}[$__rate_interval]))`, ""}}},
		}},
		{"Clients", []panel{
			{"Connected by stream", graph, "short", 12, "", []query{{`sum by (stream) (eventstreams_connected_clients{` + byService + `})`, "{{stream}}"}}},
			{"New connections", graph, "cps", 12, "", []query{{`topk(20, sum by (streams) (rate(eventstreams_client_connections_total{` + byService + `}[$__rate_interval])))`, "{{streams}}"}}},
			{"Ended connections by reason", graph, "cps", 12, "stalled: the client took nothing for half a minute.", []query{{`sum by (reason) (rate(eventstreams_client_disconnections_total{` + byService + `}[$__rate_interval]))`, "{{reason}}"}}},
			{"Refused requests by status", graph, "reqps", 12, "", []query{{`sum by (status) (rate(express_router_request_duration_seconds_count{` + byService + `, path="v2/stream/{streams}"}[$__rate_interval]))`, "{{status}}"}}},
		}},
		{"Delivery", []panel{
			{"Events", graph, "cps", 8, "Ready for all: written from what is rendered once. The others were read again for clients that are behind.", []query{
				{`sum by (service) (rate(eventstreams_events_delivered_total{` + byService + `}[$__rate_interval]))`, "{{service}} delivered"},
				{`sum by (service) (rate(eventstreams_tail_events_total{` + byService + `}[$__rate_interval]))`, "{{service}} ready for all"},
			}},
			{"Bytes by compression", graph, "Bps", 8, "", []query{{`sum by (encoding) (rate(eventstreams_bytes_written_total{` + byService + `}[$__rate_interval]))`, "{{encoding}}"}}},
			{"Reads for one client that is behind", graph, "Bps", 8, "", []query{{`sum by (service) (rate(eventstreams_cold_read_bytes_total{` + byService + `}[$__rate_interval]))`, "{{service}}"}}},
			{"Gaps that clients were told of", graph, "cps", 8, "", []query{{`sum by (reason) (rate(eventstreams_gaps_total{` + byService + `}[$__rate_interval]))`, "{{reason}}"}}},
			{"Records that cannot be delivered", graph, "cps", 8, "", []query{{`sum by (topic) (rate(eventstreams_undeliverable_records_total{` + byService + `}[$__rate_interval]))`, "{{topic}}"}}},
			{"Copies that were dropped; filters that failed", graph, "cps", 8, "", []query{
				{`sum by (topic) (rate(eventstreams_copies_dropped_total{` + byService + `}[$__rate_interval]))`, "{{topic}} copies"},
				{`sum by (service) (rate(eventstreams_filter_failures_total{` + byService + `}[$__rate_interval]))`, "{{service}} filters"},
			}},
		}},
		{"Kafka", []panel{
			{"Lag by topic", graph, "short", 12, "", []query{{`max by (topic) (eventstreams_partition_lag_records{` + byService + `, topic=~"$topic"})`, "{{topic}}"}}},
			{"Records read by topic", graph, "cps", 12, "", []query{{`sum by (topic) (rate(eventstreams_records_read_total{` + byService + `, topic=~"$topic"}[$__rate_interval]))`, "{{topic}}"}}},
			{"Round trip by broker", graph, "µs", 12, "", []query{{`max by (nodeid) (rdkafka_broker_rtt_avg{` + byService + `})`, "{{nodeid}}"}}},
			{"Failed requests by broker", graph, "cps", 12, "", []query{{`sum by (nodeid) (rate(rdkafka_broker_txerrs{` + byService + `}[$__rate_interval]))`, "{{nodeid}}"}}},
		}},
	},
}

var streamDashboard = dashboard{
	uid: "eventplatform-stream", title: "Event platform: one stream", about: "One stream from its senders to its clients.",
	variables: []variable{
		{"stream", "Stream", `label_values(eventgate_events_produced_total, stream)`},
	},
	rows: []row{
		{"In", []panel{
			{"Acknowledged by service and schema", graph, "cps", 12, "", []query{{`sum by (service, schema_uri) (rate(eventgate_events_produced_total{stream="$stream"}[$__rate_interval]))`, "{{service}} {{schema_uri}}"}}},
			{"Refused by reason", graph, "cps", 12, "", []query{{`sum by (service, error_type) (rate(eventgate_validation_errors_total{stream="$stream"}[$__rate_interval]))`, "{{service}} {{error_type}}"}}},
			{"Lost after a hasty answer", graph, "cps", 12, "", []query{{`sum by (service, error_type) (rate(eventgate_hasty_lost_total{stream="$stream"}[$__rate_interval]))`, "{{service}} {{error_type}}"}}},
			{"Odd but accepted", graph, "cps", 12, "", []query{{`sum by (service, what) (rate(eventgate_events_noted_total{stream="$stream"}[$__rate_interval]))`, "{{service}} {{what}}"}}},
		}},
		{"Out", []panel{
			{"Clients", graph, "short", 8, "", []query{{`sum by (service) (eventstreams_connected_clients{stream="$stream"})`, "{{service}}"}}},
			{"Records read, by topic", graph, "cps", 8, "Topics are the stream's name with a data centre's before it; there are lines only while somebody reads.", []query{{`sum by (service, topic) (rate(eventstreams_records_read_total{topic=~"(.+[.])?${stream:regex}"}[$__rate_interval]))`, "{{service}} {{topic}}"}}},
			{"Lag, by topic", graph, "short", 8, "", []query{{`max by (service, topic) (eventstreams_partition_lag_records{topic=~"(.+[.])?${stream:regex}"})`, "{{service}} {{topic}}"}}},
		}},
		{"Canary events", []panel{
			{"Taken by the intake", graph, "short", 8, "1: taken in the last round.", []query{{`eventplatform_canary_stream_up{stream="$stream"}`, "{{datacenter}}"}}},
			{"Since the last one", graph, "s", 8, "", []query{{`time() - eventplatform_canary_last_produced_timestamp_seconds{stream="$stream"}`, "{{datacenter}}"}}},
			{"From the intake to the streamer", graph, "s", 8, "", []query{{`probe_canary_delay_seconds{stream="$stream"}`, "{{datacenter}} to {{streamer}}"}}},
		}},
	},
}

var capacityDashboard = dashboard{
	uid: "eventplatform-capacity", title: "Event platform: capacity", about: "What the services use, for how much work.",
	variables: []variable{
		{"service", "Service", `label_values(eventplatform_build_info, service)`},
		{"instance", "Instance", `label_values(eventplatform_build_info{service=~"$service"}, instance)`},
	},
	rows: []row{
		{"Work for a core and a MiB", []panel{
			{"Events taken in per core", graph, "cps", 8, "Events acknowledged a second, for each core in use.", []query{
				{`sum by (service) (rate(eventgate_events_produced_total{` + byService + `}[$__rate_interval])) / sum by (service) (rate(process_cpu_seconds_total{` + byService + `}[$__rate_interval]))`, "{{service}}"},
			}},
			{"Events delivered per core", graph, "cps", 8, "", []query{
				{`sum by (service) (rate(eventstreams_events_delivered_total{` + byService + `}[$__rate_interval])) / sum by (service) (rate(process_cpu_seconds_total{` + byService + `}[$__rate_interval]))`, "{{service}}"},
			}},
			{"Memory per client", graph, "bytes", 8, "", []query{
				{`sum by (service) (process_resident_memory_bytes{` + byService + `}) / sum by (service) (eventstreams_connected_clients{` + byService + `})`, "{{service}}"},
			}},
		}},
		{"Processes", []panel{
			{"Cores in use", graph, "short", 8, "", []query{{`sum by (service, instance) (rate(process_cpu_seconds_total{` + byService + `, instance=~"$instance"}[$__rate_interval]))`, "{{instance}}"}}},
			{"Memory", graph, "bytes", 8, "", []query{{`process_resident_memory_bytes{` + byService + `, instance=~"$instance"}`, "{{instance}}"}}},
			{"Memory, of GOMEMLIMIT", graph, "percentunit", 8, "", []query{{`process_resident_memory_bytes{` + byService + `, instance=~"$instance"} / go_gc_gomemlimit_bytes{` + byService + `, instance=~"$instance"}`, "{{instance}}"}}},
			{"Goroutines", graph, "short", 8, "", []query{{`go_goroutines{` + byService + `, instance=~"$instance"}`, "{{instance}}"}}},
			{"Open files and connections", graph, "short", 8, "", []query{{`process_open_fds{` + byService + `, instance=~"$instance"}`, "{{instance}}"}}},
			{"Garbage collection", graph, "s", 8, "Longest pause.", []query{{`go_gc_duration_seconds{` + byService + `, instance=~"$instance", quantile="1"}`, "{{instance}}"}}},
			{"Restarts", graph, "short", 8, "", []query{{`changes(process_start_time_seconds{` + byService + `, instance=~"$instance"}[1h])`, "{{instance}}"}}},
			{"Versions", "table", "short", 8, "", []query{{`count by (service, version) (eventplatform_build_info{` + byService + `})`, ""}}},
			{"Log lines left out", graph, "cps", 8, "", []query{{`sum by (service, level) (rate(eventplatform_log_lines_suppressed_total{` + byService + `}[$__rate_interval]))`, "{{service}} {{level}}"}}},
		}},
		{"Network to Kafka", []panel{
			{"Sent by intakes", graph, "Bps", 8, "", []query{{`sum by (service, producer_type) (rate(eventgate_kafka_sent_bytes_total{` + byService + `}[$__rate_interval]))`, "{{service}} {{producer_type}}"}}},
			{"Received by streamers", graph, "Bps", 8, "", []query{{`sum by (service) (rate(kafka_received_bytes_total{` + byService + `}[$__rate_interval]))`, "{{service}}"}}},
			{"Requests to Kafka, p99", graph, "s", 8, "", []query{{`histogram_quantile(0.99, sum by (le, service, request) (rate(eventgate_kafka_request_duration_seconds_bucket{` + byService + `}[$__rate_interval])))`, "{{service}} {{request}}"}}},
		}},
	},
}
