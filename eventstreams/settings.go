package eventstreams

import (
	"encoding/json"
	"net/netip"
)

// Settings are the part of the configuration that can be changed while the service runs: see [Server.Reload].
type Settings struct {
	// StreamDefaults and StreamOverrides are settings of streams, by name, that are used where a declaration does not have them, or instead of what it
	// has. Defaults can add streams.
	StreamDefaults, StreamOverrides map[string]json.RawMessage
	// AllowedStreams, if not empty, are the only streams served.
	AllowedStreams []string
	// RedactedPages lists pages by domain whose events lose what tells who edited.
	RedactedPages map[string][]string

	// ClientIPConnectionLimit is how many streams one client address may have open in this process; 0 = no limit.
	ClientIPConnectionLimit int
	// TrustedProxies may say whom they speak for: X-Client-IP, else the last address of X-Forwarded-For that is none of theirs, counts only from them,
	// and whoever else connects is the client itself. Nil believes X-Client-IP of everyone, does not look at X-Forwarded-For, and refuses a request
	// without it if there is a limit, as the Node.js service does.
	TrustedProxies []netip.Prefix
	// Denied are clients that are not served.
	Denied []Denial
}

// inUse are settings in the form in which they are used.
type inUse struct {
	Settings
	redaction *redaction // nil: nothing is redacted
	denied    []denied
}

// Reload puts other settings in the place of those in use, for all requests from now on and for events from now on. Streams that are open stay, except
// those of clients that are denied now. If it returns an error nothing has changed.
func (s *Server) Reload(settings Settings) error {
	next := &inUse{Settings: settings}
	for _, d := range settings.Denied {
		one, err := d.compile()
		if err != nil {
			return err
		}
		next.denied = append(next.denied, one)
	}
	if len(settings.RedactedPages) > 0 {
		next.redaction = newRedaction(settings.RedactedPages, s.log)
	}
	s.inUse.Store(next)
	s.cutDenied()
	return nil
}

// transform is a kafkasse.Config.Transform.
func (s *Server) transform(dst []byte, topic string, value []byte) []byte {
	if r := s.inUse.Load().redaction; r != nil {
		return r.transform(dst, topic, value)
	}
	return value
}
