package embedded

import "fmt"

// DirError says that the data directory cannot be used.
type DirError struct {
	Dir   string
	Doing string // "create", "write to", …
	cause error
}

func (e *DirError) Error() string {
	return fmt.Sprintf("cannot %s the data directory %s (%v): mend that, or give another directory", e.Doing, e.Dir, e.cause)
}

// Unwrap returns the operating system's or the broker's error.
func (e *DirError) Unwrap() error { return e.cause }

// InUseError says that another process uses the data directory.
type InUseError struct {
	Dir string
	PID string // of that process, if it wrote it down
}

func (e *InUseError) Error() string {
	who := "another process"
	if e.PID != "" {
		who = "process " + e.PID
	}
	return fmt.Sprintf("the data directory %s is in use by %s: end that, or give another directory", e.Dir, who)
}

// ListenError says that the address for Kafka clients cannot be used.
type ListenError struct {
	Addr   string
	Remedy string
	cause  error
}

func (e *ListenError) Error() string {
	return fmt.Sprintf("cannot listen for Kafka clients on %s (%v): %s", e.Addr, e.cause, e.Remedy)
}

// Unwrap returns the operating system's error.
func (e *ListenError) Unwrap() error { return e.cause }
