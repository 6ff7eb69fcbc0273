package eventgate

import (
	"context"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Handle takes the events of a request and fills in the response, which it resets first. It waits for the brokers unless the request is hasty; the
// producer bounds how long. The request is not kept, apart from its body: see Response.Retained.
func (g *Gate) Handle(ctx context.Context, req *Request, resp *Response) {
	g.handle(ctx, req, resp, nil)
}

// handle is Handle. An error event of the gate's own makes no further one and no line in the log when it is refused: why is put into lost, for the one who
// produces it to tell.
func (g *Gate) handle(ctx context.Context, req *Request, resp *Response, lost *string) {
	resp.Reset()
	if len(req.Body) == 0 {
		g.refuseEmpty(ctx, req, resp)
		return
	}
	r := g.begin(ctx, req)
	r.lost = lost
	if !r.splitter.Split(g.plan, req.Body) {
		if r.splitter.TooMany() {
			g.refuseMany(r, resp)
			r.release()
			return
		}
		g.refuseBody(r, resp, nil)
		r.release()
		return
	}
	r.start()
	if r.nothing() {
		g.refuseEmpty(ctx, req, resp)
		r.release()
		return
	}
	for i := range r.events {
		if err := g.prepare(&r.events[i]); err != nil {
			g.refuseBody(r, resp, err)
			r.release()
			return
		}
	}
	if req.Hasty && !req.DryRun {
		g.handleHasty(r, resp)
		return
	}
	clean := true
	if !req.DryRun {
		clean = g.produce(r)
	}
	g.answer(r, resp)
	g.report(r, resp, !req.DryRun)
	if resp.Retained = !clean; clean {
		r.release()
	}
}

// nothing reports whether the body is an empty array or an empty object.
func (r *run) nothing() bool {
	switch len(r.events) {
	case 0:
		return true
	case 1:
		body := r.req.Body
		if body[rawjson.SkipSpace(body, 0)] != '{' {
			return false
		}
		f := r.events[0].fields[0]
		return rawjson.SkipSpace(body, f.Start+1) == f.End-1
	}
	return false
}

// prepare does everything with an event that comes before producing it. What is wrong with the event becomes its refusal; the error is what is
// wrong with the body as JSON.
func (g *Gate) prepare(e *Event) error {
	e.refusal = g.process(e)
	if e.refusal == nil || e.checked {
		return nil
	}
	if err := rawjson.Check(e.sent); err != nil {
		return err
	}
	if rawjson.Check(e.bytes) != nil {
		e.become(e.sent) // a step made something else of it, which no answer may show
	}
	return nil
}

// process brings an event to where it can be produced.
func (g *Gate) process(e *Event) *Refusal {
	if r := g.findSchema(e); r != nil {
		return r
	}
	if g.cfg.Manner == Wikimedia {
		if r := g.findStream(e); r != nil {
			return r
		}
		if r := g.checkStream(e); r != nil {
			return r
		}
	}
	for _, step := range g.steps {
		if err := step(e.run.ctx, e); err != nil {
			return refusalOf(err, "TransformError")
		}
	}
	if r := g.validate(e); r != nil {
		return r
	}
	return g.direct(e)
}
