// Package canary keeps a little going through every stream: events that are made from the schemas' own examples, marked with meta.domain "canary", so
// that a stream without data can be told from a broken one.
//
// A stream gets them unless canary_events_enabled is false, if destination_event_service names the intake that accepts it; streams that a regular
// expression declares have no name to send to and are left out. Each event is the first example of the newest schema of the stream's schema_title,
// with meta.domain "canary", the stream's name, the current time in meta.dt and an id of its own, and goes to the intake of every data centre in a
// request of its own: what is wrong with one stream hides nothing of another.
//
// A [Producer] promises that a round ends, in bounded time and with a bounded number of requests at once, and tells for each stream and data centre
// what became of its event and why. It never sends anything but canary events, and never to a stream that has switched them off.
package canary
