// Package house holds the tests that keep the house in order: which room may import which, where other people's code may be used, and the
// few rules of form that no linter knows. It reads source files only, all of them whatever their build tags, and starts nothing.
package house
