// Package eventgate is the intake: it takes events over HTTP, checks them, and hands them to Kafka.
//
// The core is [Gate]. It knows no HTTP library: [Gate.Handle] takes a body and returns a status, a reason phrase, headers and a body. An event goes
// through it as bytes:
//
//	split → schema looked up → fields filled in → stream checked → validated → topic and key → produced → answer
//	(event)   (Schemas)         (Transforms)      (Streams)        (jsonschema)                 (Producer)
//
// Every event of a request is checked before any is produced. Guaranteed requests wait for the brokers' acknowledgements; hasty ones are answered
// when their events were checked and handed over, and nothing else differs between the two.
//
// [NewHandler] puts a net/http shell around the core, with the routes, headers and answers of the Node.js service that this one takes the
// place of. Where the answers differ there is a row in docs/differences/eventgate.md.
//
// What is promised: an event answered 201 is in Kafka; one that is refused is answered with the reason; one whose fate is unknown is answered
// so. What is produced is what was sent, plus the fields that are filled in. A sender's mistake is a 4xx and never an error in the log. Past a bound
// (body, hasty queue, buffers) the sender hears 413 or 503.
//
// What is never done: an event is never decoded and written again, no header of a stranger becomes a metric label, no private cause of an error
// is told to the sender.
package eventgate
