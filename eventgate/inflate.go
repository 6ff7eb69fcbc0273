package eventgate

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// zstdWindow bounds what a zstd frame may make the decoder remember: as much as RFC 9659 lets an HTTP sender ask for.
const zstdWindow = 8 << 20

// inflater decompresses request bodies. Its decoders are made when they are first needed and kept.
type inflater struct {
	gzip *gzipMembers
	zlib io.ReadCloser
	zstd *zstd.Decoder
}

// opener returns what opens a body of an encoding for reading it decompressed, nil for one that is not read. The caller bounds how much it reads.
func (f *inflater) opener(encoding string) func(body io.Reader) (io.Reader, error) {
	switch encoding {
	case "", "identity":
		return asItIs
	case "gzip", "x-gzip":
		return f.openGzip
	case "deflate":
		return f.openZlib
	case "zstd":
		return f.openZstd
	}
	return nil
}

func asItIs(body io.Reader) (io.Reader, error) { return body, nil }

func (f *inflater) openGzip(body io.Reader) (io.Reader, error) {
	if f.gzip == nil {
		f.gzip = &gzipMembers{in: bufio.NewReader(nil), member: new(gzip.Reader)}
	}
	f.gzip.in.Reset(body)
	return f.gzip, f.gzip.next()
}

// gzipMembers reads the members of a gzip file one after another. It ends where the file does or where a zero byte stands for a member: some senders
// fill blocks up with those, and gzip programs let them pass.
type gzipMembers struct {
	in     *bufio.Reader
	member *gzip.Reader
}

func (g *gzipMembers) next() error {
	err := g.member.Reset(g.in)
	if err == nil {
		g.member.Multistream(false)
	}
	return err
}

func (g *gzipMembers) Read(p []byte) (int, error) {
	for {
		n, err := g.member.Read(p)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if n > 0 || err != nil {
			return n, err
		}
		switch first, err := g.in.Peek(1); {
		case err != nil:
			return 0, err
		case first[0] == 0:
			return 0, io.EOF
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
}

func (f *inflater) openZlib(body io.Reader) (io.Reader, error) {
	if f.zlib == nil {
		r, err := zlib.NewReader(body)
		if err != nil {
			return nil, err
		}
		f.zlib = r
		return r, nil
	}
	return f.zlib, f.zlib.(zlib.Resetter).Reset(body, nil)
}

func (f *inflater) openZstd(body io.Reader) (io.Reader, error) {
	if f.zstd == nil {
		r, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		f.zstd = r
		return r, nil
	}
	return f.zstd, f.zstd.Reset(body)
}
