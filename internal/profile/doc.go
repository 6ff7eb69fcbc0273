// Package profile shows where a running service spends its time and memory: it serves profiles on the admin port, fetches one, and draws it as a flame graph or
// prints it as a table.
//
// It promises: one command leads from a service's address to a picture, without any other tool; what costs time (counting waits and locks) is counted only
// while somebody asks for it; a picture is one file that every browser shows, without scripts.
//
// Profiles tell much of a process and cost it time: they are served in debug mode only, and never on the port that clients use.
package profile
