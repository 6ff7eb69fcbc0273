package main

import (
	"context"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/internal/config"
)

// steps are the transforms that a file can name besides the intake's own.
func (in *intake) steps() map[string]eventgate.Step {
	denied := in.config.Denylist
	return map[string]eventgate.Step{
		// What the edge puts into headers is not published: events pass as they were sent, which the start says.
		config.EdgeUniquesStep: func(context.Context, *eventgate.Event) error { return nil },
		// Experiment events of denied user agents are accepted and not produced, so that their senders do not send them again.
		config.TestKitchenStep: func(_ context.Context, e *eventgate.Event) error {
			if len(denied) == 0 || e.Find("experiment") == nil {
				return nil
			}
			agent := e.Header("User-Agent")
			for _, pattern := range denied {
				if pattern.MatchString(agent) {
					e.Discard()
					break
				}
			}
			return nil
		},
	}
}
