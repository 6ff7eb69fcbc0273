package main

import "time"

// duration is a flag's time, such as 10s.
type duration time.Duration

// UnmarshalText reads Go's form of durations.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}
