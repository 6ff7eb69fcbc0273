package realkafka

import (
	"os"
	"path/filepath"
)

// mirrorMemory is MirrorMaker's, which is enough for a test.
var mirrorMemory = []string{"-Xms64m", "-Xmx160m"}

// MirrorMaker is a running MirrorMaker 2, which copies topics between clusters as its properties say.
type MirrorMaker struct {
	dir, java, libs string

	process
}

// RunMirrorMaker starts MirrorMaker, with its files in dir, until Stop. It does not wait for the first record to be mirrored, which takes ten seconds and
// more. The error is a *MissingError if this machine has no Kafka.
func RunMirrorMaker(dir, properties string) (*MirrorMaker, error) {
	libs, java, err := jars("mirror-libs", mirrorArtifact)
	if err != nil {
		return nil, err
	}
	m := &MirrorMaker{dir: dir, java: java, libs: libs}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(m.config(), []byte(properties), 0o644); err != nil {
		return nil, err
	}
	return m, m.Revive()
}

func (m *MirrorMaker) config() string { return filepath.Join(m.dir, "mm2.properties") }

// Kill ends MirrorMaker as a crash does: what it has copied since it last kept its position, it copies again after Revive.
func (m *MirrorMaker) Kill() { m.kill() }

// Stop ends MirrorMaker; it may be called twice.
func (m *MirrorMaker) Stop() { m.kill() }

// Revive starts MirrorMaker after Kill.
func (m *MirrorMaker) Revive() error {
	return m.run(m.dir, m.java, m.libs, mirrorMemory, "org.apache.kafka.connect.mirror.MirrorMaker", m.config())
}

// Logs are MirrorMaker's last lines.
func (m *MirrorMaker) Logs() string { return "--- MirrorMaker\n" + m.logTail() + "\n" }
