package embedded_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
)

// send writes to the broker's port and waits until it answers or hangs up.
func send(t *testing.T, addr string, b []byte) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.Write(b); err != nil {
		return // it hung up first
	}
	c.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, c)
}

func frame(key, version int16, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))
	b = binary.BigEndian.AppendUint16(b, uint16(key))
	b = binary.BigEndian.AppendUint16(b, uint16(version))
	b = append(b, 0, 0, 0, 1)
	return append(b, body...)
}

// Whatever arrives at the port, the broker goes on.
func TestNotKafka(t *testing.T) {
	b, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p, _ := connect(t, b)
	produce(t, p, kafka.Record{Topic: "before", Value: []byte("x")})

	for _, text := range []string{"", "x", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03random hello of TLS"} {
		send(t, b.Addr(), []byte(text))
	}
	send(t, b.Addr(), bytes.Repeat([]byte{0xff}, 100))
	send(t, b.Addr(), frame(9999, 0, nil))
	send(t, b.Addr(), frame(3, -1, nil))
	send(t, b.Addr(), frame(3, 99, nil))
	send(t, b.Addr(), []byte{0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 4}) // two gigabytes are to come

	// Every request there is, with bodies that mean nothing.
	rnd := rand.New(rand.NewPCG(1, 2))
	for key := int16(-1); key <= kmsg.MaxKey+1; key++ {
		req := kmsg.RequestForKey(key)
		if req == nil {
			send(t, b.Addr(), frame(key, 0, nil))
			continue
		}
		for version := int16(0); version <= req.MaxVersion(); version++ {
			body := make([]byte, 2+rnd.IntN(60))
			for i := range body[2:] {
				body[2+i] = byte(rnd.IntN(4)) // small numbers make lengths that fit
			}
			send(t, b.Addr(), frame(key, version, body))
			// And as a client would send it, with nothing in it.
			req.SetVersion(version)
			head := []byte{0xff, 0xff}
			if req.IsFlexible() {
				head = append(head, 0)
			}
			if key == int16(kmsg.Fetch) || key == int16(kmsg.ShareFetch) {
				continue // waits for records, as it should
			}
			send(t, b.Addr(), frame(key, version, req.AppendTo(head)))
		}
	}
	produce(t, p, kafka.Record{Topic: "after", Value: []byte("x")})
}
