package embedded

import (
	"encoding/binary"
	"errors"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/eventplatform/eventplatform/kafka"
)

const (
	// headBytes are a request's size, kind and version.
	headBytes       = 8
	maxRequestBytes = 64 << 20
	// A request for metadata is read whole here.
	maxMetadataBytes = 4 << 20
)

// guard is a client's connection as the broker reads it. It lets through what are Kafka requests of a sane size: the broker itself believes any size it is
// told, and does not survive a request of a kind that it does not know. And it sees the requests of clients that expect topics to be created by asking
// for them, and creates those properly before the broker answers: one that the broker created by itself would be lost with the process.
type guard struct {
	net.Conn
	broker *Broker

	head [headBytes]byte
	read []byte // read here and not yet by the broker
	left int    // of the request that is under way
}

var errNotKafka = errors.New("not a Kafka request")

// Read is called by one goroutine at a time.
func (g *guard) Read(p []byte) (int, error) {
	if len(g.read) == 0 && g.left == 0 {
		if err := g.next(); err != nil {
			g.Close()
			return 0, err
		}
	}
	if len(g.read) > 0 {
		n := copy(p, g.read)
		g.read = g.read[n:]
		return n, nil
	}
	n, err := g.Conn.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// next reads the beginning of a request.
func (g *guard) next() error {
	if _, err := io.ReadFull(g.Conn, g.head[:]); err != nil {
		return err
	}
	size := int64(int32(binary.BigEndian.Uint32(g.head[:])))
	key := int16(binary.BigEndian.Uint16(g.head[4:]))
	version := int16(binary.BigEndian.Uint16(g.head[6:]))
	if size < headBytes || size > maxRequestBytes || version < 0 {
		return errNotKafka
	}
	req := kmsg.RequestForKey(key)
	if req == nil || version > req.MaxVersion() && key != int16(kmsg.ApiVersions) { // which newer clients learn the versions by
		return errNotKafka
	}
	rest := int(size) - headBytes/2 // the size does not count itself
	g.read, g.left = g.head[:], rest
	if key == int16(kmsg.Metadata) && rest <= maxMetadataBytes {
		whole := make([]byte, headBytes+rest)
		copy(whole, g.head[:])
		if _, err := io.ReadFull(g.Conn, whole[headBytes:]); err != nil {
			return errors.Join(io.ErrUnexpectedEOF, err)
		}
		g.read, g.left = whole, 0
		g.createTopics(whole[headBytes:], version)
	}
	g.broker.gate.wait()
	return nil
}

// createTopics creates what the request expects to be created. What it cannot read or create is left to the broker to answer.
func (g *guard) createTopics(rest []byte, version int16) {
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(version)
	r := kbin.Reader{Src: rest}
	r.Int32() // correlation id
	r.NullableString()
	if req.IsFlexible() {
		kmsg.SkipTags(&r)
	}
	if !r.Ok() || req.ReadFrom(r.Src) != nil {
		return
	}
	if version >= 4 && !req.AllowAutoTopicCreation { // before version 4 it went without saying
		return
	}
	<-g.broker.ready
	for _, t := range req.Topics {
		if t.Topic == nil || kafka.CheckTopicName(*t.Topic) != nil {
			continue
		}
		err := g.broker.ask(func(c *kfake.Cluster) error { return c.CreateTopic(*t.Topic, 0, nil) })
		if errors.Is(err, errStopped) {
			return
		}
	}
}
