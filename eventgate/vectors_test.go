package eventgate

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/testshared"
	"github.com/eventplatform/eventplatform/kafka"
)

// vector is one recorded exchange with the Node.js service.
type vector struct {
	Name       string
	Config     string
	ConfigOver map[string]json.RawMessage `json:"config_over"`
	Request    struct {
		Method, Path string
		Headers      map[string]string
		Body         *string
		BodyB64      *string `json:"body_b64"`
		ChunkSize    int     `json:"chunk_size"`
	}
	RawRequest *string `json:"raw_request"`
	Response   *recorded
	Responses  []recorded
	Connection string
	Produced   []struct {
		Topic string
		Key   *string
		Value string
	}
	Written []string

	// what it was run with
	folders              []string // of schemas
	limit                int64    // of bodies
	fields, streamFields []string // fields has those of schemas too

	// of one request of several
	head     string
	repeated []string // headers that came twice
	behind   int      // bytes
	broken   bool     // the body is not as the headers say
	decoded  *decodedBody
}

type recorded struct {
	Status  int
	Reason  string
	Headers map[string]string
	Body    string
	// of a long body
	BodyTail *string `json:"body_tail"`
}

func (v *vector) recorded() []recorded {
	if v.Response != nil {
		return []recorded{*v.Response}
	}
	return v.Responses
}

// bytes are what the vector's client sends.
func (v *vector) bytes() []byte {
	if v.RawRequest != nil {
		raw := make([]byte, 0, len(*v.RawRequest))
		for _, c := range *v.RawRequest { // latin 1
			raw = append(raw, byte(c))
		}
		return raw
	}
	body := v.body()
	has := v.Request.Body != nil || v.Request.BodyB64 != nil
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n", v.Request.Method, v.Request.Path)
	for name, value := range v.Request.Headers {
		fmt.Fprintf(&b, "%s: %s\r\n", name, value)
	}
	switch {
	case v.Request.ChunkSize > 0:
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		for len(body) > 0 {
			n := min(v.Request.ChunkSize, len(body))
			fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
			body = body[n:]
		}
		b.WriteString("0\r\n\r\n")
	case has:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	default:
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// bench is one configuration of the recording, running.
type bench struct {
	producer *memory
	output   bytes.Buffer
	address  string
	reasons  chan string // reason phrases, if the library cannot send them
	limit    int64       // of bodies
	streams  []string    // the fields that name them
	schemas  []string    // the same
}

// shell is one of the HTTP libraries that the intake is served on.
type shell func(t *testing.T, b *bench, g *Gate, c HandlerConfig)

func onNetHTTP(t *testing.T, b *bench, g *Gate, c HandlerConfig) {
	b.reasons = make(chan string, 16)
	handler := &handler{surface: newSurface(g, c), answered: func(r *Response) { b.reasons <- r.Reason }}
	server := httptest.NewUnstartedServer(handler)
	server.Config.DisableGeneralOptionsHandler = true
	server.Start()
	t.Cleanup(server.Close)
	b.address = server.Listener.Addr().String()
}

func onFastHTTP(t *testing.T, b *bench, g *Gate, c HandlerConfig) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := NewFastServer(g, c, FastServerConfig{})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	b.address = listener.Addr().String()
}

// start builds what the base configuration of the recording and the difference from it mean.
func start(t *testing.T, over map[string]json.RawMessage, serve shell) *bench {
	t.Helper()
	b := &bench{producer: &memory{refuse: brokerLimit}}
	g := Config{StreamFields: []string{"meta.stream"}, Guaranteed: b.producer}
	h := HandlerConfig{MaxBodyBytes: 10 << 20, CORS: "*", CSP: DefaultCSP, Version: "1.8.4", Home: "https://github.com/wikimedia/eventgate",
		Description: "Event intake service - POST JSONSchemaed events, validate, and produce."}
	extension := ""
	for key, value := range over {
		off := string(value) == "null" || string(value) == "false"
		var err error
		switch key {
		case "test_events":
			err = json.Unmarshal(value, &h.TestEvents)
		case "max_body_size":
			h.MaxBodyBytes = size(t, value)
		case "cors":
			err = textOrOff(value, off, &h.CORS)
		case "csp":
			err = textOrOff(value, off, &h.CSP)
		case "kafka":
			g.Guaranteed, g.Output = nil, &b.output
		case "stream_field":
			g.StreamFields, err = fieldList(value)
		case "schema_uri_field":
			g.SchemaURIFields, err = fieldList(value)
		case "schema_file_extension":
			err = json.Unmarshal(value, &extension)
		case "schema_base_uris", "user_agent", "compression_level": // in another order; not seen outside
		default:
			t.Fatalf("unknown setting %s", key)
		}
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
	}
	g.Schemas = shared(t, extension)
	b.limit, b.streams, b.schemas = cmp.Or(h.MaxBodyBytes, 100<<10), g.StreamFields, g.SchemaURIFields
	gate, err := New(g)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, b, gate, h)
	return b
}

func textOrOff(value json.RawMessage, off bool, into *string) error {
	*into = ""
	if off {
		return nil
	}
	return json.Unmarshal(value, into)
}

// size reads "1kb", "2mb" or a number of bytes; null is 0.
func size(t *testing.T, value json.RawMessage) int64 {
	text := strings.Trim(string(value), `"`)
	scale := int64(1)
	for unit, bytes := range map[string]int64{"kb": 1 << 10, "mb": 1 << 20} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			text, scale = number, bytes
		}
	}
	if text == "null" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n * scale
}

// fieldList reads a dotted path, or a list of them.
func fieldList(value json.RawMessage) (paths []string, err error) {
	if value[0] == '"' {
		paths = []string{""}
		return paths, json.Unmarshal(value, &paths[0])
	}
	return paths, json.Unmarshal(value, &paths)
}

// halfClose is when a client that sends bytes as they are closes its side, if it has not been answered before.
const halfClose = 250 * time.Millisecond

// exchange sends a vector's bytes and reads all answers.
func (b *bench) exchange(t *testing.T, v *vector) []recorded {
	t.Helper()
	conn, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(v.bytes()); err != nil {
		t.Fatal(err)
	}
	asked := v.requests()
	noMore := func() {
		if tcp, ok := conn.(*net.TCPConn); ok && v.RawRequest != nil {
			_ = tcp.CloseWrite() // the recording's client had no more to say
		}
	}
	// Not at once, since to net/http that means that nobody waits for the answer any more.
	defer time.AfterFunc(halfClose, noMore).Stop()
	in := bufio.NewReader(conn)
	var answers []recorded
	for {
		method := "GET"
		if len(asked) > 0 {
			method = asked[0].Request.Method
		}
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			break
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			break
		}
		if resp.StatusCode != http.StatusContinue && len(asked) > 0 {
			if asked = asked[1:]; len(asked) == 0 {
				noMore()
			}
		}
		a := recorded{Status: resp.StatusCode, Reason: strings.TrimPrefix(resp.Status[3:], " "), Headers: map[string]string{}}
		for name, values := range resp.Header {
			a.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
		}
		a.Body = string(decoded(t, resp.Header.Get("Content-Encoding"), body))
		if resp.StatusCode != http.StatusContinue {
			select {
			case a.Reason = <-b.reasons:
			default: // the library sends them, or no handler was asked
			}
		}
		answers = append(answers, a)
	}
	return answers
}

func decoded(t *testing.T, encoding string, body []byte) []byte {
	t.Helper()
	var r io.Reader
	var err error
	switch encoding {
	case "gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return body
	}
	if err == nil {
		body, err = io.ReadAll(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// framing are headers that belong to the connection and not to the answer.
var framing = []string{"content-length", "transfer-encoding", "date", "connection", "keep-alive"}

// compare says how our answer differs from another, "" if it does not.
func compare(got recorded, want recorded) string {
	var diffs []string
	if got.Status != want.Status || got.Reason != want.Reason {
		diffs = append(diffs, fmt.Sprintf("status %d %q, want %d %q", got.Status, got.Reason, want.Status, want.Reason))
	}
	headers := map[string]string{}
	for name, value := range want.Headers {
		headers[strings.ToLower(name)] = value
	}
	for _, name := range framing {
		delete(headers, name)
		delete(got.Headers, name)
	}
	for name := range got.Headers {
		if _, ok := headers[name]; !ok {
			headers[name] = ""
		}
	}
	for name, value := range headers {
		if got.Headers[name] != value {
			diffs = append(diffs, fmt.Sprintf("header %s %q, want %q", name, got.Headers[name], value))
		}
	}
	switch {
	case want.BodyTail != nil:
		if !strings.HasSuffix(got.Body, *want.BodyTail) {
			diffs = append(diffs, "another end of the body")
		}
	case !sameBody(got.Body, want.Body):
		diffs = append(diffs, fmt.Sprintf("body %.600s\nwant %.600s", got.Body, want.Body))
	}
	sort.Strings(diffs)
	return strings.Join(diffs, "\n")
}

func sameBody(a, b string) bool {
	if a == b {
		return true
	}
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// heard leaves out records of topics that the recording did not read.
func heard(records []kafka.Record) []kafka.Record {
	return slices.DeleteFunc(records, func(r kafka.Record) bool { return len(r.Topic) > 200 })
}

// compareProduced says how what was produced differs from the recording.
func compareProduced(v *vector, records []kafka.Record) string {
	if v.Written != nil {
		return ""
	}
	if len(records) != len(v.Produced) {
		return fmt.Sprintf("%d records were produced, want %d", len(records), len(v.Produced))
	}
	for i, want := range v.Produced {
		got := records[i]
		if got.Topic != want.Topic || (len(got.Key) > 0) != (want.Key != nil) {
			return fmt.Sprintf("record %d: topic %q key %q, want %q", i, got.Topic, got.Key, want.Topic)
		}
		if !sameBody(string(got.Value), want.Value) {
			return fmt.Sprintf("record %d: %.400s\nwant %.400s", i, got.Value, want.Value)
		}
	}
	return ""
}

func readVectors(t *testing.T) []vector {
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
	var vectors []vector
	for d := json.NewDecoder(z); ; {
		var v vector
		if err := d.Decode(&v); err == io.EOF {
			return vectors
		} else if err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, v)
	}
}

// Every recorded exchange is answered as it was, or as the row of docs/differences/eventgate.md says that is named for it in rows_test.go: by both
// HTTP libraries that the intake is served on.
func TestRecordedExchanges(t *testing.T) {
	t.Run("net-http", func(t *testing.T) { replay(t, "net/http", onNetHTTP) })
	t.Run("fasthttp", func(t *testing.T) { replay(t, "fasthttp", onFastHTTP) })
}

func replay(t *testing.T, library string, serve shell) {
	documented := documentedRows(t)
	benches := map[string]*bench{}
	equal, byRow := 0, map[string]int{}
	folders := schemaFolders(t)
	for _, v := range readVectors(t) {
		v.folders = folders
		b := benches[v.Config]
		if b == nil {
			b = start(t, v.ConfigOver, serve)
			benches[v.Config] = b
		}
		v.limit, v.streamFields, v.fields = b.limit, b.streams, slices.Concat(b.streams, b.schemas)
		got := b.exchange(t, &v)
		records := b.producer.take()
		if len(v.Produced) == 0 {
			records = heard(records)
		}
		lines := strings.Split(strings.TrimSuffix(b.output.String(), "\n"), "\n")
		b.output.Reset()
		if v.Written != nil {
			for i := range lines { // what was written counts as what was produced
				records = append(records, kafka.Record{Value: []byte(lines[i])})
			}
			if !slices.Equal(lines, v.Written) {
				t.Errorf("%s: wrote %q, want %q", v.Name, lines, v.Written)
			}
			records = records[:len(lines)]
		}
		row, diff := judge(&v, got, records)
		switch {
		case diff != "":
			t.Errorf("%s (%s), row %q:\n%s", v.Name, v.Config, row, diff)
		case row == "":
			equal++
		default:
			byRow[row]++
			if !documented[row] {
				t.Errorf("%s: docs/differences/eventgate.md has no row %q", v.Name, row)
			}
		}
	}
	t.Logf("%d answers are the reference's", equal)
	testshared.Count(t, "http-eventgate on "+library+" equal to the reference", equal)
	total := 0
	for row, n := range byRow {
		t.Logf("%4d by row %s", n, row)
		total += n
	}
	testshared.Count(t, "http-eventgate on "+library+" by a row of docs/differences", total)
}
