package eventstreams

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/internal/testshared"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// fixture is the first line of the vectors: what was in Kafka and how the servers were configured.
type fixture struct {
	Topics  map[string][]message
	Streams json.RawMessage
	Schemas map[string]json.RawMessage
	Config  map[string]json.RawMessage
}

type message struct {
	Topic     string
	Partition int32
	Offset    int64
	Timestamp int64
	Key       *string
	Value     *string
	ValueB64  []byte `json:"value_b64"`
	After     int    `json:"after_open_ms"`
}

func (m message) record(topic string) kafka.Record {
	r := kafka.Record{Topic: topic, Partition: m.Partition, Timestamp: m.Timestamp, Value: m.ValueB64}
	if m.Key != nil {
		r.Key = []byte(*m.Key)
	}
	if m.Value != nil {
		r.Value = []byte(*m.Value)
	}
	return r
}

type vector struct {
	Name     string
	Server   string
	Request  request
	Response response
	Produce  []message
	Steps    []step
}

type response struct {
	Status   *int
	Reason   string
	Headers  map[string]string
	Ended    bool
	Frames   []map[string]any
	Body     string          `json:"body_start"`
	BodyJSON json.RawMessage `json:"body_json"`
}

type step struct {
	Open, Read, Close string
	Request           request
	Response          *response
	Wait              int `json:"wait_ms"`
	Produce           []message
}

func readVectors(t *testing.T) (f fixture, list []vector) {
	file, err := os.Open(testshared.Path(t, "data/vectors/eventstreams-wire.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for first := true; lines.Scan(); first = false {
		if first {
			err = json.Unmarshal(lines.Bytes(), &f)
		} else {
			var v vector
			err = json.Unmarshal(lines.Bytes(), &v)
			list = append(list, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f, list
}

// TestWireVectors plays recorded exchanges. Every difference from the reference must be one that a row of docs/differences/eventstreams.md explains, and every
// row that is used here must be there.
func TestWireVectors(t *testing.T) {
	f, vectors := readVectors(t)
	rows := differenceRows(t)
	schemas := writeSchemas(t, f)
	equal, byRow := 0, map[string]int{}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				used := map[string]bool{}
				for _, d := range f.play(t, v, schemas) {
					row := rowFor(v.Name, d.what)
					switch {
					case row == "":
						t.Errorf("%s: got %s\nwant %s", d.what, d.got, d.want)
					case !rows[row]:
						t.Errorf("docs/differences/eventstreams.md has no row %q", row)
					}
					used[row] = true
				}
				delete(used, "cors-last-event-id") // in every answer
				if len(used) == 0 {
					equal++
				}
				for row := range used {
					byRow[row]++
				}
			})
		})
	}
	for _, e := range explanations {
		if !e.used {
			t.Errorf("there is no difference any more that row %q explains for %q", e.row, e.names)
		}
	}
	t.Logf("%d equal, by row %v", equal, byRow)
	testshared.Count(t, "eventstreams-wire", len(vectors))
}

// differenceRows are the ids of the rows of the table of differences.
func differenceRows(t *testing.T) map[string]bool {
	text, err := os.ReadFile(filepath.Join("..", "docs", "differences", "eventstreams.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|").FindAllSubmatch(text, -1) {
		rows[string(m[1])] = true
	}
	return rows
}

func writeSchemas(t *testing.T, f fixture) string {
	dir := t.TempDir()
	for uri, source := range f.Schemas {
		path := filepath.Join(dir, filepath.FromSlash(uri))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, source, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (f fixture) start(t *testing.T, server string, schemas string) *harness {
	log := kafkassetest.New("fixture")
	for topic, messages := range f.Topics {
		partitions := 1
		for _, m := range messages {
			partitions = max(partitions, int(m.Partition)+1)
		}
		log.Create(topic, partitions)
		for _, m := range messages {
			log.Produce(m.record(topic))
		}
	}
	repositories, err := schema.New(schema.Config{Bases: []string{schemas}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(repositories.Close)
	streams, err := streamconfig.Parse("streams.json", []byte(`{"streams":`+string(f.Streams)+`}`))
	if err != nil {
		t.Fatal(err)
	}
	var conf struct {
		Limit    int                        `json:"client_ip_connection_limit"`
		Redacted map[string][]any           `json:"mediawiki_redacted_pages"`
		CORS     any                        `json:"cors"`
		CSP      any                        `json:"csp"`
		Defaults map[string]json.RawMessage `json:"stream_config_defaults"`
		Allowed  []string                   `json:"allowed_streams"`
		Latest   string                     `json:"schema_latest_version"`
	}
	if server == "" {
		server = "default"
	}
	if err := json.Unmarshal(f.Config[server], &conf); err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Schemas: repositories, SchemaLatestVersion: conf.Latest, Version: "0.8.0", Description: "Streaming Wikimedia Events via HTTP SSE",
		Home:     "https://gerrit.wikimedia.org/r/#/admin/projects/mediawiki/services/eventstreams",
		Settings: Settings{ClientIPConnectionLimit: conf.Limit, StreamDefaults: conf.Defaults, AllowedStreams: conf.Allowed, RedactedPages: map[string][]string{}},
	}
	for domain, titles := range conf.Redacted {
		for _, title := range titles {
			cfg.RedactedPages[domain] = append(cfg.RedactedPages[domain], fmt.Sprint(title))
		}
	}
	if conf.CORS == false {
		cfg.CORS = "false"
	}
	if conf.CSP == false {
		cfg.CSP = "false"
	}
	return newHarness(t, log, streams, cfg)
}

// difference is one thing that is not as it was recorded.
type difference struct{ what, got, want string }

func (f fixture) play(t *testing.T, v vector, schemas string) (differences []difference) {
	h := f.start(t, v.Server, schemas)
	defer h.stop()
	produce := func(m message) {
		h.log.Produce(m.record(m.Topic))
		synctest.Wait()
	}
	if v.Steps == nil {
		v.Steps = []step{{Open: "c", Request: v.Request}}
		last := 0
		for _, m := range v.Produce {
			v.Steps = append(v.Steps, step{Wait: m.After - last}, step{Produce: []message{m}})
			last = m.After
		}
		v.Steps = append(v.Steps, step{Read: "c", Response: &v.Response})
	}
	open := map[string]*exchange{}
	requests := map[string]request{}
	for i, s := range v.Steps {
		name := s.Open + s.Read
		switch {
		case s.Open != "":
			open[s.Open], requests[s.Open] = h.send(s.Request), s.Request
			defer open[s.Open].close()
		case s.Close != "":
			open[s.Close].close()
		case s.Wait > 0:
			pass(time.Duration(s.Wait) * time.Millisecond)
		}
		for _, m := range s.Produce {
			produce(m)
		}
		if s.Response != nil {
			pass(time.Second)
			for _, d := range compare(open[name], *s.Response) {
				if len(v.Steps) > 2 && v.Produce == nil {
					d.what = fmt.Sprintf("step %d %s", i, d.what)
				}
				differences = append(differences, d)
			}
		}
	}
	return differences
}

// perConnection are headers of a connection, not of an answer, and those that servers make up each time.
var perConnection = []string{"connection", "keep-alive", "transfer-encoding", "content-length", "date", "last-modified", "etag"}

func compare(x *exchange, want response) (list []difference) {
	differ := func(what string, got, want any) {
		if !reflect.DeepEqual(got, want) {
			g, w := fmt.Sprint(got), fmt.Sprint(want)
			list = append(list, difference{what, g, w})
		}
	}
	if want.Status == nil {
		differ("status", x.head.StatusCode, "no answer")
		return list
	}
	differ("status", x.head.StatusCode, *want.Status)
	_, reason, _ := strings.Cut(x.head.Status, " ")
	differ("reason", reason, want.Reason)
	names := map[string]bool{}
	for name := range want.Headers {
		names[name] = true
	}
	for name := range x.head.Header {
		names[strings.ToLower(name)] = true
	}
	for name := range names {
		if !slices.Contains(perConnection, name) {
			differ("header "+name, x.head.Header.Get(name), want.Headers[name])
		}
	}
	text, ended := x.body()
	if want.Frames == nil {
		if want.BodyJSON != nil {
			differ("body", normalised([]byte(text)), normalised(want.BodyJSON))
		} else {
			differ("body", text, want.Body)
		}
		if x.head.Request.Method != "HEAD" {
			differ("ended", ended, want.Ended)
		}
		return list
	}
	differ("ended", ended, want.Ended)
	lines := strings.HasPrefix(want.Headers["content-type"], "application/json")
	greeting := want.Body[:min(len(want.Body), 5)]
	if lines {
		greeting = "\n"
	}
	differ("greeting", text[:min(len(text), len(greeting))], greeting)
	compareFrames(frames(text, lines), want.Frames, lines, differ)
	return list
}

// compareFrames compares the sequence of data of each topic and partition, and the entry of the frame's own partition in its id.
func compareFrames(got []frame, want []map[string]any, lines bool, differ func(string, any, any)) {
	ours, theirs := map[string][]string{}, map[string][]string{}
	for _, f := range got {
		where, data := placeOf([]byte(f.data))
		ours[where] = append(ours[where], data)
		if lines {
			continue
		}
		differ("event", f.event, "message")
		if where == "" {
			continue
		}
		if entry := ownEntry(f.id, where); entry == nil || entry["at"] == nil {
			differ("id", f.id, "an entry for "+where)
		}
	}
	for _, f := range want {
		raw, err := json.Marshal(f["data"])
		if err != nil {
			panic(err)
		}
		where, data := placeOf(raw)
		theirs[where] = append(theirs[where], data)
	}
	keys := map[string]bool{}
	for k := range ours {
		keys[k] = true
	}
	for k := range theirs {
		keys[k] = true
	}
	sorted := []string{}
	for k := range keys {
		sorted = append(sorted, k)
	}
	sort.Strings(sorted)
	for _, k := range sorted {
		differ("frames", "\n "+strings.Join(ours[k], "\n "), "\n "+strings.Join(theirs[k], "\n "))
	}
}

// placeOf is the topic and partition of an event, "" if it does not say, and the event in a form that can be compared.
func placeOf(raw []byte) (where, data string) {
	var v struct {
		Meta struct {
			Topic     string
			Partition int
		}
	}
	if json.Unmarshal(raw, &v) == nil && v.Meta.Topic != "" {
		where = fmt.Sprintf("%s/%d", v.Meta.Topic, v.Meta.Partition)
	}
	return where, normalised(raw)
}

func ownEntry(id, where string) map[string]any {
	var entries []map[string]any
	if json.Unmarshal([]byte(id), &entries) != nil {
		return nil
	}
	for _, e := range entries {
		if fmt.Sprintf("%s/%v", e["topic"], e["partition"]) == where {
			return e
		}
	}
	return nil
}

// normalised is JSON as JavaScript reads and Go writes it: numbers are doubles, members are sorted.
func normalised(raw []byte) string {
	var v any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), "1e400", "null")), &v); err != nil {
		return string(raw)
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
