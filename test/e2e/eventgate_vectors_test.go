package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/eventplatform/eventplatform/internal/testshared"
	"github.com/eventplatform/eventplatform/test/realkafka"
)

// exchange is a recorded exchange with the Node.js intake, as far as it is about what was produced.
type exchange struct {
	Name, Config string
	ConfigOver   map[string]json.RawMessage `json:"config_over"`
	Request      struct {
		Method, Path string
		Headers      map[string]string
		Body         *string
		BodyB64      []byte `json:"body_b64"`
		ChunkSize    int    `json:"chunk_size"`
	}
	RawRequest *string `json:"raw_request"`
	Produced   []produced
}

type produced struct {
	Topic string
	Key   *string
	Value string
}

// settings are those of the recording's base configuration with the exchange's difference from it, apart from schemas and brokers, as lines of a file.
func (e *exchange) settings() string {
	all := map[string]json.RawMessage{"max_body_size": json.RawMessage(`"10mb"`), "stream_field": json.RawMessage(`"meta.stream"`)}
	maps.Copy(all, e.ConfigOver)
	delete(all, "schema_base_uris")
	lines := ""
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if string(all[key]) != "null" {
			lines += fmt.Sprintf("      %s: %s\n", key, all[key])
		}
	}
	return lines
}

// refused are the exchanges that produced something and produce nothing here, by the row of docs/differences/eventgate.md that says why, and how they
// are answered.
var refused = []struct {
	row    string
	status int
	is     func(e *exchange) bool
}{
	{"schema-uri", http.StatusBadRequest, func(e *exchange) bool { return !plainSchema.Match(e.body()) }},
	{"charset", http.StatusUnsupportedMediaType, func(e *exchange) bool { return bytes.Contains(bytes.ToLower(e.raw()), []byte("charset=utf-7")) }},
	{"utf-8", http.StatusBadRequest, func(e *exchange) bool { return !utf8.Valid(e.body()) }},
}

var (
	plainSchema = regexp.MustCompile(`"\$schema"\s*:\s*"(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+/(\d+\.\d+\.\d+|latest|current)(\.yaml)?"`)
	// beyondDoubles finds numbers whose record has another value here, by the row "bytes".
	beyondDoubles = regexp.MustCompile(`\d[eE][+-]?\d{3,}`)
)

// mayRefuse says whether a row says so.
func (e *exchange) mayRefuse(status int) bool {
	for _, r := range refused {
		if r.status == status && r.is(e) {
			return true
		}
	}
	return false
}

// What the recorded exchanges produced is what the program produces for them, in Apache Kafka: topic, key and value.
func TestRecordedExchangesOnApacheKafka(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: starts Apache Kafka")
	}
	exchanges := readExchanges(t)
	schemas := testshared.Path(t, "data/schemas/primary")
	brokers := realkafka.Shared(t).Addrs()
	want, read := map[string][]produced{}, map[string]int{} // by topic; how much of it was there before
	from := map[string][]exchange{}
	for _, config := range configs(exchanges) {
		in := startIntake(t, fmt.Sprintf("      schema_base_uris: %s\n%s      output_path: ''\n      kafka: {conf: {metadata.broker.list: %q}}\n", schemas, config.settings(), strings.Join(brokers, ",")))
		for _, e := range exchanges {
			if e.Config != config.Config {
				continue
			}
			for _, p := range e.Produced {
				if _, known := read[p.Topic]; !known {
					read[p.Topic] = len(readTopic(t, p.Topic, brokers[0]))
				}
			}
			if status := in.send(e); status/100 != 2 {
				if !e.mayRefuse(status) {
					t.Errorf("%s: answered %d", e.Name, status)
				}
				continue
			}
			for _, p := range e.Produced {
				want[p.Topic], from[p.Topic] = append(want[p.Topic], p), append(from[p.Topic], e)
			}
		}
		in.stop() // and everything is flushed
	}
	compared := 0
	for topic, want := range want {
		got := readTopic(t, topic, brokers[0])[read[topic]:]
		for i := range min(len(got), len(want)) {
			e := from[topic][i]
			if len(got[i].Key) != 0 || want[i].Key != nil {
				t.Errorf("%s: key %q", e.Name, got[i].Key)
			}
			if !sameJSON(got[i].Value, []byte(want[i].Value)) && !beyondDoubles.Match(got[i].Value) {
				t.Errorf("%s:\n got %.300s\nwant %.300s", e.Name, got[i].Value, want[i].Value)
			}
			compared++
		}
		if len(got) != len(want) {
			t.Errorf("%s has %d records, want %d", topic, len(got), len(want))
		}
	}
	testshared.Count(t, "records of http-eventgate on Apache Kafka", compared)
}

// configs returns one exchange of each configuration.
func configs(exchanges []exchange) (first []exchange) {
	seen := map[string]bool{}
	for _, e := range exchanges {
		if !seen[e.Config] {
			seen[e.Config] = true
			first = append(first, e)
		}
	}
	return first
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// readExchanges returns the recorded exchanges that produced something.
func readExchanges(t *testing.T) []exchange {
	t.Helper()
	f, err := os.Open(testshared.Path(t, "data/vectors/http-eventgate.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var list []exchange
	for d := json.NewDecoder(z); ; {
		var e exchange
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if len(e.Produced) > 0 {
			list = append(list, e)
		}
	}
	if len(list) < 50 {
		t.Fatalf("only %d exchanges produced something", len(list))
	}
	return list
}

// raw are the bytes that the exchange's client sent.
func (e *exchange) raw() []byte {
	if e.RawRequest != nil {
		var raw []byte
		for _, c := range *e.RawRequest {
			raw = append(raw, byte(c)) // kept as ISO 8859-1
		}
		return raw
	}
	body := e.body()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n", e.Request.Method, e.Request.Path)
	for name, value := range e.Request.Headers {
		fmt.Fprintf(&b, "%s: %s\r\n", name, value)
	}
	if e.Request.ChunkSize == 0 {
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
		return b.Bytes()
	}
	b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
	for len(body) > 0 {
		n := min(e.Request.ChunkSize, len(body))
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	b.WriteString("0\r\n\r\n")
	return b.Bytes()
}

// body is what came behind the head; of a raw request all of it.
func (e *exchange) body() []byte {
	switch {
	case e.RawRequest != nil:
		return []byte(*e.RawRequest)
	case e.Request.Body != nil:
		return []byte(*e.Request.Body)
	}
	return e.Request.BodyB64
}

// send sends what the exchange's client did and returns the last answer's status.
func (p *platform) send(e exchange) int {
	p.t.Helper()
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(p.url, "http://"), patience)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(e.raw()); err != nil {
		p.t.Fatal(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && e.RawRequest != nil {
		_ = tcp.CloseWrite()
	}
	status := 0
	for in := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(in, &http.Request{Method: e.Request.Method})
		if err != nil {
			return status
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			p.t.Fatal(err)
		}
		_ = response.Body.Close()
		status = response.StatusCode
	}
}
