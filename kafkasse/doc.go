// Package kafkasse serves the topics of a Kafka cluster as Server-Sent Events and as newline-delimited JSON. It knows topics, partitions and
// records; it knows nothing of streams, schemas or a company's conventions, which its hooks are for.
//
// What it promises:
//
//   - A consumer misses nothing from the moment it has the response head, and after a reconnect with the last id it saw it misses nothing and
//     sees nothing twice, on the same cluster and on a mirror of it. What retention has deleted is announced as a gap.
//   - A slow client slows only itself. A stalled one is cut after its budget.
//   - Memory is bounded: by bytes for what is retained, by bytes and readers for what is read again, by a number of subscriptions.
//   - A record is read, checked and rendered once, however many clients want it; delivering it to one more allocates nothing.
//
// One reader per partition exists while somebody needs it. One tail per subscription (a set of topics) puts the partitions' records into one
// order and into blocks of ready frames. Every connection pulls from its tail with its own cursor; a connection that is behind the tail reads
// from Kafka until its positions have reached what the tail retains, and then moves over.
package kafkasse
