package main

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

// nobody owns what the program may write; everything else belongs to root and can be read by everyone.
const nobody = 65534

// entry is a file, folder or link of a layer.
type entry struct {
	name   string // slash-separated, without a leading slash
	mode   int64  // permissions
	folder bool
	link   string // what a symbolic link points to
	owner  int
	text   []byte // a file's content, or
	source string // the file that has it
}

// layer is a packed layer: its descriptor, the digest of what it is unpacked, and its bytes.
type layer struct {
	descriptor
	diffID string
	packed []byte
}

// pack makes a layer. The same entries give the same bytes, whatever their order, and whoever packs them when: times are zero.
func pack(entries []entry) (layer, error) {
	entries = withFolders(entries)
	var packed bytes.Buffer
	plainSum := sha256.New()
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed) // most of it is a program, which better levels make hardly smaller
	if err != nil {
		return layer{}, err
	}
	out := tar.NewWriter(io.MultiWriter(zip, plainSum))
	for i := range entries {
		if err := entries[i].write(out); err != nil {
			return layer{}, fmt.Errorf("%s: %w", entries[i].name, err)
		}
	}
	if err := out.Close(); err != nil {
		return layer{}, err
	}
	if err := zip.Close(); err != nil {
		return layer{}, err
	}
	return layer{describe(mediaLayer, packed.Bytes()), "sha256:" + hex.EncodeToString(plainSum.Sum(nil)), packed.Bytes()}, nil
}

func (e *entry) write(out *tar.Writer) error {
	header := &tar.Header{Name: e.name, Mode: e.mode, Uid: e.owner, Gid: e.owner, ModTime: time.Unix(0, 0), Typeflag: tar.TypeReg}
	text := e.text
	switch {
	case e.folder:
		header.Name, header.Typeflag = e.name+"/", tar.TypeDir
	case e.link != "":
		header.Linkname, header.Typeflag = e.link, tar.TypeSymlink
	case e.source != "":
		var err error
		if text, err = os.ReadFile(e.source); err != nil {
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
func withFolders(entries []entry) []entry {
	have := map[string]bool{".": true}
	for _, e := range entries {
		have[e.name] = true
	}
	all := slices.Clone(entries)
	for _, e := range entries {
		for dir := path.Dir(e.name); !have[dir]; dir = path.Dir(dir) {
			have[dir] = true
			all = append(all, entry{name: dir, mode: 0o755, folder: true})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return all
}
