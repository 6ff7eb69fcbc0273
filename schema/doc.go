// Package schema finds the schema that an event names in its $schema field: in schema repositories, which are folders, parts of the binary or
// other services' HTTP servers, tried in their order.
//
// What an event may name is decided before anything is read: a relative path of title and version, without traversal, query, fragment or host, of
// bounded length. A document counts only if it says itself that it is that schema, so that no repository can stand in for another's. What was found
// is compiled once and kept; what was not found is remembered for a moment, so that a flood of unknown names costs nothing; many who wait for the same
// schema cause one fetch. The cache is bounded.
//
// A version is immutable. An HTTP repository is asked again from time to time with the ETag it gave; if it does not answer, what is known stays in
// use. Where a version's text does change it is reported, and whether the change is taken is a setting.
//
// Errors have a message for the person who sent the event, which never holds a path of this machine, and apart from it the cause for the operator.
//
// The package also serves repositories over HTTP (NewHandler) in the form in which it reads them.
package schema
