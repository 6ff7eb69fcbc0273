//go:build race

package metrics

// raceEnabled says that the race detector runs, which allocates by itself.
const raceEnabled = true
