package uiapi

import "net/http"

// About is what the page has to know before it shows anything.
type About struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Pages are those that this viewer can open.
	Pages []string `json:"pages"`
	// Send tells that events can be sent for real, Filters that streams can be filtered, Admin that the viewer is on the admin port.
	Send    bool `json:"send"`
	Filters bool `json:"filters"`
	Admin   bool `json:"admin"`
}

func (s *Server) about(_ *http.Request, v viewer) (any, error) {
	c := &s.cfg
	a := About{Name: c.Name, Version: c.Version, Send: c.Intake != nil && v.open.Send, Filters: c.Filters != nil, Admin: v.admin}
	for _, page := range []struct {
		name  string
		there bool
	}{
		{"streams", true}, {"live", true}, {"schemas", c.Schemas != nil}, {"try", c.Intake != nil}, {"errors", v.open.Errors},
		{"health", c.Health != nil && v.open.Health},
	} {
		if page.there {
			a.Pages = append(a.Pages, page.name)
		}
	}
	return a, nil
}
