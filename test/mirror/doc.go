// Package mirror runs two data centres on one machine: in each an Apache Kafka, an intake and a streamer, between them MirrorMaker 2, all of them
// programs of their own, configured by the files in deploy/mirror.
//
// It takes them down, kills the mirror and switches consumers to and fro under load, and says whether anyone has missed an event or had one twice.
// deploy/mirror/two-dcs.sh runs it by hand, the test of this package as a check.
package mirror
