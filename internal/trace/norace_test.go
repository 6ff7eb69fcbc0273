//go:build !race

package trace

// raceEnabled says whether the race detector is on, which allocates.
const raceEnabled = false
