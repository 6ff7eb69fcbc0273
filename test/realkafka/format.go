package realkafka

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// clusterID is of every cluster of this package: 16 bytes, URL-safe base64.
const clusterID = "ZXZlbnRwbGF0Zm9ybV9fXw"

// formatted returns the data folders of fresh nodes, 1 to n, below one folder. Formatting starts a Java program for each node, for seconds; what it
// writes says nothing of ports, and so is made once and copied.
func formatted(java, libs string, n int) (string, error) {
	return kept(fmt.Sprintf("formatted-%d", n), func(dir string) error {
		var all []*broker
		for i := range n {
			all = append(all, &broker{id: i + 1, port: 1000 + i, controller: 2000 + i, dir: filepath.Join(dir, fmt.Sprint(i+1))})
		}
		for _, b := range all {
			if err := os.MkdirAll(b.dir, 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(b.config(), []byte(b.properties(all)), 0o644); err != nil {
				return err
			}
			args := append([]string{"-cp", filepath.Join(libs, "*")}, javaFlags...)
			out, err := exec.Command(java, append(args, "kafka.tools.StorageTool", "format", "-t", clusterID, "-c", b.config())...).CombinedOutput()
			if err != nil {
				return fmt.Errorf("formatting a broker's folder: %w\n%s", err, out)
			}
		}
		return nil
	})
}
