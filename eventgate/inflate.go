package eventgate

import (
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// zstdWindow bounds what a zstd frame may make the decoder remember: as much as RFC 9659 lets an HTTP sender ask for.
const zstdWindow = 8 << 20

// inflater decompresses request bodies. Its decoders are made when they are first needed and kept.
type inflater struct {
	gzip *gzip.Reader
	zlib io.ReadCloser
	zstd *zstd.Decoder
}

// open returns a reader of the decompressed body. The caller bounds how much it reads.
func (f *inflater) open(encoding string, body io.Reader) (io.Reader, error) {
	switch encoding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		return f.openGzip(body)
	case "deflate":
		return f.openZlib(body)
	case "zstd":
		return f.openZstd(body)
	}
	return nil, errEncoding
}

func (f *inflater) openGzip(body io.Reader) (io.Reader, error) {
	if f.gzip == nil {
		r, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		f.gzip = r
		return r, nil
	}
	return f.gzip, f.gzip.Reset(body)
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
