package eventstreams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/internal/filter"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// filtered is the service with two streams of known schemas and one without, and events in them.
func filtered(t *testing.T) *harness {
	t.Helper()
	log := kafkassetest.New("c")
	for topic, values := range map[string][]string{
		"pages": {`{"title":"A","n":1}`, `{"title":"B","n":2,"$schema":"/pages/1"}`, `{"title":"A","n":3}`, `{"n":4}`},
		"users": {`{"user":"U","n":1}`, `{"user":"V","n":2}`},
		"plain": {`{"anything":{"goes":1}}`, `{"anything":"else"}`},
	} {
		log.Create(topic, 1)
		for i, v := range values {
			log.Produce(kafka.Record{Topic: topic, Timestamp: int64(1000 * (i + 1)), Value: []byte(v)})
		}
	}
	const schema = `{"schema":{"type":"object","properties":{"$schema":{"type":"string"},"meta":{"type":"object","properties":{"domain":{"type":"string"}}},"n":{"type":"integer"},%s}}}`
	return newHarness(t, log, parse(t, "streams:\n  pages: {topics: [pages]}\n  users: {topics: [users]}\n  plain: {topics: [plain]}\n"), Config{
		Settings: Settings{StreamOverrides: map[string]json.RawMessage{
			"pages": json.RawMessage(fmt.Sprintf(schema, `"title":{"type":"string","description":"The page's title"},"which":{"type":"string"}`)),
			"users": json.RawMessage(fmt.Sprintf(schema, `"user":{"type":"string"},"which":{"type":"integer"}`)),
		}},
	})
}

func TestFilteredStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := filtered(t)
		defer h.stop()
		lines := map[string]string{"Accept": "application/json", "Content-Type": "application/json"}
		for _, c := range []struct{ streams, query, body, want string }{
			{"pages", "filter=" + url.QueryEscape(`event.title == "A"`), "", "1 3"},
			{"pages", "filter=" + url.QueryEscape(`event['$schema'] == '/pages/1'`), "", "2"},
			{"pages", "filter=" + url.QueryEscape(`!(event.title == "A")`), "", "2 4"},
			{"pages", "filter=" + url.QueryEscape(`event.n > 1.5`) + "&filter=" + url.QueryEscape(`event.n < 4`), "", "2 3"},
			{"pages", "filter=" + url.QueryEscape(`timestamp >= timestamp('1970-01-01T00:00:02Z') && topic == 'pages'`) + "&where=title:A", "", "3"},
			{"pages", "filter=&where=title:B", "", "2"},
			{"pages,users", "filter=" + url.QueryEscape(`event.title == 'A' || event.user == 'V'`), "", "1 2 3"},
			{"pages,plain", "filter=" + url.QueryEscape(`event.anything.goes == 1 || event.n == 4`), "", "4 goes"},
			{"pages", "", `{"filter":"event.title == 'A'","where":{"n":[1,2]}}`, "1"},
			{"pages", "filter=event.n==3", `{"filter":"event.title == 'A'"}`, "3"},
		} {
			method := "GET"
			if c.body != "" {
				method = "POST"
			}
			x := h.send(request{Method: method, Path: "/v2/stream/" + c.streams + "?since=0&until=1970-01-01T00:01:00Z&" + c.query, Headers: lines, Body: c.body})
			pass(time.Second)
			text, _ := x.body()
			var got []string
			for n := range 5 {
				if strings.Contains(text, fmt.Sprintf(`"n":%d`, n)) {
					got = append(got, fmt.Sprint(n))
				}
			}
			if strings.Contains(text, `"goes"`) {
				got = append(got, "goes")
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s?%s %s: %v, not %s: %s", c.streams, c.query, c.body, got, c.want, text)
			}
			x.close()
		}
	})
}

// What is wrong with a filter is said with its place and the nearest field, before the stream begins, and costs no place of a limit.
func TestWrongFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := filtered(t)
		defer h.stop()
		const path = "/v2/stream/pages?filter=event.titel%20==%20'A'"
		x := h.send(request{Method: "GET", Path: path})
		const want = `{"status":400,"type":"bad_request","title":"Invalid filter","detail":"line 1, column 7: event has no field 'titel' in the schemas of these streams; did you mean event.title?",` +
			`"method":"GET","uri":"` + path + `","line":1,"column":7,"nearest":"event.title"}`
		if text, _ := x.body(); x.head.StatusCode != 400 || text != want || x.head.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s\n%s\n%s", x.head.Status, text, want)
		}
		for _, c := range []struct{ path, body, says string }{
			{"pages?filter=event.title%20%3E%205", "", "cannot be applied to values of the types (string, int)"},
			{"pages,users?filter=event.which==1", "", "event.which cannot be used for all of these streams: it is of type string in pages and of type int in users"},
			{"users,pages?filter=event.which==1", "", "of type string in pages and of type int in users"},
			{"pages?filter=event.user=='U'", "", "has no field 'user'"},
			{"pages", `{"filter":"event.titel == 'A'"}`, `"nearest":"event.title"`},
			{"pages", `{"filter":7}`, "expected {"},
			{"pages?" + strings.Repeat("filter=true&", maxFilters+1), "", "more than 10 filters"},
		} {
			q := request{Method: "GET", Path: "/v2/stream/" + c.path, Headers: map[string]string{"Content-Type": "application/json"}, Body: c.body}
			if c.body != "" {
				q.Method = "POST"
			}
			x := h.send(q)
			if text, _ := x.body(); x.head.StatusCode != 400 || !strings.Contains(text, c.says) {
				t.Errorf("%s %s: %s %s", c.path, c.body, x.head.Status, text)
			}
			x.close()
		}
		if n := h.srv.Clients(); n != 0 {
			t.Errorf("%d clients", n)
		}
	})
}

// Equal filters make equal views, however they are written; others do not.
func TestFiltersShareViews(t *testing.T) {
	h := filteredServer(t)
	key := func(where string, expressions ...string) string {
		t.Helper()
		entries, _ := h.current().find([]string{"pages"})
		list, fault := h.compileAll(t.Context(), entries, expressions)
		if fault != nil {
			t.Fatal(fault.detail)
		}
		want := asking{fields: selection{}}
		if where != "" {
			want.where = want.where.add("title", where)
		}
		return want.view(list).Key
	}
	if key("", `event.title=="A"`) != key("", ` event . title == 'A' `) || key("", `event.n == 1`, `event.n == 2`) != key("", `event.n==2`, `event.n==1`, `event.n==1`) {
		t.Error("equal filters are two views")
	}
	for _, other := range []string{key("", `event.title=="B"`), key("A"), key("A", `event.title=="A"`), key("", `event.title=="A"`, `event.n == 1`)} {
		if other == key("", `event.title=="A"`) {
			t.Error("two filters are one view")
		}
	}
}

// Clients of equal filters, however written, share the work: every event is evaluated once.
func TestEqualFiltersAreEvaluatedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := filtered(t)
		defer h.stop()
		var clients []*exchange
		for _, expression := range []string{`event.title == "live"`, ` event.title=='live' `, `(event.title == "live")`} {
			clients = append(clients, h.lines("/v2/stream/pages?filter="+url.QueryEscape(expression)))
		}
		const events = 7
		for n := range events {
			h.log.Produce(kafka.Record{Topic: "pages", Timestamp: 9000, Value: fmt.Appendf(nil, `{"title":"live","n":%d}`, n)})
			h.log.Produce(kafka.Record{Topic: "pages", Timestamp: 9000, Value: fmt.Appendf(nil, `{"title":"other","n":%d}`, n)})
			pass(time.Second)
		}
		evaluated := int64(0)
		for _, m := range h.srv.filters.all() {
			evaluated += m.events.Load()
		}
		for _, x := range clients {
			if text, _ := x.body(); strings.Count(text, `"live"`) != events || strings.Contains(text, `"other"`) {
				t.Errorf("%q", text)
			}
			x.close()
		}
		if evaluated != 2*events {
			t.Errorf("%d evaluations of %d events for %d clients", evaluated, 2*events, len(clients))
		}
	})
}

// What is asked of the page: a check without a stream, and the fields for completion.
func TestCheckFilter(t *testing.T) {
	s := filteredServer(t)
	if err := s.CheckFilter(t.Context(), []string{"pages", "users"}, `event.title == 'A'`); err != nil {
		t.Error(err)
	}
	var wrong *filter.Error
	if err := s.CheckFilter(t.Context(), []string{"pages"}, `event.titel == 'A'`); !errors.As(err, &wrong) || wrong.Nearest != "event.title" || wrong.Offset("event.titel == 'A'") != 6 {
		t.Error(err)
	}
	if err := s.CheckFilter(t.Context(), []string{"nothing"}, `true`); err == nil || errors.As(err, new(*filter.Error)) {
		t.Error(err)
	}
	fields, err := s.FilterFields(t.Context(), []string{"pages", "users"})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]filter.Field{}
	for _, f := range fields {
		all[f.Path] = f
	}
	if all["event.title"] != (filter.Field{Path: "event.title", Type: "string", Description: "The page's title"}) || all["event.user"].Type != "string" || all["event.which"].Type != "" {
		t.Errorf("%+v", fields)
	}
	// Compiled filters and types are kept, but not without bound.
	for i := range 3 * maxCompiled {
		if err := s.CheckFilter(t.Context(), []string{"pages"}, fmt.Sprintf("event.n == %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if c := &s.filters.compiled; len(c.young) > maxCompiled || len(c.old) > maxCompiled || len(s.filters.types.young) > 3 {
		t.Errorf("%d and %d filters, %d types are kept", len(c.young), len(c.old), len(s.filters.types.young))
	}
}

// filteredServer is the service of filtered, without connections.
func filteredServer(t *testing.T) *Server {
	t.Helper()
	h := filtered(t)
	t.Cleanup(func() {
		close(h.conn)
		_ = h.http.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 0)
		defer cancel()
		_ = h.srv.Shutdown(ctx)
	})
	return h.srv
}
