package service

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// asked sends a request to a level and returns its answer.
func asked(t *testing.T, l *Level, method, query string) (status int, answer map[string]string) {
	t.Helper()
	w := httptest.NewRecorder()
	l.ServeHTTP(w, httptest.NewRequest(method, "/loglevel"+query, nil))
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s %s: %s", method, query, w.Body)
	}
	return w.Code, answer
}

func TestTheLevelReturnsAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		level := NewLevel(slog.LevelInfo)
		log := NewLogger(&out, LogConfig{Name: "x", Level: level})
		log.Debug("not written")
		if status, answer := asked(t, level, http.MethodPut, "?level=trace&for=10m"); status != http.StatusOK || answer["level"] != "trace" || answer["usual"] != "info" || answer["until"] == "" {
			t.Errorf("the change is answered %d %v", status, answer)
		}
		log.Log(t.Context(), LevelTrace, "fine")
		<-time.After(10*time.Minute - time.Second)
		synctest.Wait()
		if _, answer := asked(t, level, http.MethodGet, ""); answer["level"] != "trace" {
			t.Errorf("a second before its end the change is %v", answer)
		}
		<-time.After(time.Second)
		synctest.Wait()
		if _, answer := asked(t, level, http.MethodGet, ""); answer["level"] != "info" || answer["until"] != "" {
			t.Errorf("after its time the level is %v", answer)
		}
		log.Debug("not written")
		if text := out.String(); strings.Contains(text, "not written") || !strings.Contains(text, `"fine"`) || strings.Count(text, "the log level is") != 2 {
			t.Errorf("the log is\n%s", text)
		}
	})
}

// A second change takes the place of the first: the first one's end does not end it.
func TestALaterChangeLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		level := NewLevel(slog.LevelInfo)
		level.Change(slog.LevelDebug, time.Minute)
		<-time.After(30 * time.Second)
		level.Change(LevelTrace, time.Hour)
		<-time.After(time.Minute)
		synctest.Wait()
		if level.Level() != LevelTrace {
			t.Errorf("the level is %v", level.Level())
		}
		if status, answer := asked(t, level, http.MethodDelete, ""); status != http.StatusOK || answer["level"] != "info" {
			t.Errorf("ending the change is answered %d %v", status, answer)
		}
	})
}

// Changes are told whichever way they go, also to and from levels at which nearly nothing is logged.
func TestChangesAreTold(t *testing.T) {
	var out bytes.Buffer
	level := NewLevel(LevelFatal)
	NewLogger(&out, LogConfig{Name: "x", Level: level})
	level.Change(slog.LevelDebug, time.Hour)
	level.Restore()
	if n := strings.Count(out.String(), "the log level is"); n != 2 {
		t.Errorf("%d lines:\n%s", n, &out)
	}
}

func TestWrongChangesAreRefused(t *testing.T) {
	level := NewLevel(slog.LevelInfo)
	for _, test := range []struct {
		method, query string
		status        int
		says          string
	}{
		{http.MethodPut, "", http.StatusBadRequest, "trace, debug"},
		{http.MethodPut, "?level=loud", http.StatusBadRequest, `"loud"`},
		{http.MethodPut, "?level=debug&for=ever", http.StatusBadRequest, `"ever"`},
		{http.MethodPut, "?level=debug&for=-1s", http.StatusBadRequest, "at most 24h"},
		{http.MethodPut, "?level=debug&for=25h", http.StatusBadRequest, "at most 24h"},
		{http.MethodPost, "?level=debug", http.StatusMethodNotAllowed, "PUT"},
	} {
		status, answer := asked(t, level, test.method, test.query)
		if status != test.status || !strings.Contains(answer["error"], test.says) {
			t.Errorf("%s %s: %d %v", test.method, test.query, status, answer)
		}
	}
	if level.Level() != slog.LevelInfo {
		t.Errorf("the level is %v", level.Level())
	}
}
