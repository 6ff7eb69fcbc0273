//go:build !unix

package realkafka

// lock has nothing to wait with here: the last of two processes that make the same folder finds it made.
func lock(string) (unlock func() error, err error) { return func() error { return nil }, nil }
