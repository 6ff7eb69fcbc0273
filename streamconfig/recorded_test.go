package streamconfig

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// TestTheClientReadsRecordedAnswers gives the client the reference's own answers: what it makes of them answers the same again.
func TestTheClientReadsRecordedAnswers(t *testing.T) {
	file, err := os.ReadFile(testshared.Path(t, "data/vectors/streamconfig-http.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(file))
	lines.Buffer(nil, 1<<24)
	good, bad := 0, 0
	for lines.Scan() {
		var v httpVector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		var body struct {
			Streams map[string]json.RawMessage
			Error   json.RawMessage
			Errors  json.RawMessage
		}
		if json.Unmarshal(v.Response.Body, &body) != nil {
			continue // HEAD and JSONP
		}
		c, err := parseAnswer("http://mw.test/w/api.php", v.Response.Body, "streams")
		if body.Error != nil || body.Errors != nil || body.Streams == nil {
			if err == nil {
				t.Errorf("%s: an answer without streams was taken", v.Name)
			}
			bad++
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		for name, settings := range body.Streams {
			s, ok := c.byName[name]
			if !ok {
				t.Errorf("%s: %s is left out: %v", v.Name, name, c.Warnings())
				continue
			}
			var want, got map[string]any
			if json.Unmarshal(settings, &want) != nil || json.Unmarshal(s.Settings, &got) != nil {
				t.Fatal(v.Name, name)
			}
			// A name that a regular expression stands for is a stream of its own in an answer: only "stream" tells where it came from.
			delete(want, "stream")
			delete(got, "stream")
			a, _ := json.Marshal(want)
			b, _ := json.Marshal(got)
			if !bytes.Equal(a, b) {
				t.Errorf("%s: %s\n got %s\nwant %s", v.Name, name, b, a)
			}
		}
		good++
	}
	testshared.Count(t, "streamconfig recorded answers read by the client", good)
	if good < 60 || bad < 10 {
		t.Errorf("only %d answers and %d errors", good, bad)
	}
}
