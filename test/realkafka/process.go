package realkafka

import (
	"os"
	"os/exec"
	"path/filepath"
)

// process is a Java program of Kafka's that runs in a folder of its own, where its log is kept.
type process struct {
	logFile string
	cmd     *exec.Cmd
	exited  chan struct{} // closed when the process has ended
}

// javaFlags make a program quick to start; for a test that is worth more than speed afterwards.
var javaFlags = []string{"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"}

// logConfig writes warnings to the standard output; without it nothing is logged.
const logConfig = `<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="%d{HH:mm:ss.SSS} %-5p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`

// run starts a class of the class files in libs.
func (p *process) run(dir, java, libs string, memory []string, class string, args ...string) error {
	logging := filepath.Join(dir, "log4j2.xml")
	if err := os.WriteFile(logging, []byte(logConfig), 0o644); err != nil {
		return err
	}
	p.logFile = filepath.Join(dir, "log")
	log, err := os.OpenFile(p.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own
	flags := append([]string{"-Dlog4j2.configurationFile=" + logging, "-cp", filepath.Join(libs, "*")}, javaFlags...)
	flags = append(append(flags, memory...), class)
	cmd := exec.Command(java, append(flags, args...)...)
	cmd.Stdout, cmd.Stderr = log, log
	DieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, as a rule
		close(exited)
	}()
	p.cmd, p.exited = cmd, exited
	return nil
}

// kill ends the process without a word, and waits for its end.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	p.cmd.Process.Kill()
	<-p.exited
}

// logTail is what the program said last.
func (p *process) logTail() string {
	text, err := os.ReadFile(p.logFile)
	if err != nil {
		return err.Error()
	}
	const tail = 4000
	if len(text) > tail {
		text = text[len(text)-tail:]
	}
	return string(text)
}
