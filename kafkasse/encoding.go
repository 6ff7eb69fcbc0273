package kafkasse

import (
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// encoding is a content coding. What it makes of a piece of a body can follow what it made of any other: a deflated block that ends on a byte
// and does not look back, or a frame of zstd. So pieces are compressed once and sent to everyone.
type encoding uint8

const (
	identity encoding = iota
	gzipped
	zstandard
	encodings
)

func (e encoding) String() string { return [...]string{"identity", "gzip", "zstd"}[e] }

// negotiate chooses the coding that the client likes best; of equal ones the first that it names.
func negotiate(r *http.Request) encoding {
	if readsRaw(r.Header) {
		return identity
	}
	best, bestQ := identity, 0.0
	for header := range strings.SplitSeq(strings.Join(r.Header["Accept-Encoding"], ","), ",") {
		name, params, _ := strings.Cut(header, ";")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		e := identity
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			e = gzipped
		case "zstd":
			e = zstandard
		case "identity":
		default:
			continue
		}
		if q > bestQ {
			best, bestQ = e, q
		}
	}
	return best
}

// Of gzip (RFC 1952): the head that names no file and no time, and the empty last block of deflate before the trailer.
const (
	gzipHead = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
	gzipLast = "\x03\x00"
)

// codec compresses for all connections of a server.
type codec struct {
	zstd func() *zstd.Encoder // made when it is first needed: it takes a megabyte or two
}

func newCodec() *codec {
	return &codec{zstd: sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithWindowSize(4*blockBytes),
			zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // the options are constants
		}
		return e
	})}
}

// appendTo is an io.Writer that appends.
type appendTo struct{ b []byte }

func (a *appendTo) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

// encode appends p, encoded, to dst.
func (c *codec) encode(e encoding, dst, p []byte) []byte {
	switch e {
	case gzipped:
		out := appendTo{dst}
		_ = flate.StatelessDeflate(&out, p, false, nil) // the writer does not fail
		return out.b
	case zstandard:
		return c.zstd().EncodeAll(p, dst)
	}
	return append(dst, p...)
}

// checksum is the CRC and the length of what has been sent, as gzip's trailer has them.
type checksum struct {
	crc  uint32
	size uint32
}

// sum is the checksum of a piece, with what is needed to put it after others.
type sum struct {
	checksum
	shift uint32
}

func sumOf(p []byte) sum {
	return sum{checksum{crc32.ChecksumIEEE(p), uint32(len(p))}, shiftBy(uint32(len(p)))}
}

// add puts a piece behind what has been summed up.
func (c *checksum) add(s sum) {
	c.crc = multiply(s.shift, c.crc) ^ s.crc
	c.size += s.size
}

func (c checksum) appendTrailer(b []byte) []byte {
	b = append(b, gzipLast...)
	b = binary.LittleEndian.AppendUint32(b, c.crc)
	return binary.LittleEndian.AppendUint32(b, c.size)
}

// multiply multiplies polynomials modulo CRC-32's, bits reflected: shifting a CRC by a number of zero bytes is a multiplication.
func multiply(a, b uint32) (p uint32) {
	for m := uint32(1 << 31); m != 0; m >>= 1 {
		if a&m != 0 {
			p ^= b
		}
		if b&1 != 0 {
			b = b>>1 ^ crc32.IEEE
		} else {
			b >>= 1
		}
	}
	return p
}

// shiftBy is what a CRC is multiplied with to put n bytes behind it: x to the power of 8n.
func shiftBy(n uint32) uint32 {
	result, power := uint32(1<<31), uint32(1<<23) // x^0 and x^8
	for ; n != 0; n >>= 1 {
		if n&1 != 0 {
			result = multiply(power, result)
		}
		power = multiply(power, power)
	}
	return result
}
