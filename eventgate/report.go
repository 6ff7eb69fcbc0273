package eventgate

import (
	"context"
	"log/slog"
)

// report tells the observer what became of the events and logs a request that was not accepted whole: one line, an error only if the intake is to
// blame. acknowledged tells that what was not refused is in Kafka. A dry run is nobody's business.
func (g *Gate) report(r *run, resp *Response, acknowledged bool) {
	if r.req.DryRun {
		return
	}
	var first *Event
	for i := range r.events {
		e := &r.events[i]
		if e.refusal == nil {
			if acknowledged && !e.discarded {
				g.observer.Produced(e.streamLabel(), e.schemaLabel())
			}
			continue
		}
		g.observer.Refused(e.streamLabel(), e.schemaLabel(), e.refusal.Type)
		if first == nil || first.refusal.Fault == Sender && e.refusal.Fault != Sender {
			first = e
		}
	}
	g.logEvents(r)
	if first == nil {
		g.logAccepted(r, resp.Status)
		return
	}
	if r.lost != nil {
		if *r.lost = shorten(first.refusal.Message); first.refusal.Cause != nil {
			*r.lost += ": " + shorten(first.refusal.Cause.Error())
		}
		return
	}
	g.errors.send(r)
	g.logRefused(r, resp.Status, first)
}

func (g *Gate) logRefused(r *run, status int, first *Event) {
	level := slog.LevelWarn
	if first.refusal.Fault == Intake {
		level = slog.LevelError
	}
	if !g.log.Enabled(r.ctx, level) {
		return
	}
	t := r.tally()
	attrs := []slog.Attr{
		slog.Int("status", status), slog.Int("events", t.events), slog.Int("invalid", t.invalid), slog.Int("errored", t.failed),
		slog.String("first", shorten(first.refusal.Message)), slog.String("event", first.describe()), slog.String("schema_uri", shorten(first.SchemaURI())),
		slog.String("stream", shorten(first.Stream())),
	}
	attrs = append(attrs, who(r.req)...)
	if first.refusal.Cause != nil {
		attrs = append(attrs, slog.Any("cause", first.refusal.Cause))
	}
	g.log.LogAttrs(r.ctx, level, "events were not accepted", attrs...)
}

// logAccepted tells those who debug of a request that was accepted whole.
func (g *Gate) logAccepted(r *run, status int) {
	if g.log.Enabled(r.ctx, slog.LevelDebug) {
		attrs := append([]slog.Attr{
			slog.Int("status", status), slog.Int("events", len(r.events)), slog.Bool("hasty", r.req.Hasty), slog.Float64("seconds", g.cfg.Now().Sub(r.now).Seconds()),
		}, who(r.req)...)
		g.log.LogAttrs(r.ctx, slog.LevelDebug, "events were accepted", attrs...)
	}
}

// levelTrace is service-runner's trace: below debug, and the only level that may hold what events say.
const levelTrace = slog.LevelDebug - 4

// logEvents tells those who look at everything of each event.
func (g *Gate) logEvents(r *run) {
	if !g.log.Enabled(r.ctx, levelTrace) {
		return
	}
	for i := range r.events {
		e := &r.events[i]
		g.log.LogAttrs(r.ctx, levelTrace, "event", slog.Bool("accepted", e.refusal == nil), slog.String("stream", shorten(e.Stream())),
			slog.String("schema_uri", shorten(e.SchemaURI())), slog.String("topic", e.dest.Topic), slog.String("event", shorten(string(e.bytes))))
	}
}

// reportBody tells of a body that could not be taken apart.
func (g *Gate) reportBody(r *run, resp *Response, message string) {
	if r.req.DryRun {
		return
	}
	g.errors.sendBody(r, message)
	g.reportRequest(r.ctx, r.req, resp.Status, "MalformedBody", message)
}

// reportRequest tells of a request whose events were not looked at.
func (g *Gate) reportRequest(ctx context.Context, req *Request, status int, why, message string) {
	if req.DryRun {
		return
	}
	g.observer.Refused("other", "other", why)
	if g.log.Enabled(ctx, slog.LevelWarn) {
		attrs := append([]slog.Attr{slog.Int("status", status), slog.String("first", shorten(message))}, who(req)...)
		g.log.LogAttrs(ctx, slog.LevelWarn, "request body was not accepted", attrs...)
	}
}

// who says where a request came from.
func who(req *Request) []slog.Attr {
	attrs := []slog.Attr{slog.String("remote", req.RemoteIP)}
	if req.Header == nil {
		return attrs
	}
	for _, h := range [...]struct{ attr, name string }{{"request_id", "X-Request-Id"}, {"user_agent", "User-Agent"}} {
		if v := req.Header.Get(h.name); v != "" {
			attrs = append(attrs, slog.String(h.attr, cut(v)))
		}
	}
	return attrs
}

// logLost tells of a hasty request's events that were lost after it was answered.
func (g *Gate) logLost(lost int, topic string, err error) {
	g.log.LogAttrs(context.Background(), slog.LevelError, "events of a hasty request were lost",
		slog.Int("events", lost), slog.String("topic", topic), slog.Any("error", err))
}
