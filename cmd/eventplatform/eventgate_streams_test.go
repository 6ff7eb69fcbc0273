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
	eventually(t, "the reload is over", func() bool {
		if !strings.Contains(in.out.String(), `"what":"configuration file"`) { // a signal may come before the intake listens for them
			hangUp(t)
		}
		return strings.Contains(in.out.String(), `"what":"schemas"`)
	})
	if asked := service.asked.Load(); asked != 2 {
		t.Errorf("the service was asked %d times, want once at the start and once since", asked)
	}
}

// An error stream that is not declared is told at the start, and when a reload has lost it: nobody else would miss its events.
func TestUndeclaredErrorStream(t *testing.T) {
	hangups := make(chan os.Signal, 10)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	without, with := `{"streams":{"a":{}}}`, `{"streams":{"a":{},"my.errors":{}}}`
	const warning = ".yaml:11: services[0].conf.error_stream: the stream my.errors is not declared"
	service := answer(t, without)
	in := service.intake(t, "      error_stream: my.errors\n")
	for i, step := range []struct {
		body string
		told int
	}{{without, 1}, {with, 1}, {without, 2}, {without, 2}} {
		service.body.Store(&step.body)
		asked := service.asked.Load() + 1
		eventually(t, "the streams are read and the reload is over", func() bool { // a signal may come before the intake listens for them
			if service.asked.Load() < asked {
				hangUp(t)
			}
			return strings.Count(in.out.String(), `"what":"schemas"`) >= int(asked)-1
		})
		if told := strings.Count(in.out.String(), warning); told != step.told {
			t.Errorf("after reload %d it was told %d times, want %d", i+1, told, step.told)
		}
	}
}
