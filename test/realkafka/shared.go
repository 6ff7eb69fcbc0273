package realkafka

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

var shared struct {
	once    sync.Once
	dir     string
	cluster *Cluster
	err     error
}

// Shared returns a cluster of one broker that all tests of the package have together: it is started when the first asks for it. Tests use topics of
// their own, and leave the broker alone. The package's TestMain has to be Main.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "realkafka-"); shared.err == nil {
			shared.cluster, shared.err = Run(shared.dir, 1)
		}
	})
	if shared.err != nil {
		unavailable(t, shared.err)
	}
	return shared.cluster
}

// Main runs the package's tests and ends the shared cluster; it returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.cluster != nil {
		if code != 0 {
			fmt.Println(shared.cluster.Logs())
		}
		shared.cluster.Stop()
	}
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	return code
}
