// Package check looks at a running platform from outside, as its users do, and says whether it works: does a stream bring events, does an intake take
// one, how far behind is a streamer, do canary events come out of every streamer. A [Result] is the answer in three forms: the line and exit code that
// Nagios and Icinga understand, JSON, and metrics for Prometheus, for which [Prober] serves checks over HTTP.
//
// A check promises to end, within the time it is given and a moment for saying so. It never changes what it looks at, but for the test event of the
// intake's check and the canary events that the caller sends for the canary check. A Prober never asks an address that its operator has not allowed.
package check
