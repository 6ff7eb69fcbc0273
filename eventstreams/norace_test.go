//go:build !race

package eventstreams

const raceEnabled = false
