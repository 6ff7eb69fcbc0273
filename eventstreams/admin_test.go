package eventstreams

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func TestAdminListsAndCuts(t *testing.T) {
	streams, err := streamconfig.Parse("test.yaml", []byte("streams:\n  a: {schema_title: a}\n  b: {schema_title: b}\n"))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("admin")
		log.Create("a", 1)
		log.Create("b", 1)
		h := newHarness(t, log, streams, Config{})
		defer h.stop()
		for i, address := range []string{"192.0.2.1", "192.0.2.1:77", "[2001:db8::1]:5", "192.0.2.9"} {
			x := h.send(request{Method: "GET", Path: "/v2/stream/b,a", Headers: map[string]string{"X-Client-IP": address, "User-Agent": fmt.Sprint("agent ", i)}})
			defer x.conn.Close()
			pass(time.Second)
		}
		var list ClientsReport
		if status := h.askAdmin("GET", "/clients", &list); status != 200 || len(list.Clients) != 4 {
			t.Fatalf("%d %+v", status, list)
		}
		if c := list.Clients[0]; c.UserAgent != "agent 0" || c.Address != "192.0.2.1" || fmt.Sprint(c.Streams) != "[a b]" || c.Seconds < 4 {
			t.Errorf("%+v", c)
		}
		for _, step := range []struct {
			path              string
			status, cut, left int
		}{
			{"/clients", 400, 0, 4},
			{"/clients/x", 400, 0, 4},
			{"/clients/0", 404, 0, 4},
			{"/clients?address=192.0.2.77", 404, 0, 4},
			{"/clients?address=192.0.2.1", 200, 2, 2},
			{"/clients?address=2001:db8::1", 200, 1, 1},
			{fmt.Sprint("/clients/", list.Clients[3].ID), 200, 1, 0},
		} {
			var report CutReport
			var into any = &report
			if step.status == 400 {
				into = nil
			}
			status := h.askAdmin("DELETE", step.path, into)
			pass(time.Second)
			if status != step.status || report.Cut != step.cut || h.srv.Clients() != step.left {
				t.Errorf("DELETE %s: %d, %d cut, %d left", step.path, status, report.Cut, h.srv.Clients())
			}
		}
	})
}

// askAdmin asks the admin port, reads its JSON answer into a value, if there is one to read it into, and returns the status.
func (h *harness) askAdmin(method, path string, into any) int {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.srv.AdminHandler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			h.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	return w.Code
}
