package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/eventplatform/eventplatform/eventstreams"
)

// denial is what --deny and --allow name, as parameters of the admin routes.
func denial(text string) (url.Values, error) {
	d := eventstreams.Denial{Address: text}
	if pattern, ok := strings.CutPrefix(text, "agent:"); ok {
		d = eventstreams.Denial{UserAgent: pattern}
	}
	if err := d.Validate(); err != nil {
		return nil, err
	}
	if d.UserAgent != "" {
		return url.Values{"user_agent": {d.UserAgent}}, nil
	}
	return url.Values{"address": {d.Address}}, nil
}

func (c *clientsCommand) deny(ctx context.Context, out io.Writer, at string) error {
	parameters, err := denial(c.Deny)
	if err != nil {
		return err
	}
	length := time.Duration(c.For)
	parameters.Set("seconds", strconv.FormatInt(int64(length.Seconds()), 10))
	var report eventstreams.DenyReport
	if err := askAdmin(ctx, http.MethodPost, at+"?"+parameters.Encode(), &report); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is denied for %s, %d cut\n", c.Deny, length, report.Cut)
	return err
}

func (c *clientsCommand) allow(ctx context.Context, out io.Writer, at string) error {
	parameters, err := denial(c.Allow)
	if err != nil {
		return err
	}
	var report eventstreams.DenyReport
	if err := askAdmin(ctx, http.MethodDelete, at+"?"+parameters.Encode(), &report); err != nil {
		return err
	}
	if report.Removed == 0 {
		return fmt.Errorf("%q is not denied by an operator (--denied shows who is; what the configuration denies is changed there)", c.Allow)
	}
	_, err = fmt.Fprintf(out, "%s is served again\n", c.Allow)
	return err
}

// showDenied prints a table of who is denied.
func showDenied(ctx context.Context, out io.Writer, at string) error {
	var list eventstreams.DeniedReport
	if err := askAdmin(ctx, http.MethodGet, at, &list); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "DENIED\tBY\tLEFT") // Flush tells the error
	for _, d := range list.Denied {
		name, left := d.Address, "for ever"
		if d.UserAgent != "" {
			name = "agent:" + d.UserAgent
		}
		if d.Until != nil {
			left = (time.Duration(d.SecondsLeft) * time.Second).String()
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", printable(name), d.By, left)
	}
	return w.Flush()
}
