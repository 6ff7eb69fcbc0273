package main

import (
	"context"
	"errors"

	"github.com/eventplatform/eventplatform/eventstreams"
	"github.com/eventplatform/eventplatform/internal/filter"
)

// streamFilters checks filters for the page as the streamer does at connect.
type streamFilters struct{ server *eventstreams.Server }

// CheckFilter implements uiapi.Filters.
func (f streamFilters) CheckFilter(ctx context.Context, streams []string, expression string) (problem string, at int) {
	err := f.server.CheckFilter(ctx, streams, expression)
	if err == nil {
		return "", -1
	}
	wrong, ok := errors.AsType[*filter.Error](err)
	if !ok {
		return err.Error(), -1
	}
	problem = wrong.Message
	if wrong.Nearest != "" {
		problem += "; did you mean " + wrong.Nearest + "?"
	}
	return problem, wrong.Offset(expression)
}
