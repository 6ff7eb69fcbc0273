package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requestBuckets are the Node.js services' (up to 1 s), and more, so that a slow answer is seen as what it is. Seconds.
var requestBuckets = []float64{0.01, 0.05, 0.1, 0.3, 1, 2.5, 5, 10, 30, 60}

// requests is the histogram of answered requests.
type requests struct {
	known *series[request, prometheus.Observer]
}

type request struct {
	path, method string
	status       int
}

func newRequests(reg prometheus.Registerer) *requests {
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "express_router_request_duration_seconds", Help: "Time from a request's head to the end of its answer.", Buckets: requestBuckets,
	}, []string{"path", "method", "status"})
	reg.MustRegister(vec)
	return &requests{newSeries(request{other, other, 0}, func(r request) prometheus.Observer {
		return vec.WithLabelValues(r.path, r.method, strconv.Itoa(r.status))
	})}
}

func (r *requests) answered(method, path string, status int, took time.Duration) {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE":
	default:
		method = other
	}
	r.known.get(request{path, method, status}).Observe(took.Seconds())
}

// Requests counts the requests that next answers, under the path that route gives: one of few values. Of those that route calls lasting only refused ones
// count. It does not hide what the writer can do from http.ResponseController.
func (m *Metrics) Requests(next http.Handler, route func(*http.Request) (path string, lasting bool)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, lasting := route(r)
		begun := time.Now()
		s := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(s, r)
		if !lasting || s.status >= http.StatusBadRequest {
			m.requests.answered(r.Method, path, s.status, time.Since(begun))
		}
	})
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
	headed bool
}

// WriteHeader keeps the first final status.
func (w *statusWriter) WriteHeader(status int) {
	if !w.headed && status >= http.StatusOK {
		w.status, w.headed = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
