//go:build race

package kafkasse

// raceEnabled: the race detector allocates.
const raceEnabled = true
