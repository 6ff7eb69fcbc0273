package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// recorded is a connection that gives what was recorded, in pieces.
type recorded struct {
	net.Conn
	from  *bytes.Reader
	piece int
}

func (r *recorded) Read(p []byte) (int, error) { return r.from.Read(p[:min(len(p), r.piece)]) }
func (r *recorded) Close() error               { return nil }

// What the guard lets through is what came, byte for byte, up to the end or to the first thing that is no request.
func FuzzGuard(f *testing.F) {
	metadata := kmsg.NewPtrMetadataRequest()
	metadata.AllowAutoTopicCreation = true
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr("made")
	metadata.Topics = append(metadata.Topics, topic)
	for version := int16(0); version <= 13; version++ {
		metadata.SetVersion(version)
		head := []byte{0, 0, 0, 0, 0, 3, 0, byte(version), 0, 0, 0, 7, 0, 1, 'c'}
		if metadata.IsFlexible() {
			head = append(head, 0)
		}
		whole := metadata.AppendTo(head)
		binary.BigEndian.PutUint32(whole, uint32(len(whole)-4))
		f.Add(append(bytes.Clone(whole), whole...), 3)
	}
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), 100)
	f.Add([]byte{0, 0, 0, 8, 0, 18, 0, 3, 0, 0, 0, 1, 0xff}, 1)

	b, err := StartInMemory()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { b.Close() })
	f.Fuzz(func(t *testing.T, in []byte, piece int) {
		g := &guard{Conn: &recorded{from: bytes.NewReader(in), piece: max(piece%64, 1)}, broker: b}
		got, err := io.ReadAll(g)
		if !bytes.HasPrefix(in, got) {
			t.Fatalf("%x became %x", in, got)
		}
		rest := in[len(got):]
		switch {
		case errors.Is(err, errNotKafka):
			if len(rest) < headBytes {
				t.Fatalf("%x was refused", rest)
			}
			size := int32(binary.BigEndian.Uint32(rest))
			version := int16(binary.BigEndian.Uint16(rest[6:]))
			req := kmsg.RequestForKey(int16(binary.BigEndian.Uint16(rest[4:])))
			if size >= headBytes && size <= maxRequestBytes && version >= 0 && req != nil && version <= req.MaxVersion() {
				t.Fatalf("%x was refused", rest[:headBytes])
			}
		case errors.Is(err, io.ErrUnexpectedEOF): // it ended within a head, or within a request for metadata
		case err != nil:
			t.Fatal(err)
		case len(rest) > 0:
			t.Fatalf("%x was left", rest)
		}
	})
}
