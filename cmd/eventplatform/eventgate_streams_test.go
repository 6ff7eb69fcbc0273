package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// answering is a stream configuration service of which a test says what it answers; without an answer it hangs.
type answering struct {
	*httptest.Server
	body  atomic.Pointer[string]
	asked atomic.Int32
}

func answer(t *testing.T, body string) *answering {
	a := &answering{}
	a.body.Store(&body)
	ended := make(chan struct{})
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		a.asked.Add(1)
		if body := a.body.Load(); body != nil {
			_, _ = w.Write([]byte(*body))
			return
		}
		<-ended
	}))
	t.Cleanup(func() {
		close(ended)
		a.Close()
	})
	return a
}

// intake starts one that asks the service.
func (a *answering) intake(t *testing.T, settings string) *started {
	t.Helper()
	return start(t, "eventgate", "-c", writeFile(t, "intake.yaml", `
services:
  - name: intake
    conf:
      eventgate_factory_module: eventgate-wikimedia.js
      schema_base_uris: ['`+testshared.Path(t, "data/schemas/primary")+`']
      stream_config_uri: `+a.URL+`
      stream_config_object_path: streams
      stream_config_dynamic: true
      kafka: {conf: {metadata.broker.list: '`+broker(t)+`'}}
`+settings))
}

// A stream configuration service that hangs holds up neither who sends to an unknown stream nor a reload: both are done while it is asked the first time.
func TestHangingStreamConfiguration(t *testing.T) {
	hangups := make(chan os.Signal, 10)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	service := answer(t, `{"streams":{"a":{"schema_title":"test/event"}}}`)
	in := service.intake(t, "")
	service.body.Store(nil)
	events := `[{"$schema":"/test/event/1.0.0","meta":{"stream":"new"}},{"$schema":"/test/event/1.0.0","meta":{"stream":"newer"}}]`
	status, text := ask(t, http.MethodPost, in.url+"/v1/events", events)
	if status != http.StatusServiceUnavailable || strings.Count(text, "got error when fetching stream config; send the event again later") != 2 {
		t.Errorf("unknown streams: %d %s", status, text)
	}
	hangUp(t)
	in.says(`"what":"stream configuration"`)
	in.says(`"what":"schemas"`)
	if asked := service.asked.Load(); asked != 2 {
		t.Errorf("the service was asked %d times, want once at the start and once since", asked)
	}
}
