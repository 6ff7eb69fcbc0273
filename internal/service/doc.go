// Package service is the shell that every service of the platform shares: it listens, answers /_info, /healthz and /readyz, and ends in order.
//
// It promises: a port that cannot be had is one line that says how to mend it; request heads up to 64 KiB are read and slow ones are cut; ready means
// that this process can answer and nothing else (it never asks Kafka or another service); on the end of its context it stops accepting, runs the
// drains in order (first one's streams and requests, last one's producers), and returns.
//
// It never sets a write timeout on the whole server: that would cut streams. Whoever writes sets a deadline for each write.
package service
