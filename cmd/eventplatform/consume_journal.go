package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/eventstreams/client"
)

const (
	// flushBytes and flushAfter are when events that have come are written.
	flushBytes = 256 << 10
	flushAfter = 100 * time.Millisecond
	// maxSurplus bounds what one flush can have written that its position does not cover: a full buffer and one event.
	maxSurplus = flushBytes + 33<<20
)

// journal writes events, and with each flush the position after them.
//
// A flush writes the events and then replaces the state file by renaming a new one over it. The rename is the moment from which the events count
// as flushed: the state says how long the output was then. If the process dies between the two, the output is longer than its state says, and
// the next start with the same file cuts it to that length before it goes on; so an event is in it once. What has been written to a pipe cannot
// be taken back: there the events of one flush may come again. Nothing is forced to the disk: a power cut may lose what the system had not written.
type journal struct {
	out    io.Writer
	path   string // of the state; "" = none is kept
	failed func(error)

	mu     sync.Mutex
	file   *os.File // out, if it is a file and a state is kept
	state  journalState
	buffer []byte
	moved  bool // there is something, if only a position, that is not written yet
	timer  *time.Timer
	err    error
}

// journalState is the content of the state file.
type journalState struct {
	LastEventID string `json:"last_event_id"`
	// Output is the file that the events are in; nil if they went into a pipe.
	Output *outputState `json:"output,omitempty"`
}

type outputState struct {
	// File tells files of one machine apart; "" where nothing does.
	File string `json:"file"`
	// Bytes is how long the file was after the last event that is flushed.
	Bytes int64 `json:"bytes"`
}

// journalError is an output or a state file that cannot be written.
type journalError struct{ cause error }

func (e *journalError) Error() string { return e.cause.Error() }
func (e *journalError) Unwrap() error { return e.cause }

// open reads the state, takes from the output what it does not cover, and returns where to go on.
func (j *journal) open() (lastEventID string, err error) {
	if j.path == "" {
		return "", nil
	}
	text, err := os.ReadFile(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", fmt.Errorf("the position cannot be read: %w (--state)", err)
	default:
		if err := json.Unmarshal(text, &j.state); err != nil {
			return "", fmt.Errorf("%s is no position that this program has written: %w; another --state, or none, begins anew", j.path, err)
		}
	}
	before := j.state.Output
	j.state.Output = nil
	if j.file = regular(j.out); j.file == nil {
		return j.state.LastEventID, nil
	}
	info, err := j.file.Stat()
	if err != nil {
		return "", err
	}
	size, id := info.Size(), fileID(info)
	if before != nil && id != "" && before.File == id && size > before.Bytes {
		if size-before.Bytes > maxSurplus {
			return "", fmt.Errorf("the output has %d bytes more than %s says: something else wrote to it; give another output", size-before.Bytes, j.path)
		}
		if err := j.file.Truncate(before.Bytes); err != nil {
			return "", fmt.Errorf("the output's unfinished end cannot be taken off: %w", err)
		}
		size = before.Bytes
	}
	if _, err := j.file.Seek(0, io.SeekEnd); err != nil {
		return "", err
	}
	// Known before the first flush, so that the end of one that is cut off is known too.
	j.state.Output = &outputState{id, size}
	return j.state.LastEventID, j.save()
}

// add takes an event; it is written soon.
func (j *journal) add(e client.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	begin := len(j.buffer)
	j.buffer = append(j.buffer, e.Data...)
	for line := j.buffer[begin:]; ; { // between JSON's tokens a line break is a space
		i := bytes.IndexByte(line, '\n')
		if i < 0 {
			break
		}
		line[i] = ' '
		line = line[i+1:]
	}
	j.buffer = append(j.buffer, '\n')
	j.state.LastEventID, j.moved = e.ID, true
	switch {
	case len(j.buffer) >= flushBytes:
		j.flush()
	case begin == 0:
		j.flushSoon()
	}
	return j.err
}

// position takes a position without an event. It is kept like one, so that a consumer that dies before its first event goes on where it began.
func (j *journal) position(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state.LastEventID, j.moved = id, true
	if len(j.buffer) == 0 {
		j.flushSoon()
	}
}

// flushSoon has what came written a moment later. The caller holds mu.
func (j *journal) flushSoon() {
	if j.timer == nil {
		j.timer = time.AfterFunc(flushAfter, j.flushLater)
	} else {
		j.timer.Reset(flushAfter)
	}
}

func (j *journal) flushLater() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.flush()
}

// flush writes the events, then their position. The first error stays. The caller holds mu.
func (j *journal) flush() {
	if !j.moved || j.err != nil {
		return
	}
	n, err := 0, error(nil)
	if len(j.buffer) > 0 {
		n, err = j.out.Write(j.buffer)
	}
	if err == nil && j.path != "" {
		if j.state.Output != nil {
			j.state.Output.Bytes += int64(n)
		}
		err = j.save()
	}
	j.buffer, j.moved = j.buffer[:0], false
	if err != nil {
		j.err = &journalError{err}
		j.failed(j.err)
	}
}

// save replaces the state file.
func (j *journal) save() error {
	text, err := json.Marshal(j.state)
	if err != nil {
		return err
	}
	fresh := j.path + ".new"
	if err = os.WriteFile(fresh, append(text, '\n'), 0o644); err == nil {
		err = os.Rename(fresh, j.path)
	}
	if err != nil {
		return fmt.Errorf("the position cannot be kept: %w (--state)", err)
	}
	return nil
}

// close writes what is left.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.timer != nil {
		j.timer.Stop()
	}
	j.flush()
	return j.err
}
