// Package process starts a program to be measured and reads what the operating system says of it: processor time and resident memory. Linux only.
package process

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Process is a running program that printed the address that it serves.
type Process struct {
	cmd *exec.Cmd
	// URL is what it serves, without a slash at the end.
	URL string
}

// Addr is host:port of what it serves.
func (p *Process) Addr() string { return strings.TrimPrefix(p.URL, "http://") }

// address is how programs tell where they listen: in a line for people, or in a line of a log.
var address = regexp.MustCompile(`(?:http://|"listen":")(127\.0\.0\.1:\d+)`)

// Start runs the program and waits until it has printed its address.
func Start(program string, args ...string) (*Process, error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("processor time and memory are read from /proc, which %s has not: run this on Linux", runtime.GOOS)
	}
	cmd := exec.Command(program, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			go func() {
				for lines.Scan() { // drained, so that the program never waits for us
				}
			}()
			return &Process{cmd: cmd, URL: "http://" + m[1]}, nil
		}
	}
	_ = cmd.Process.Kill()
	return nil, fmt.Errorf("%s %s ended without printing an address: %w", program, strings.Join(args, " "), cmd.Wait())
}

// CPU is the processor time that the process has used, in user and kernel mode.
func (p *Process) CPU() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The second field is the program's name in parentheses and may hold spaces: fields are counted after it (proc(5): utime is 14, stime 15).
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", p.cmd.Process.Pid, len(fields))
	}
	const ticksPerSecond = 100 // USER_HZ, the same on every Linux that Go runs on
	ticks := 0
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// PeakMemory is the largest resident set that the process has had, in bytes.
func (p *Process) PeakMemory() (int64, error) { return p.status("VmHWM") }

// Memory is the resident set of the process now, in bytes.
func (p *Process) Memory() (int64, error) { return p.status("VmRSS") }

// status reads a number of kilobytes from /proc, in bytes.
func (p *Process) status(name string) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/%d/status has no %s", p.cmd.Process.Pid, name)
}

// Stop ends the process and waits for its end.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-done
	}
}

// Build compiles the platform's program into the folder and returns its path.
func Build(folder string) (string, error) {
	program := filepath.Join(folder, "eventplatform")
	cmd := exec.Command("go", "build", "-o", program, "github.com/eventplatform/eventplatform/cmd/eventplatform")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}
