// Package eventstreams serves declared streams as Server-Sent Events: it turns stream names into topics, bounds what one client may open, describes
// itself, and leaves the streaming to kafkasse.
//
// A stream is served if its declaration has topics and is not a pattern. Names are what clients know; topics are named only in ids. The
// package never talks to Kafka itself and keeps nothing about a client longer than its connection.
package eventstreams
