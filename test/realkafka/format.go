package realkafka

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// formattedID is the id that formatted nodes have until their cluster gets its own.
const formattedID = "ZXZlbnRwbGF0Zm9ybV9fXw"

// newClusterID makes the id of a cluster: 16 bytes, URL-safe base64.
func newClusterID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// setClusterID writes a cluster's id into the data folder of one of its nodes: positions in two clusters must not look alike.
func setClusterID(data, id string) error {
	file := filepath.Join(data, "meta.properties")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fresh := bytes.ReplaceAll(text, []byte(formattedID), []byte(id))
	if !bytes.Contains(fresh, []byte(id)) {
		return fmt.Errorf("%s does not have the id that it was formatted with", file)
	}
	return os.WriteFile(file, fresh, 0o644)
}

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
			args := append(append([]string{"-cp", filepath.Join(libs, "*")}, javaFlags...), brokerMemory...)
			out, err := exec.Command(java, append(args, "kafka.tools.StorageTool", "format", "-t", formattedID, "-c", b.config())...).CombinedOutput()
			if err != nil {
				return fmt.Errorf("formatting a broker's folder: %w\n%s", err, out)
			}
		}
		return nil
	})
}
