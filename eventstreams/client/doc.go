// Package client consumes a platform's streams over HTTP, for as long as it takes: it reconnects with the last id, waits as long as the server asks
// for, and notices connections that are dead without being closed.
//
// What it promises: every event is handed over once and in order, from the given position on, as long as the server keeps it; an event counts as had
// when the function that takes it has returned. It never drops an event, never hands over half of one, and never gives up on what may pass.
package client
