// Package lint checks stream configurations and schema repositories for code review: what cannot work, what is doubtful, and what a change would do.
//
// A finding has a rule, a place, a message and a remedy. Errors are what cannot work or breaks somebody; warnings are what is probably not meant. The
// checks read what they are given and nothing else, and report everything they find, in the order of the declarations. They never repair.
//
// To add a rule: a method of checker in the file of its group, a call in Streams or Repository, and a test that breaks it.
package lint
