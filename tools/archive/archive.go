// Package archive packs files so that the same files make the same bytes, whoever packs them when: sorted, without times and names of owners.
package archive

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"time"
)

// Entry is a file, folder or symbolic link.
type Entry struct {
	// Name is separated by slashes and does not begin with one.
	Name string
	// Mode are the permissions, as chmod has them.
	Mode   int64
	Folder bool
	// Link is what a symbolic link points to.
	Link string
	// Owner is the number of the user and the group.
	Owner int
	// Text is a file's content, unless Source names a file that has it.
	Text   []byte
	Source string
}

// TarGz packs entries and the folders above them into a compressed tar archive. It returns also the digest, sha256:…, of what is compressed.
func TarGz(entries []Entry) (packed []byte, digest string, err error) {
	var out bytes.Buffer
	plain := sha256.New()
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed) // most of it is a program, which better levels make hardly smaller
	if err != nil {
		return nil, "", err
	}
	if err := Tar(io.MultiWriter(zip, plain), entries); err != nil {
		return nil, "", err
	}
	if err := zip.Close(); err != nil {
		return nil, "", err
	}
	return out.Bytes(), "sha256:" + hex.EncodeToString(plain.Sum(nil)), nil
}

// Tar writes entries and the folders above them as a tar archive.
func Tar(w io.Writer, entries []Entry) error {
	out := tar.NewWriter(w)
	for _, e := range withFolders(entries) {
		if err := e.write(out); err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	return out.Close()
}

func (e *Entry) write(out *tar.Writer) error {
	header := &tar.Header{Name: e.Name, Mode: e.Mode, Uid: e.Owner, Gid: e.Owner, ModTime: time.Unix(0, 0), Typeflag: tar.TypeReg}
	text := e.Text
	switch {
	case e.Folder:
		header.Name, header.Typeflag = e.Name+"/", tar.TypeDir
	case e.Link != "":
		header.Linkname, header.Typeflag = e.Link, tar.TypeSymlink
	case e.Source != "":
		var err error
		if text, err = os.ReadFile(e.Source); err != nil {
			return err
		}
	}
	header.Size = int64(len(text))
	if err := out.WriteHeader(header); err != nil {
		return err
	}
	_, err := out.Write(text)
	return err
}

// withFolders sorts the entries and adds the folders above them that are not among them.
func withFolders(entries []Entry) []Entry {
	have := map[string]bool{".": true}
	for _, e := range entries {
		have[e.Name] = true
	}
	all := slices.Clone(entries)
	for _, e := range entries {
		for dir := path.Dir(e.Name); !have[dir]; dir = path.Dir(dir) {
			have[dir] = true
			all = append(all, Entry{Name: dir, Mode: 0o755, Folder: true})
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
