package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// maxLine bounds one line of a stream, and so one event.
const maxLine = 32 << 20

// read hands over the events of a body. alive is called whenever something came.
func (c *consumer) read(body io.Reader, alive func()) error {
	lines := bufio.NewReaderSize(body, 64<<10)
	var kind, id string
	var data []byte
	hasData, hasID := false, false
	for {
		line, err := readLine(lines)
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil // half an event is none
			}
			return err
		}
		alive()
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case len(line) == 0:
			if hasData && kind == "end" {
				c.ended = true
				return nil
			}
			event := hasData && (kind == "" || kind == "message")
			if event {
				if err := c.take(Event{ID: id, Data: data}); err != nil {
					return errStop{err}
				}
				c.had++
			}
			if hasID { // not before the event is had
				c.id = id
				if !event && c.cfg.OnPosition != nil {
					c.cfg.OnPosition(id)
				}
			}
			kind, data, hasData, hasID = "", data[:0], false, false
		case len(field) == 0:
			if gap, ok := bytes.CutPrefix(value, []byte("gap ")); ok && c.cfg.OnGap != nil {
				c.cfg.OnGap(gap)
			}
		case string(field) == "event":
			kind = string(value)
		case string(field) == "id":
			id, hasID = string(value), true
		case string(field) == "data":
			if hasData {
				data = append(data, '\n')
			}
			data, hasData = append(data, value...), true
		case string(field) == "retry":
			if ms, err := strconv.Atoi(string(value)); err == nil && ms >= 0 {
				c.retry = max(time.Duration(ms)*time.Millisecond, time.Millisecond)
			}
		}
	}
}

// readLine reads a line without its end. It is valid until the next call.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := append([]byte(nil), line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(long) > maxLine {
				return nil, fmt.Errorf("a line of the stream has more than %d bytes", maxLine)
			}
			line, err = r.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}
