package eventstreams

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse"
)

// ClientReport is one open stream as the admin routes tell of it.
type ClientReport struct {
	// ID tells the open streams of one process apart.
	ID int64 `json:"id"`
	// Address is the client's, as a proxy tells it, else where the connection comes from, with the port.
	Address   string    `json:"address"`
	UserAgent string    `json:"user_agent"`
	Streams   []string  `json:"streams"`
	Since     time.Time `json:"since"`
	// Seconds is how long it has been open, SilentSeconds how long ago it was sent something.
	Seconds       int64 `json:"seconds"`
	SilentSeconds int64 `json:"silent_seconds"`
	// Events and Bytes are what it has been sent.
	Events int64 `json:"events"`
	Bytes  int64 `json:"bytes"`
	// BehindRecords is about how many records the client has still to be sent, BehindSeconds how much older the last one it had is than the newest one.
	BehindRecords int64 `json:"behind_records"`
	BehindSeconds int64 `json:"behind_seconds"`
}

// ClientsReport answers GET /clients.
type ClientsReport struct {
	Clients []ClientReport `json:"clients"`
}

// CutReport answers DELETE on /clients: how many streams were ended.
type CutReport struct {
	Cut int `json:"cut"`
}

// AdminHandler serves what operators may do; it must not be reachable for others:
//
//	GET    /clients             who is connected, oldest first
//	DELETE /clients/{id}        end one stream
//	DELETE /clients?address=A   end all streams of an address, whatever their ports
//	GET    /clients/denied      who is not served: see [DeniedReport]
//	POST   /clients/denied?address=A&seconds=N     serve an address or a network no longer, for a time, and end its streams; also ?user_agent=PATTERN
//	DELETE /clients/denied?address=A               serve it again
//
// Clients that are cut may come back at once, unless they are denied. What operators deny is forgotten when the process ends.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /clients", s.adminList)
	mux.HandleFunc("DELETE /clients", func(w http.ResponseWriter, r *http.Request) {
		address := r.URL.Query().Get("address")
		if address == "" {
			http.Error(w, "whose streams? give ?address=, or DELETE /clients/{id}", http.StatusBadRequest)
			return
		}
		wanted := host(address)
		s.adminCut(w, r, func(c kafkasse.ClientInfo) bool { return host(c.Address) == wanted })
	})
	mux.HandleFunc("DELETE /clients/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			http.Error(w, "the id is not a number: GET /clients lists them", http.StatusBadRequest)
			return
		}
		s.adminCut(w, r, func(c kafkasse.ClientInfo) bool { return c.ID == id })
	})
	mux.HandleFunc("GET /clients/denied", s.adminDenied)
	mux.HandleFunc("POST /clients/denied", s.adminDeny)
	mux.HandleFunc("DELETE /clients/denied", s.adminAllow)
	return mux
}

func (s *Server) adminList(w http.ResponseWriter, _ *http.Request) {
	list := ClientsReport{Clients: []ClientReport{}}
	for _, c := range s.streams.ClientList() {
		list.Clients = append(list.Clients, ClientReport{
			ID: c.ID, Address: c.Address, UserAgent: c.UserAgent, Streams: strings.Split(c.Label, ","), Since: c.Since.UTC(),
			Seconds: int64(time.Since(c.Since).Seconds()), SilentSeconds: int64(c.Silent.Seconds()), Events: c.Events, Bytes: c.Bytes,
			BehindRecords: c.BehindRecords, BehindSeconds: int64(c.Behind.Seconds()),
		})
	}
	answerAdmin(w, http.StatusOK, list)
}

func (s *Server) adminCut(w http.ResponseWriter, r *http.Request, which func(kafkasse.ClientInfo) bool) {
	n, status := s.streams.Cut(which), http.StatusOK
	if n == 0 {
		status = http.StatusNotFound
	}
	s.log.Info("streams are cut by an operator", "count", n, "asked", r.URL.RequestURI(), "by", r.RemoteAddr)
	answerAdmin(w, status, CutReport{n})
}

func answerAdmin(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // all that is answered this way has a JSON form
	}
	answer(w, status, "application/json; charset=utf-8", append(body, '\n'))
}

// host is an address without its port.
func host(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return strings.Trim(address, "[]")
}
