package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/internal/testshared"
)

// The examples of a real schema repository go in through a real stream configuration and come back: per topic in order, and byte for byte what was sent
// apart from the fields that the platform sets.
func TestExamplesComeBack(t *testing.T) {
	schemas := testshared.Path(t, "data/schemas/primary")
	declarations := testshared.Path(t, "data/streams/wikimedia.json")
	examples := readExamples(t, schemas, declarations)
	if len(examples) < 20 {
		t.Fatalf("only %d examples have a stream", len(examples))
	}
	onEachCluster(t, func(t *testing.T, cluster ...string) {
		p := serve(t, append(cluster, "--schemas", schemas, "--streams", declarations)...)
		var names []string
		for _, e := range examples {
			if !slices.Contains(names, e.stream) {
				names = append(names, e.stream)
			}
		}
		const rounds, together = 3, 8 // an id names every partition of a connection, so there cannot be too many
		var live []*stream
		for some := range slices.Chunk(names, together) {
			live = append(live, p.open(strings.Join(some, ","), "", ""))
		}
		sent := map[string][]string{} // stream → texts in order
		for round := range rounds {
			for _, e := range examples {
				text := e.text
				if round > 0 { // forms of JSON that only the same bytes preserve
					text = strings.Replace(text, `"meta":{`, fmt.Sprintf(`"m\u0065ta" : %*s{`, round, ""), 1)
				}
				if status, answer := p.post("/v1/events", "application/json", text); status != http.StatusCreated {
					t.Fatalf("%s was answered %d: %s", text, status, answer)
				}
				sent[e.stream] = append(sent[e.stream], text)
			}
		}
		for i, some := range slices.Collect(slices.Chunk(names, together)) {
			expected := 0
			for _, name := range some {
				expected += len(sent[name])
			}
			checkStream(t, live[i].next(expected), sent)
		}
	})
}

// checkStream wants what was sent to each stream, in order.
func checkStream(t *testing.T, came []frame, sent map[string][]string) {
	t.Helper()
	next, offsets := map[string]int{}, map[string]int64{}
	for _, f := range came {
		topic, partition, offset := f.position(t)
		if before, ok := offsets[topic]; partition == 0 && ok && offset <= before {
			t.Errorf("%s: offset %d after %d", topic, offset, before)
		}
		offsets[topic] = offset
		name := strings.TrimPrefix(topic, "eqiad.")
		if next[name] >= len(sent[name]) {
			t.Fatalf("%s: more events than were sent: %s", name, f.data)
		}
		want := sent[name][next[name]]
		next[name]++
		if !sameApartFromSet(t, []byte(want), []byte(f.data)) {
			t.Errorf("%s\n sent %s\n came %s", name, want, f.data)
		}
	}
}

// versionFile is the name of a version's own file; "latest.yaml" and the like are links, which are plain text where links cannot be.
var versionFile = regexp.MustCompile(`^\d+\.\d+\.\d+\.yaml$`)

type example struct{ stream, text string }

// readExamples returns the example of each schema that a stream of the configuration takes, once with the example's own fields and the stream's name.
func readExamples(t *testing.T, schemas, declarations string) []example {
	t.Helper()
	var config struct {
		Streams map[string]struct {
			Title string `json:"schema_title"`
		}
	}
	text, err := os.ReadFile(declarations)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	streamOf := map[string]string{}
	for name, s := range config.Streams {
		if before, ok := streamOf[s.Title]; !strings.HasPrefix(name, "/") && (!ok || name < before) {
			streamOf[s.Title] = name
		}
	}
	var found []example
	root := filepath.Join(schemas, "jsonschema")
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !versionFile.MatchString(entry.Name()) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		asJSON, err := yaml.YAMLToJSON(text)
		if err != nil {
			return err
		}
		var document struct {
			Title    string
			Examples []json.RawMessage
		}
		if err := json.Unmarshal(asJSON, &document); err != nil {
			return err
		}
		stream, ok := streamOf[document.Title]
		if !ok || len(document.Examples) == 0 {
			return nil
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, document.Examples[0]); err != nil {
			return err
		}
		event := compact.Bytes()
		start, end, ok := rawjson.Find(event, "meta", "stream")
		if !ok {
			return nil
		}
		found = append(found, example{stream, string(event[:start]) + `"` + stream + `"` + string(event[end:])})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// sameApartFromSet compares what was sent with what came: every member that was sent has the same bytes, in the same order, and what is there besides is what the
// platform sets.
func sameApartFromSet(t *testing.T, sent, came []byte) bool {
	t.Helper()
	return sameMembers(sent, came, func(name string) bool {
		return name == `"meta"` || name == `"http"` || name == `"test"` || name == `"dt"`
	}, true)
}

func sameMembers(sent, came []byte, set func(name string) bool, root bool) bool {
	a, b := rawjson.NewMembers(sent), rawjson.NewMembers(came)
	for a.Next() {
		for {
			if !b.Next() {
				return false // something that was sent did not come
			}
			if bytes.Equal(a.Key(), b.Key()) {
				break
			}
			if !set(string(b.Key())) {
				return false
			}
		}
		if root && rawjson.Equal(a.Key(), "meta") {
			if !sameMembers(a.Value(), b.Value(), setInMeta, false) {
				return false
			}
			continue
		}
		if root && string(a.Key()) == `"http"` {
			if !sameMembers(a.Value(), b.Value(), func(string) bool { return true }, false) {
				return false
			}
			continue
		}
		if !bytes.Equal(a.Value(), b.Value()) {
			return false
		}
	}
	for b.Next() {
		if !set(string(b.Key())) {
			return false
		}
	}
	return true
}

func setInMeta(name string) bool {
	switch name {
	case `"id"`, `"dt"`, `"request_id"`, `"topic"`, `"partition"`, `"offset"`, `"key"`:
		return true
	}
	return false
}
