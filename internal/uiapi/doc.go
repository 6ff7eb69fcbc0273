// Package uiapi answers what the web page asks: the catalogue of streams with their rates, schemas and what changed between their versions, a dry
// run of an event, refused events summarised, and how the services are. Everything is under /ui/api/ and is JSON.
//
//	GET    about                                what there is to see: versions, pages, what may be done
//	GET    streams                              the catalogue, with the events of each of the last minutes and the time of the last one
//	GET    schemas                              the titles in the repositories and their versions
//	GET    schema?title=T&version=V             one version: its document and a table of its fields
//	GET    schema.json, schema.yaml?title=…     its document alone
//	GET    schema/diff?title=T&from=V&to=V      what changed, and whether it is compatible
//	GET    example?stream=S                     an event of the stream that its schema accepts
//	GET    fields?streams=S,S                   the fields that events of the streams can have, for the completion of a filter
//	GET    filter?streams=S,S&filter=F          whether the streams can be filtered so, and if not why and where
//	POST   try                                  a dry run of the body: what would become of its events, and where in the text they fail
//	POST   send                                 the same for real
//	GET    errors?minutes=N                     refused events: by stream, place and keyword over time, with samples
//	GET    health                               how the services are
//	GET    accepted, refused                    a test double for producers: what was taken and refused since the last DELETE
//	DELETE accepted, refused                    forget both
//
// Errors, health and sending are for the admin port, or for everyone where the configuration opens them; the test double exists only where it is
// switched on. Requests that change something are refused when another site's page makes them.
//
// What is promised: answers and memory are bounded whatever the installation's size; Kafka is asked for rates only while somebody looks, by one
// goroutine that Close ends; personal fields of samples are replaced unless the viewer is on the admin port. Nothing here is on an event's way: the
// intake and the streams do the same with and without it.
package uiapi
