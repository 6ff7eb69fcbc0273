// Package filter decides with an expression whether an event is delivered. The language is CEL; what it may say is typed by the JSON Schemas of the
// streams that are read, so that a misspelt field or a number compared with a text is an error at connect, with its place, and not a stream that stays
// silent.
//
// An expression sees three names: event (the event as it is sent), topic (a text) and timestamp (the record's time). What it promises:
//
//   - event.meta.domain and event['meta']['domain'] are the same, so every name of JSON can be written. has() takes both forms.
//   - A field must be declared by at least one of the schemas, and be of one type in all that declare it. Integers and numbers are one family: they
//     compare with each other. Objects without declared members, and members declared with several types, are dynamic; dyn(event).x asks for x unchecked.
//   - A comparison, or anything else that is true or false, is false when a field it needs is missing, null or of another type. !, && and || then go on
//     with that false: event.n > 1 || event.m > 1 holds if one does, and !(event.title == "A") holds for an event without a title, while
//     event.title != "A" does not.
//   - The verdict depends on nothing but the expression, the schemas and the event.
//   - Work is bounded: by the expression's size, by an estimate when it is compiled, and by a budget for each event; an event that exceeds it is not
//     delivered. Patterns of matches() are constants.
//
// It reads the event's bytes where the expression looks and never builds a tree of it. Filters are safe for concurrent use.
package filter
