package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A file is long if it is worth showing how far one is.
const longFile = 32 << 20

// progress is a bar on a terminal for long files. It shows nothing where the results go to the same terminal, or no terminal is there.
type progress struct {
	out   io.Writer // nil to show nothing
	name  string
	size  int64
	done  int64
	start time.Time
	shown time.Time
}

func newProgress(t *terminal) *progress {
	if isTerminal(t.Err) && !isTerminal(t.Out) {
		return &progress{out: t.Err}
	}
	return &progress{}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// begin starts with a file of so many bytes.
func (p *progress) begin(name string, size int64) {
	p.end()
	p.name, p.size, p.done, p.start, p.shown = name, size, 0, time.Now(), time.Time{}
}

// add says that so many bytes more are done.
func (p *progress) add(n int) {
	p.done += int64(n)
	if p.out == nil || p.size < longFile || p.done&0xffff >= int64(n) { // the clock is looked at every 64 KiB
		return
	}
	now := time.Now()
	if now.Sub(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = now
	const width = 30
	full := int(min(p.done, p.size) * width / p.size)
	speed := float64(p.done) / 1e6 / now.Sub(p.start).Seconds()
	fmt.Fprintf(p.out, "\r%s [%s%s] %3d %%  %.0f MB/s ", p.name, strings.Repeat("=", full), strings.Repeat(" ", width-full), min(p.done, p.size)*100/p.size, speed)
}

// end takes the bar away.
func (p *progress) end() {
	if p.out != nil && !p.shown.IsZero() {
		fmt.Fprint(p.out, "\r\033[K")
	}
	p.shown = time.Time{}
}
