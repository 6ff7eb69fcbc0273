package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/eventplatform/eventplatform/eventgate"
)

// Intake counts what an intake does.
type Intake struct {
	requests  *requests
	produced  *series[[2]string, prometheus.Counter]
	refused   *series[[3]string, prometheus.Counter]
	hastyLost *series[[3]string, prometheus.Counter]
	noted     *series[[3]string, prometheus.Counter]
}

var _ eventgate.Observer = (*Intake)(nil)

// Intake makes the metrics of an intake. It is called once.
func (m *Metrics) Intake() *Intake {
	return &Intake{
		requests: m.requests,
		produced: counters2(m.register, "eventgate_events_produced_total", "Events acknowledged by Kafka.", [2]string{"stream", "schema_uri"}),
		refused: counters3(m.register, "eventgate_validation_errors_total", "Events that were not accepted, by reason.",
			[3]string{"stream", "schema_uri", "error_type"}),
		hastyLost: counters3(m.register, "eventgate_hasty_lost_total", "Events of hasty requests that were lost after the answer, by reason.",
			[3]string{"stream", "schema_uri", "error_type"}),
		noted: counters3(m.register, "eventgate_events_noted_total", "Events that were accepted although something about them is odd.",
			[3]string{"what", "stream", "schema_uri"}),
	}
}

// Produced counts an acknowledged event.
func (i *Intake) Produced(stream, schemaURI string) {
	i.produced.get([2]string{stream, schemaURI}).Inc()
}

// Refused counts an event that was not accepted.
func (i *Intake) Refused(stream, schemaURI, why string) {
	i.refused.get([3]string{stream, schemaURI, why}).Inc()
}

// HastyLost counts an event that was lost after its request was answered.
func (i *Intake) HastyLost(stream, schemaURI, why string) {
	i.hastyLost.get([3]string{stream, schemaURI, why}).Inc()
}

// Noted counts something odd about an accepted event.
func (i *Intake) Noted(what eventgate.Note, stream, schemaURI string) {
	i.noted.get([3]string{what.String(), stream, schemaURI}).Inc()
}

// Answered counts an answered request.
func (i *Intake) Answered(method, route string, status int, took time.Duration) {
	i.requests.answered(method, route, status, took)
}
