package embedded

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// dirLock is held by the process that uses the directory. The operating system releases it when the process ends, however that happens.
type dirLock struct{ file *os.File }

// lockDir makes the directory if it is missing, and takes it for this process.
func lockDir(dir string) (*dirLock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, &DirError{Dir: dir, Doing: "create", cause: cause(err)}
	}
	path := filepath.Join(dir, "lock")
	f, err := openLocked(path)
	if errors.Is(err, errLocked) {
		return nil, &InUseError{Dir: dir, PID: holder(path)}
	}
	if err != nil {
		return nil, &DirError{Dir: dir, Doing: "write to", cause: cause(err)}
	}
	l := &dirLock{f}
	// For the message that another process gets.
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
	if err != nil {
		return nil, errors.Join(&DirError{Dir: dir, Doing: "write to", cause: cause(err)}, l.release())
	}
	return l, nil
}

func (l *dirLock) release() error { return l.file.Close() }

func holder(path string) string {
	b, err := os.ReadFile(path)
	pid := strings.TrimSpace(string(b))
	if _, convErr := strconv.Atoi(pid); err != nil || convErr != nil {
		return ""
	}
	return pid
}

// cause leaves the operation and the path out: the message says them already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// newClusterID makes an id as Kafka does: 16 random bytes, URL-safe base64.
func newClusterID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("no random bytes for a cluster id: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// clusterID returns the directory's cluster id, made at the first start. Positions of consumers are tied to it.
func clusterID(dir string) (string, error) {
	path := filepath.Join(dir, "cluster-id")
	b, err := os.ReadFile(path)
	if err == nil {
		id := strings.TrimSpace(string(b))
		if raw, err := base64.RawURLEncoding.DecodeString(id); err != nil || len(raw) != 16 {
			return "", &DirError{Dir: dir, Doing: "read the cluster id in", cause: fmt.Errorf("%q is not a cluster id", id)}
		}
		return id, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", &DirError{Dir: dir, Doing: "read the cluster id in", cause: cause(err)}
	}
	id, err := newClusterID()
	if err != nil {
		return "", err
	}
	if err := writeDurably(path, id+"\n"); err != nil {
		return "", &DirError{Dir: dir, Doing: "write the cluster id to", cause: cause(err)}
	}
	return id, nil
}

// writeDurably leaves either the whole file or none.
func writeDurably(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is gone when it was renamed
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
