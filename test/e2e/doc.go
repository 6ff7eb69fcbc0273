// Package e2e holds the tests that run the real program over HTTP: on its embedded broker, and with the same code on Apache Kafka.
package e2e
