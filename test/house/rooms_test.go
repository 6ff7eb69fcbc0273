package house

import (
	"slices"
	"strings"
	"testing"
)

// A rule says which of our rooms a room may import. A folder below a room belongs to the room unless it has a rule of its own, and packages of
// one room may import each other.
type rule struct {
	room string
	may  []string
}

// products are the rooms that the rooms which serve all others (metrics, configuration, the page's API) may import.
var products = []string{
	"internal/rawjson", "jsonschema", "event", "schema", "streamconfig", "kafka", "eventgate", "kafkasse", "eventstreams", "eventstreams/client",
	"lint", "canary", "check", "internal/filter", "internal/embedded", "internal/service",
}

const everything = "*"

// rooms is the import table of docs/architecture.md. Intake and streaming never import each other: they meet at the log.
var rooms = []rule{
	{"cmd/eventplatform", []string{everything}},
	{"internal/rawjson", nil},
	{"jsonschema", []string{"internal/rawjson"}},
	{"event", []string{"internal/rawjson"}},
	{"schema", []string{"jsonschema", "internal/rawjson"}},
	{"streamconfig", nil},
	{"kafka", nil},
	{"eventgate", []string{"event", "schema", "jsonschema", "streamconfig", "kafka", "internal/rawjson"}},
	{"kafkasse", []string{"kafka", "internal/rawjson"}},
	{"eventstreams", []string{"kafkasse", "streamconfig", "schema", "internal/filter", "internal/rawjson"}},
	{"eventstreams/client", []string{"internal/rawjson"}},
	{"lint", []string{"schema", "streamconfig", "jsonschema"}},
	{"canary", []string{"streamconfig", "schema", "event", "eventstreams/client"}},
	{"check", []string{"streamconfig", "schema", "event", "eventstreams/client"}},
	{"internal/filter", []string{"internal/rawjson", "jsonschema"}},
	{"internal/embedded", []string{"kafka"}},
	{"internal/service", nil},
	{"internal/profile", nil},
	{"internal/trace", nil},
	{"internal/metrics", products},
	{"internal/config", products},
	{"internal/uiapi", products},
	{"ui", products},
	{"internal/testshared", nil},
	{"test", []string{everything}},
	{"bench", []string{everything}},
}

// forTests is what the tests of any room may import besides: the recorded vectors, and a log with records in it. The wider rule stops there, so that
// a test of the intake does not come to lean on the streaming side or the other way round; what needs both lives in test/.
var forTests = []string{"internal/testshared", "internal/embedded", "kafka", "internal/rawjson"}

// forTestsOnly is what no product file may import.
var forTestsOnly = []string{"internal/testshared", "test", "bench"}

// ruleOf returns the rule of the room that a folder belongs to: the longest room name that is the folder or above it.
func ruleOf(folder string) (rule, bool) {
	var best rule
	for _, r := range rooms {
		if (folder == r.room || strings.HasPrefix(folder, r.room+"/")) && len(r.room) > len(best.room) {
			best = r
		}
	}
	return best, best.room != ""
}

func workshop(room string) bool { return room == "test" || room == "bench" }

func TestEveryRoomImportsOnlyWhatItMay(t *testing.T) {
	for _, f := range goFiles(t) {
		from, known := ruleOf(f.dir())
		if !known {
			t.Errorf("%s: the folder %s is no room of the import table: give it a line in rooms_test.go and in docs/architecture.md", f.path, f.dir())
			continue
		}
		for _, imported := range f.imports() {
			folder, ours := strings.CutPrefix(imported, module+"/")
			if !ours {
				continue
			}
			to, known := ruleOf(folder)
			if !known {
				t.Errorf("%s imports %s, which is in no room of the import table", f.path, folder)
				continue
			}
			if complaint := mayImport(from, to.room, f.test); complaint != "" {
				t.Errorf("%s: %s", f.path, complaint)
			}
		}
	}
}

// mayImport returns what is wrong with a file of one room importing another room, or "".
func mayImport(from rule, to string, test bool) string {
	switch {
	case from.room == to:
		return ""
	case test && slices.Contains(forTests, to):
		return ""
	case !test && !workshop(from.room) && slices.Contains(forTestsOnly, to):
		return "the product imports " + to + ", which is for tests only"
	case slices.Contains(from.may, everything), slices.Contains(from.may, to):
		return ""
	case len(from.may) == 0:
		return from.room + " imports " + to + "; it may import no other room"
	default:
		return from.room + " imports " + to + "; it may import only " + strings.Join(from.may, ", ")
	}
}

// The table itself: a room that is named on the right must exist on the left, or a typing error there would pass for a permission.
func TestTheImportTableNamesItsOwnRooms(t *testing.T) {
	for _, r := range rooms {
		for _, to := range slices.Concat(r.may, forTests, forTestsOnly) {
			if found, _ := ruleOf(to); to != everything && found.room != to {
				t.Errorf("the rule of %s names %s, which is no room", r.room, to)
			}
		}
	}
}

func TestNoProductRoomReachesBothSidesOfTheLog(t *testing.T) {
	for _, pair := range [][2]string{{"eventgate", "kafkasse"}, {"eventgate", "eventstreams"}, {"kafkasse", "eventgate"}, {"eventstreams", "eventgate"}} {
		from, _ := ruleOf(pair[0])
		if mayImport(from, pair[1], true) == "" {
			t.Errorf("the table lets %s import %s: intake and streaming meet only at the log", pair[0], pair[1])
		}
	}
}
