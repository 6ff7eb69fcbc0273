package main

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// external makes the file of an intake that browsers post to out of one that they do not: production's differ in these lines.
func external(t *testing.T, name string, changes ...string) string {
	t.Helper()
	text, err := os.ReadFile(testshared.Path(t, "data/configs/eventgate-analytics.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	changes = append([]string{"eventgate-analytics", name, "message.max.bytes: 4194304", "message.max.bytes: 1048576"}, changes...)
	return writeFile(t, name+".yaml", strings.NewReplacer(changes...).Replace(string(text)))
}

const (
	schemaFiles = "      - file:///srv/service/schemas/event/primary/jsonschema/\n      - file:///srv/service/schemas/event/secondary/jsonschema/\n"
	lastLine    = "      - eventgateWikimediaDefaults"
)

// Intakes that browsers post to start from files such as production has: only HTTP repositories, transforms of experiments, query parameters that stand
// in for fields.
func TestExternalIntakes(t *testing.T) {
	repository := testshared.Path(t, "data/schemas/primary")
	streams := writeFile(t, "streams.yaml", "streams:\n  eventgate-analytics-external.test.event: {schema_title: test/event}\n"+
		"  w3c.reportingapi.network_error: {schema_title: w3c/reportingapi/network_error}\n")
	analytics := external(t, "eventgate-analytics-external", schemaFiles, "", lastLine, lastLine+"\n      - processEdgeUniques\n      - testKitchen\n      test_kitchen:\n"+
		"        ua_denylist:\n        - (?:bot|crawler)\n        - '^Mozilla/5\\.0 \\(compatible;(?! MSIE)'\n")
	logging := external(t, "eventgate-logging-external", "cors: false", "cors: '*'", "10mb", "4mb", "      stream_config_ttl: 60\n", "",
		"schema_uri_field: $schema", "schema_uri_field: $schema\n      schema_uri_query_param: schema_uri\n      stream_query_param: stream")
	for _, file := range []string{analytics, logging} {
		var out bytes.Buffer
		if code := run(t.Context(), []string{"eventgate", "--check", "-c", file}, &terminal{In: strings.NewReader(""), Out: &out, Err: &out}); code != 0 {
			t.Errorf("%s: exit code %d: %s", file, code, &out)
		}
	}

	in := start(t, "eventgate", "-c", analytics, "--kafka", broker(t), "--schemas", repository, "--streams", streams)
	event := `{"$schema":"/test/event/1.0.0","meta":{"stream":"eventgate-analytics-external.test.event"},"test":"x"}`
	if status, text := ask(t, http.MethodPost, in.url+"/v1/events?hasty=true", event, "Content-Type", "text/plain"); status != http.StatusAccepted {
		t.Errorf("answered %d %s", status, text)
	}
	in.end()

	in = start(t, "eventgate", "-c", logging, "--kafka", broker(t), "--schemas", repository, "--streams", streams)
	report := `[{"age":1,"type":"network-error","url":"https://w.example/","user_agent":"b","body":{"phase":"dns","type":"dns.name_not_resolved","elapsed_time":1,` +
		`"method":"GET","protocol":"h2","referrer":"","sampling_fraction":1,"server_ip":"","status_code":0}}]`
	status, text := ask(t, http.MethodPost, in.url+"/v1/events?stream=w3c.reportingapi.network_error&schema_uri=/w3c/reportingapi/network_error/1.0.0", report,
		"Content-Type", "application/reports+json", "Origin", "https://w.example")
	if status != http.StatusCreated {
		t.Errorf("a report: %d %s", status, text)
	}
	response, err := http.Get(in.url + "/robots.txt")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if origin := response.Header.Get("Access-Control-Allow-Origin"); origin != "*" {
		t.Errorf("cors is %q", origin)
	}
	if status, text := ask(t, http.MethodPost, in.url+"/v1/events", strings.Repeat(" ", 4<<20)+"{}"); status != http.StatusRequestEntityTooLarge {
		t.Errorf("more than 4mb: %d %s", status, text)
	}
}
