package rawjson

// Insertion asks for bytes to be put before a place of a text.
type Insertion struct {
	// Offset is the index of the byte that the insertion goes before; the text's length to append.
	Offset int
	// Bytes are put there as they are.
	Bytes []byte
}

// Splice appends src to dst with the insertions made. They are ordered by offset; those with the same offset keep their order.
func Splice(dst, src []byte, ins []Insertion) []byte {
	at := 0
	for _, in := range ins {
		dst = append(dst, src[at:in.Offset]...)
		dst = append(dst, in.Bytes...)
		at = in.Offset
	}
	return append(dst, src[at:]...)
}
