// Package embedded runs a Kafka broker inside the process: one node that keeps its topics in a directory, so that a laptop, a test or a small
// installation needs nothing else. It speaks Kafka's protocol, and so everything else in the platform is the same as against a cluster.
//
// What it promises:
//
//   - Every record that was acknowledged is there after a restart, also after the process was killed. With SyncWrites also after a power cut.
//   - Topics, offsets and the cluster's id last as long as the directory. No two processes use a directory at once.
//   - The directory is bounded: the oldest records of a partition go when it grows past RetentionBytes. Age never deletes anything: an event's
//     time is what its sender says it is, and one old event among new ones must not take those with it.
//   - What other Kafka clients, or things that are none, send to its port cannot end the process.
//
// What it never does: replicate, or listen beyond the loopback interface unless told to.
package embedded
