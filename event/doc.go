// Package event knows the platform's event as bytes: it splits a request's body into events, finds an event's well-known fields and fills in what
// is missing.
//
// Everything is found in one structural scan: a [Plan] names the fields to look for, and for each event the scan records where their values start
// and end. Filling in fields is a list of insertions into the bytes as they came ([Plan.Fill]); nothing is decoded and written again, so numbers,
// key order and unknown fields stay as they were sent.
//
// Names are compared as JSON reads them ("\u006deta" is "meta"), and of duplicate keys the last one counts.
//
// The scan checks the structure of the objects that it walks through and skips over the rest. It never judges whether an event is JSON: who uses
// its result has each event checked strictly as well (the validator does, or rawjson.Check), before anything is done with it. A body whose
// structure cannot be followed is reported as such; for a body that is JSON this never happens.
//
// Nothing here allocates once its buffers have grown to the size of the traffic.
package event
