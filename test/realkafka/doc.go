// Package realkafka runs Apache Kafka for tests: one or three KRaft brokers on free loopback ports, which can be killed, frozen and restarted,
// and MirrorMaker 2, which copies topics between two such clusters.
//
// The jars are fetched once with Maven into a cache folder outside the repository (EVENTPLATFORM_CACHE, else the user's cache folder). Where Java or
// Maven is missing, or the jars cannot be had, a test is skipped and says why; with CI=true it fails instead.
package realkafka
