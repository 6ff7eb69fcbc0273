//go:build race

package eventstreams

// raceEnabled: the race detector allocates.
const raceEnabled = true
