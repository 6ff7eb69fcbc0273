package e2e

import (
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/test/realkafka"
)

// onEachCluster runs the same code on the embedded broker and on Apache Kafka; cluster are the flags that choose it.
func onEachCluster(t *testing.T, run func(t *testing.T, cluster ...string)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		run(t, "--data-dir", t.TempDir())
	})
	t.Run("kafka", func(t *testing.T) {
		if testing.Short() {
			t.Skip("Apache Kafka is not started in a short run")
		}
		run(t, "--kafka", strings.Join(realkafka.Shared(t).Addrs(), ","))
	})
}
