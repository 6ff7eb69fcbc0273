//go:build race

package eventgate

const raceEnabled = true
