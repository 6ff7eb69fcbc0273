//go:build !race

package streamconfig

const raceEnabled = false
