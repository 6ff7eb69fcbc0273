package eventgate

import (
	"context"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

const (
	// EdgeUniquesStep is the name of the step that completes an event's experiment by what the CDN's edge has put into the request's headers. It
	// looks at streams with producers.eventgate.use_edge_uniques only.
	EdgeUniquesStep = "processEdgeUniques"
	// TestKitchenStep is the name of the step that leaves out experiments' events of user agents on Config.ExperimentDenylist: they are answered
	// as accepted and not produced.
	TestKitchenStep = "testKitchen"
)

const (
	// enrolmentsHeader holds what the edge has enrolled the browser in: "experiment=group/subject;…".
	enrolmentsHeader = "X-Experiment-Enrollments"
	// edgeUnique is the sampling unit of experiments that the edge assigns; awaiting stands where the subject's id belongs.
	edgeUnique = "edge-unique"
	awaiting   = "awaiting"
)

// enrolment is one of the experiments that a browser takes part in.
type enrolment struct{ experiment, group, subject string }

// completeExperiment is the step [EdgeUniquesStep].
func (g *Gate) completeExperiment(_ context.Context, e *Event) error {
	if s := e.StreamSettings(); s == nil || !s.UseEdgeUniques {
		return nil
	}
	if e.textAt("experiment.sampling_unit") != edgeUnique || e.textAt("experiment.subject_id") != awaiting {
		return nil
	}
	enrolments, ok := parseEnrolments(e.Header(enrolmentsHeader))
	if !ok {
		return &Refusal{Type: "MalformedHeaderError", Message: "The header " + enrolmentsHeader + " is not a list of experiment=group/subject."}
	}
	name, group := e.textAt("experiment.enrolled"), e.textAt("experiment.assigned")
	at := slices.IndexFunc(enrolments, func(n enrolment) bool { return n.experiment == name })
	if at < 0 {
		return &Refusal{Type: "HoistingError", Message: "The browser is not enrolled in the experiment " + shorten(name) + "."}
	}
	if enrolments[at].group != group {
		return &Refusal{Type: "HoistingError", Message: "The browser is enrolled in another group of the experiment " + shorten(name) + " than " + shorten(group) + "."}
	}
	start, end, ok := rawjson.Find(e.bytes, "experiment", "subject_id")
	if !ok {
		return nil
	}
	r, begin := e.run, len(e.run.arena)
	r.arena = append(r.arena, e.bytes[:start]...)
	r.arena = rawjson.AppendQuoted(r.arena, []byte(enrolments[at].subject))
	r.arena = append(r.arena, e.bytes[end:]...)
	e.become(r.arena[begin:len(r.arena):len(r.arena)])
	return nil
}

// parseEnrolments reads the edge's header. A header that was not sent has no enrolments.
func parseEnrolments(header string) (list []enrolment, ok bool) {
	for item := range strings.SplitSeq(header, ";") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		experiment, rest, hasGroup := strings.Cut(item, "=")
		group, subject, hasSubject := strings.Cut(rest, "/")
		if !hasGroup || !hasSubject || experiment == "" || group == "" || subject == "" {
			return nil, false
		}
		list = append(list, enrolment{experiment, group, subject})
	}
	return list, true
}

// leaveOutDenied is the step [TestKitchenStep].
func (g *Gate) leaveOutDenied(_ context.Context, e *Event) error {
	agent := e.Header("User-Agent")
	if agent == "" || e.Find("experiment") == nil {
		return nil
	}
	for _, denied := range g.cfg.ExperimentDenylist {
		if denied(agent) {
			e.Discard()
			g.observer.Noted(Denied, e.streamLabel(), e.schemaLabel())
			return nil
		}
	}
	return nil
}
