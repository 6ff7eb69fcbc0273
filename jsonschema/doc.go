// Package jsonschema compiles a JSON Schema (draft-04, draft-06 or draft-07, as ajv 6.12.6 reads them) to a program that validates the bytes of
// an event in one pass without allocating, and lists what it refuses in ajv's order and words.
//
// It promises ajv's verdict, or a row in docs/differences/jsonschema.md; bounded time and memory whatever the schema and the event
// are; and that no input makes it panic. It never keeps or changes an event, and never fetches anything but through Options.Load.
//
// # The program
//
// A program is a graph of nodes, one for each subschema (node.go): the types it admits and, for each group of keywords that it uses, a pointer to the
// group's rules. The groups are ajv's, in ajv's order: numbers, strings, arrays, objects, and those for every type. A schema inside a combinator
// has a node of its own, because ajv fills in no defaults there.
//
// Two passes run it:
//
//   - The machine (machine.go) reads an event's bytes once and says yes or no. An object's members find their entries by guessing that they come
//     in the order in which they came last time, else by a perfect hash (table.go); the entries seen are bits, compared with the required ones at
//     the end. Keywords that need a value again (combinators, contains, propertyNames) read its bytes again. Keys that the schema does not
//     mention are hashed to find duplicates (unique.go). Where the machine cannot decide, it says so.
//   - The explainer (explain.go) walks a parsed event in ajv's order, fills in defaults as ajv does, and lists errors. It runs only for events
//     that the machine does not accept. Both must always agree; the tests compare them on everything they can lay their hands on.
//
// # Adding a keyword
//
//  1. Find its group in ajv's order (keywordGroups in node.go) and add the name there.
//  2. In the group's file (numbers.go, strings.go, arrays.go, objects.go, combine.go) add a field to the rules and read it where the group
//     is compiled: p.v is the schema, p.child(...).fail(...) an error with its place.
//  3. Check it in the machine: in the rules' admits (numbers, strings), or in machine.go where the array or object ends, or in rest for
//     values of every type. If it looks at a value again, set compiler.rereads.
//  4. Report it in the group's explain function, at its place in ajv's order, with ajv's params and message.
//  5. Add rows to the group's table test, and the keyword to random_test.go, so that both passes and another validator are compared.
package jsonschema
