package kafkasse

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// bodyChunks are the chunks that an answer's body comes in.
func (h *harness) bodyChunks(headers ...string) []string {
	h.t.Helper()
	client, server := net.Pipe()
	h.conn <- server
	go func() {
		_, _ = io.WriteString(client, "GET /?x HTTP/1.1\r\nHost: test\r\n"+strings.Join(append(headers, "\r\n"), "\r\n"))
	}()
	r := bufio.NewReader(client)
	for line := ""; line != "\r\n"; {
		line, _ = r.ReadString('\n')
	}
	var mu sync.Mutex
	var chunks []string
	go func() {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			n, err := strconv.ParseUint(strings.TrimSuffix(line, "\r\n"), 16, 32)
			chunk := make([]byte, n+2)
			if _, readErr := io.ReadFull(r, chunk); err != nil || readErr != nil {
				return
			}
			mu.Lock()
			chunks = append(chunks, string(chunk[:n]))
			mu.Unlock()
		}
	}()
	synctest.Wait()
	mu.Lock()
	defer mu.Unlock()
	_ = client.Close()
	return chunks
}

// Clients that read whole chunks have all events that came before a cut: each is a chunk, whether it comes from the tail or from Kafka. What is
// compressed comes in pieces that are not large.
func TestEventsAreChunks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		const n = 500
		for i := range n {
			log.Produce(rec("a", 0, int64(1000+i), i))
		}
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		since := int64(0)
		h.sub.Since = &since
		for name, lines := range map[string]string{"events": "text/event-stream", "lines": "application/json"} {
			whole := 0
			for _, chunk := range h.bodyChunks("Accept: " + lines) {
				if strings.Count(chunk, `"offset":`) == 1 && strings.HasSuffix(chunk, "\n") {
					whole++
				}
			}
			equal(t, name, whole, n)
		}
		encoded := h.bodyChunks("Accept-Encoding: gzip")
		if most := n * 300 / encodedBytes; len(encoded) < most/2 {
			t.Errorf("%d compressed chunks", len(encoded))
		}
	})
}

func TestChunkHeads(t *testing.T) {
	s := newScratch()
	for _, text := range []string{"a", strings.Repeat("b", 0xabcde), ""} {
		s.b = append(s.b, text...)
		s.seal()
	}
	equal(t, "chunks", string(s.b[:s.mark]), "00000001\r\na\r\n000abcde\r\n"+strings.Repeat("b", 0xabcde)+"\r\n")
}
