package eventstreams

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// DenialReport is one denial as the admin routes tell of it.
type DenialReport struct {
	Denial
	// By is "configuration" or "operator".
	By string `json:"by"`
	// Until is when it ends, SecondsLeft how long that is; nil and 0 for those of the configuration, which do not end.
	Until       *time.Time `json:"until,omitempty"`
	SecondsLeft int64      `json:"seconds_left,omitempty"`
}

// DeniedReport answers GET /clients/denied.
type DeniedReport struct {
	Denied []DenialReport `json:"denied"`
}

// DenyReport answers POST and DELETE on /clients/denied.
type DenyReport struct {
	// Cut is how many streams were ended, Removed how many denials.
	Cut     int `json:"cut"`
	Removed int `json:"removed"`
}

// Operators deny for an hour unless they say how long, and for a month at most.
const (
	usualDenial   = time.Hour
	longestDenial = 31 * 24 * time.Hour
)

func (s *Server) adminDenied(w http.ResponseWriter, _ *http.Request) {
	report := DeniedReport{Denied: []DenialReport{}}
	for _, d := range s.inUse.Load().denied {
		report.Denied = append(report.Denied, DenialReport{Denial: d.Denial, By: "configuration"})
	}
	for _, d := range s.denials.inForce() {
		until := d.until.UTC()
		report.Denied = append(report.Denied, DenialReport{Denial: d.Denial, By: "operator", Until: &until, SecondsLeft: int64(time.Until(until).Seconds())})
	}
	answerAdmin(w, http.StatusOK, report)
}

// asked is the denial that a request's parameters name.
func asked(r *http.Request) (denied, error) {
	q := r.URL.Query()
	return Denial{Address: q.Get("address"), UserAgent: q.Get("user_agent")}.compile()
}

func (s *Server) adminDeny(w http.ResponseWriter, r *http.Request) {
	d, err := asked(r)
	length := usualDenial
	if text := r.URL.Query().Get("seconds"); err == nil && text != "" {
		n, e := strconv.ParseInt(text, 10, 64)
		if e != nil || n < 1 || n > int64(longestDenial.Seconds()) {
			err = fmt.Errorf("seconds is %q; expected a number from 1 to %d", text, int64(longestDenial.Seconds()))
		}
		length = time.Duration(n) * time.Second
	}
	if err == nil {
		d.until = time.Now().Add(length)
		err = s.denials.add(d)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	cut := s.cutDenied()
	s.log.Warn("an operator denies clients", "address", d.Address, "user_agent", d.UserAgent, "until", d.until.UTC(), "cut", cut, "by", r.RemoteAddr)
	answerAdmin(w, http.StatusCreated, DenyReport{Cut: cut})
}

func (s *Server) adminAllow(w http.ResponseWriter, r *http.Request) {
	d, err := asked(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	report, status := DenyReport{}, http.StatusNotFound
	if s.denials.remove(d.Denial) {
		report.Removed, status = 1, http.StatusOK
		s.log.Info("an operator denies clients no longer", "address", d.Address, "user_agent", d.UserAgent, "by", r.RemoteAddr)
	}
	answerAdmin(w, status, report)
}
