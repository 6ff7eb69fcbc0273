//go:build !race

package kafkasse

const raceEnabled = false
