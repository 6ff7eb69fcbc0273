// Package trace follows single events from their POST through Kafka to the streamer, as spans of OpenTelemetry, and sends these to a collector (OTLP over HTTP).
//
// It promises: a trace that the sender began is gone on with if the sender samples it; of the requests that belong to none, a share is sampled. The context of
// a trace travels in W3C's headers: traceparent of the request, traceparent of the Kafka record. Spans that cannot be delivered are dropped, in bounded memory,
// and the log says so once.
//
// It is off unless a collector is named: then nothing of it is on the way of an event. It knows nothing of Kafka's or HTTP's libraries: whoever produces and
// reads calls it.
package trace
