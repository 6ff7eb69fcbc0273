package eventgate

import (
	"regexp"
	"strings"
	"testing"
)

func TestExperimentsAreCompleted(t *testing.T) {
	const header = "other=a/x; tea=green/subject-1;"
	tried := func(experiment string) string {
		return `{"$schema":"/click/1.0.0","meta":{"stream":"tried","id":"i","dt":"2024-03-04T05:06:07Z"},"experiment":` + experiment + `,"http":{"client_ip":"::1"}}`
	}
	waiting := func(enrolled, assigned string) string {
		return `{"enrolled":"` + enrolled + `","assigned":"` + assigned + `","subject_id":"awaiting","sampling_unit":"edge-unique"}`
	}
	cases := []struct{ name, header, sent, want, refusal string }{
		{"completed", header, tried(waiting("tea", "green")), tried(strings.Replace(waiting("tea", "green"), "awaiting", "subject-1", 1)), ""},
		{"not waiting", "", tried(`{"subject_id":"mine","sampling_unit":"edge-unique"}`), tried(`{"subject_id":"mine","sampling_unit":"edge-unique"}`), ""},
		{"another unit", "", tried(`{"subject_id":"awaiting","sampling_unit":"mw-user"}`), tried(`{"subject_id":"awaiting","sampling_unit":"mw-user"}`), ""},
		{"not enrolled", header, tried(waiting("coffee", "green")), "", "The browser is not enrolled in the experiment coffee."},
		{"another group", header, tried(waiting("tea", "black")), "", "The browser is enrolled in another group of the experiment tea than black."},
		{"no header", "", tried(waiting("tea", "green")), "", "The browser is not enrolled in the experiment tea."},
		{"a broken header", "tea", tried(waiting("tea", "green")), "", "The header X-Experiment-Enrollments is not a list of experiment=group/subject."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			g := wikimedia(t, m, func(cfg *Config) { cfg.Transforms = []string{DefaultsStep, EdgeUniquesStep} })
			resp := post(g, c.sent, withHeader(enrolmentsHeader, c.header))
			if c.refusal != "" {
				wantStatus(t, resp, 400, "1 out of 1 events were invalid and not accepted.")
				if got := message(t, resp); got != c.refusal {
					t.Errorf("refused by %q", got)
				}
				return
			}
			if got := string(only(t, m).Value); got != c.want {
				t.Errorf("produced %s\nwant %s", got, c.want)
			}
		})
	}
	m := &memory{}
	post(wikimedia(t, m, func(cfg *Config) { cfg.Transforms = []string{EdgeUniquesStep} }), strings.Replace(tried(waiting("tea", "green")), "tried", "clicks", 1))
	if got := string(only(t, m).Value); !strings.Contains(got, `"awaiting"`) {
		t.Errorf("a stream without edge uniques was completed: %s", got)
	}
}

func TestDeniedUserAgentsTakePartInNoExperiment(t *testing.T) {
	m, e := &memory{}, &ear{}
	g := wikimedia(t, m, func(c *Config) {
		c.Observer, c.Transforms, c.ExperimentDenylist = e, []string{TestKitchenStep}, []func(string) bool{regexp.MustCompile("(?i)bot").MatchString}
	})
	for _, c := range []struct {
		members, agent string
		records        int
	}{{`"experiment":{}`, "A Bot/1", 0}, {`"experiment":{}`, "browser", 1}, {``, "A Bot/1", 1}} {
		wantStatus(t, post(g, click(c.members), withHeader("User-Agent", c.agent)), 201, "All 1 out of 1 events were accepted.")
		if n := len(m.take()); n != c.records {
			t.Errorf("%s of %s: %d records", c.members, c.agent, n)
		}
	}
	if e.count("noted denied clicks /click/1.0.0") != 1 {
		t.Errorf("heard %q", e.heard)
	}
}
