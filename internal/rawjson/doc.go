// Package rawjson works on JSON as bytes: it checks, skips, finds, compares, unquotes, splices and normalises without building a tree.
//
// It promises that a text which passed [Check] is one JSON value as RFC 8259 writes it, in valid UTF-8, nested at most [MaxDepth] deep. The
// functions that walk a text ([Find], [NewMembers], [NewElements], [End]) trust that it was checked; given one that was not, they may return
// nonsense, but never read outside it, never panic and always end.
//
// Strings are compared by what they mean: "\u0061" equals "a". JSON can write half a surrogate pair ("\ud800"), which UTF-8 cannot;
// where such strings are compared they keep their identity, where they become text they turn into U+FFFD.
//
// It never allocates unless it must grow the slice it appends to (one exception: objects with duplicate keys), never keeps its input and never changes it.
package rawjson
