package eventgate

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces gives its text in pieces of these lengths, again and again, the last one with the end or before it.
type pieces struct {
	text    []byte
	lengths []int
	n       int
	endWith bool
}

func (p *pieces) Read(into []byte) (int, error) {
	if len(p.text) == 0 {
		return 0, io.EOF
	}
	n := copy(into, p.text[:min(len(p.text), p.lengths[p.n%len(p.lengths)])])
	p.text, p.n = p.text[n:], p.n+1
	if len(p.text) == 0 && p.endWith {
		return n, io.EOF
	}
	return n, nil
}

// A body is read as it was sent, however it comes and whatever the exchange was used for before, if it is not over the bound.
func TestReadBodies(t *testing.T) {
	s := newSurface(nil, HandlerConfig{})
	rapid.Check(t, func(t *rapid.T) {
		x := s.begin()
		defer s.end(x)
		x.text = x.text[:0]
		length := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(60_000, 70_000), rapid.IntRange(0, 300_000)).Draw(t, "length")
		text := bytes.Repeat([]byte("0123456789 "), length/11+1)[:length]
		x.length = rapid.SampledFrom([]int64{-1, int64(length)}).Draw(t, "announced")
		most := rapid.SampledFrom([]int64{200_000, int64(length)}).Draw(t, "most")
		err := s.read(x, &pieces{text, rapid.SliceOfN(rapid.IntRange(1, 100_000), 1, 5).Draw(t, "pieces"), 0, rapid.Bool().Draw(t, "end")}, most)
		switch {
		case int64(length) > most:
			if !errors.Is(err, errTooLarge) {
				t.Fatalf("%d bytes, at most %d: %v", length, most, err)
			}
		case err != nil || !bytes.Equal(x.text, text):
			t.Fatalf("%d bytes, at most %d: read %d, %v", length, most, len(x.text), err)
		}
	})
	if n := s.bodies.Load(); n != 0 {
		t.Errorf("%d bytes are still reserved", n)
	}
}

// What is drained is not kept, and one byte more than the bound is not read.
func TestDrain(t *testing.T) {
	for _, c := range []struct {
		length int
		most   int64
		whole  bool
	}{{0, 0, false}, {0, 1, true}, {200_000, 200_001, true}, {200_000, 200_000, false}, {200_000, 100_000, false}} {
		from := strings.NewReader(strings.Repeat(" ", c.length))
		if whole := drain(from, c.most); whole != c.whole || int64(c.length-from.Len()) > c.most {
			t.Errorf("%d bytes, at most %d: the end came: %v, %d were read", c.length, c.most, whole, c.length-from.Len())
		}
	}
}

// Small bodies that inflate past the bound leave the garbage collector next to nothing to do: a stranger who sends them all day disturbs nobody.
func TestRefusedBodiesLeaveNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("pools forget on purpose under the race detector")
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 8<<20))
	_ = z.Close()
	s := newSurface(nil, HandlerConfig{MaxBodyBytes: 2 << 20})
	refuse := func() {
		x := s.begin()
		defer s.end(x)
		x.length = int64(bomb.Len())
		body, err := x.inflate.opener("gzip")(bytes.NewReader(bomb.Bytes()))
		if err == nil {
			err = s.read(x, body, s.MaxBodyBytes)
		}
		if !errors.Is(err, errTooLarge) {
			t.Fatal(err)
		}
	}
	refuse()
	const times = 50
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		refuse()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > uint64(s.MaxBodyBytes/10) {
		t.Errorf("a body that is refused at %d bytes leaves %d bytes of garbage", s.MaxBodyBytes, each)
	}
}
