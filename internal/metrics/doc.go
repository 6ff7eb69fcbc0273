// Package metrics tells Prometheus what happens: it implements the small observer interfaces that the rooms declare, and serves /metrics.
//
// Names and labels are those of the Node.js services where these have them, so that rules and dashboards go on. Every metric has the label service.
//
// A label's value never comes from the outside: rooms give names that are configured or loaded, methods are those of HTTP, and every family of series has a
// bound besides, past which the labels say "other". Counting an event allocates nothing.
package metrics
