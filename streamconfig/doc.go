// Package streamconfig holds the declarations of streams: what each stream is called, which schema its events have, which topics it has, who
// produces it and who consumes it. Intakes, streamers, canary jobs and ingestion all ask here.
//
// A source is a YAML or JSON file, a folder of such files or a URL. Declarations are merged with the defaults once, when they are read, as
// PHP's array_replace_recursive does; the result is a Config, an immutable snapshot that is shared without locks. A source with anything wrong
// in it gives no Config at all but an error that names every fault with its file, line, place and remedy: one bad entry is found before it is
// live, never by a query.
//
// Looking up a stream by its exact name costs one map access and no allocation, whatever the number of streams. Regular expressions are tried
// in their declared order only for names that are not declared, with a bound on the time each may take.
//
// The package never fetches or reads anything when it is asked for a stream: Store reads the sources again on demand and keeps the last good
// snapshot, Client does the same for a service elsewhere. It imports no other room.
package streamconfig
