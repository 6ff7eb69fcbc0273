package kafkasse

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

func TestNegotiate(t *testing.T) {
	for accept, want := range map[string]encoding{
		"": identity, "gzip": gzipped, "zstd": zstandard, "br": identity, "gzip, deflate, br, zstd": gzipped, "br, zstd, gzip": zstandard,
		"gzip;q=0.5, zstd;q=0.9": zstandard, "gzip;q=0": identity, "gzip;q=x": identity, "identity, gzip": identity, "X-GZIP": gzipped, "*": identity,
		"gzip;Q=0": identity,
	} {
		if got := negotiate(&http.Request{Header: http.Header{"Accept-Encoding": {accept}}}); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
}

func TestChecksumsAreCombined(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c checksum
		var all []byte
		for range rapid.IntRange(0, 5).Draw(t, "pieces") {
			p := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "piece")
			c.add(sumOf(p))
			all = append(all, p...)
		}
		if c.crc != crc32.ChecksumIEEE(all) || c.size != uint32(len(all)) {
			t.Fatalf("%x of %d bytes, not %x of %d", c.crc, c.size, crc32.ChecksumIEEE(all), len(all))
		}
	})
}

// decoded is a compressed body as far as it can be read, and whether it is whole.
func decoded(t *testing.T, e encoding, raw string) (text string, err error) {
	t.Helper()
	var r io.Reader
	switch e {
	case gzipped:
		if r, err = gzip.NewReader(strings.NewReader(raw)); err != nil {
			t.Fatal(err)
		}
	case zstandard:
		d, err := zstd.NewReader(strings.NewReader(raw), zstd.WithDecoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		r = d
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, r)
	return b.String(), err
}

func TestCompressedStreams(t *testing.T) {
	for e, name := range map[encoding]string{gzipped: "gzip", zstandard: "zstd"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := kafkassetest.New("c")
				log.Create("a", 1)
				h := newHarness(t, log, Config{TailBytes: 2 * blockBytes}, "a")
				plain, first := h.open(), h.open("Accept-Encoding: "+name)
				equal(t, "header", first.head.Header.Get("Content-Encoding"), name)
				greeting, _ := decoded(t, e, first.raw())
				equal(t, "at once", greeting, ":ok\n\n")
				pad := strings.Repeat("pad ", 250)
				produce := func(n int) {
					for i := range n {
						h.produce(kafka.Record{Topic: "a", Timestamp: 1, Value: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, i, pad)})
					}
				}
				produce(3)
				amid, lines := h.open("Accept-Encoding: "+name), h.open("Accept: application/json", "Accept-Encoding: "+name)
				produce(200)
				sleep(20 * second) // a heartbeat
				produce(2)
				cold := h.open("Accept-Encoding: "+name, "Last-Event-ID: "+plain.events()[2].id)
				produce(1)
				want := plain.events()
				for i, s := range []*stream{first, amid, cold} {
					text, _ := decoded(t, e, s.raw())
					from := []int{0, 3, 3}[i]
					got := parseEvents(text)
					if len(got) != len(want)-from {
						t.Fatalf("stream %d has %d events of %d", i, len(got), len(want)-from)
					}
					for k := range got {
						if got[k].data != want[from+k].data || got[k].id != want[from+k].id {
							t.Fatalf("stream %d, event %d:\n got %v\nwant %v", i, k, got[k], want[from+k])
						}
					}
				}
				text, _ := decoded(t, e, lines.raw())
				equal(t, "lines", strings.Count(text, `"pad"`), len(want)-3)
				if n := len(first.raw()); n > len(plain.raw())/3 {
					t.Errorf("%d bytes of %d", n, len(plain.raw()))
				}
				streams := []*stream{first, amid, lines, cold}
				ctx, cancel := context.WithTimeout(t.Context(), 10*second)
				defer cancel()
				if err := h.srv.Shutdown(ctx); err != nil {
					t.Error(err)
				}
				h.stop()
				for i, s := range streams { // the end is clean: the trailer is there and right
					if _, err := decoded(t, e, s.raw()); err != nil {
						t.Errorf("stream %d: %v", i, err)
					}
				}
				equal(t, "retained at the end", h.srv.retained.Load(), 0)
			})
		})
	}
}

func TestCompressionIsSharedByClients(t *testing.T) {
	b := newBlock([]position{{}}, 0)
	p := &part{tp: kafka.TopicPartition{Topic: "a"}, prefix: idPrefix(kafka.TopicPartition{Topic: "a"})}
	tail := &tail{srv: &Server{codec: newCodec()}, parts: []*part{p}, pos: []position{{}}, blocks: []*block{b}}
	tail.append(0, position{next: 1}, []byte(`{"n":1}`))
	tail.append(0, position{next: 2}, []byte(`{"n":2}`))
	b.publish()
	one, two := b.piece(tail.srv, gzipped, false, 0), b.piece(tail.srv, gzipped, false, 0)
	if &one.bytes[0] != &two.bytes[0] || one.to != 2 {
		t.Error("compressed twice")
	}
	tail.append(0, position{next: 3}, []byte(`{"n":3}`))
	b.publish()
	if p := b.piece(tail.srv, gzipped, false, 1); p.to != 2 {
		t.Errorf("a client amid a piece goes to %d, not to its end", p.to)
	}
	if p := b.piece(tail.srv, gzipped, false, 2); p.from != 2 || p.to != 3 {
		t.Errorf("the next piece is %d to %d", p.from, p.to)
	}
}
