package main

import "github.com/eventplatform/eventplatform/tools/archive"

// nobody owns what the program may write; everything else belongs to root and can be read by everyone.
const nobody = 65534

// entry is a file, folder or link of a layer.
type entry = archive.Entry

// layer is a packed layer: its descriptor, the digest of what it is unpacked, and its bytes.
type layer struct {
	descriptor
	diffID string
	packed []byte
}

func pack(entries []entry) (layer, error) {
	packed, digest, err := archive.TarGz(entries)
	return layer{describe(mediaLayer, packed), digest, packed}, err
}
