package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/eventplatform/eventplatform/eventstreams"
)

// clientsCommand asks a streamer's admin port who is connected.
type clientsCommand struct {
	URL string `arg:"" name:"url" help:"The admin address of serve or eventstreams (--admin-listen), such as http://127.0.0.1:9102."`
	Cut string `env:"-" help:"End this stream, or all streams of this address, instead. They may come back." placeholder:"ID|ADDRESS"`

	Deny   string   `env:"-" help:"Serve an address or a network no longer, for --for, and end its streams. With agent: before it, all whose user agent matches a regular expression." placeholder:"ADDRESS|agent:PATTERN"`
	For    duration `env:"-" default:"1h" help:"How long --deny holds." placeholder:"TIME"`
	Allow  string   `env:"-" help:"Serve again what was denied with --deny." placeholder:"ADDRESS|agent:PATTERN"`
	Denied bool     `env:"-" help:"Show who is denied instead."`
}

// Run prints a table, or cuts.
func (c *clientsCommand) Run(ctx context.Context, t *terminal) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if !strings.Contains(c.URL, "://") {
		c.URL = "http://" + c.URL
	}
	at := strings.TrimSuffix(strings.TrimSuffix(c.URL, "/"), "/clients") + "/clients"
	switch {
	case c.Cut != "":
		return c.cut(ctx, t.Out, at)
	case c.Deny != "":
		return c.deny(ctx, t.Out, at+"/denied")
	case c.Allow != "":
		return c.allow(ctx, t.Out, at+"/denied")
	case c.Denied:
		return showDenied(ctx, t.Out, at+"/denied")
	}
	var list eventstreams.ClientsReport
	if err := askAdmin(ctx, http.MethodGet, at, &list); err != nil {
		return err
	}
	return clientTable(t.Out, list.Clients)
}

func (c *clientsCommand) cut(ctx context.Context, out io.Writer, at string) error {
	if _, err := strconv.ParseInt(c.Cut, 10, 64); err == nil {
		at += "/" + c.Cut
	} else {
		at += "?" + url.Values{"address": {c.Cut}}.Encode()
	}
	var report eventstreams.CutReport
	if err := askAdmin(ctx, http.MethodDelete, at, &report); err != nil {
		return err
	}
	if report.Cut == 0 {
		return fmt.Errorf("no open stream has the id or address %q", c.Cut)
	}
	_, err := fmt.Fprintf(out, "%d cut\n", report.Cut)
	return err
}

// withClients adds the streamer's routes to an admin port.
func withClients(admin http.Handler, streamer *eventstreams.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", admin)
	mux.Handle("/clients", streamer.AdminHandler())
	mux.Handle("/clients/", streamer.AdminHandler())
	return mux
}

// askAdmin sends a request whose answer is JSON, also when nothing was found.
func askAdmin(ctx context.Context, method, at string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, at, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	if err != nil {
		return err
	}
	if response.StatusCode == http.StatusBadRequest {
		return errors.New(strings.TrimSpace(string(text)))
	}
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") || json.Unmarshal(text, into) != nil {
		return fmt.Errorf("%s answers %s and no list of clients: is this the admin address (--admin-listen) of serve or eventstreams?", at, response.Status)
	}
	return nil
}

func clientTable(out io.Writer, clients []eventstreams.ClientReport) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tADDRESS\tOPEN\tSILENT\tEVENTS\tBYTES\tBEHIND\tSTREAMS\tUSER AGENT") // Flush tells the error
	for _, c := range clients {
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", c.ID, printable(c.Address), time.Duration(c.Seconds)*time.Second,
			time.Duration(c.SilentSeconds)*time.Second, c.Events, c.Bytes, behind(c), printable(strings.Join(c.Streams, ",")), printable(cmp.Or(c.UserAgent, "-")))
	}
	return w.Flush()
}

// behind says how far a client is behind: records, and how much older the last one it had is than the newest.
func behind(c eventstreams.ClientReport) string {
	if c.BehindRecords == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", c.BehindRecords, time.Duration(c.BehindSeconds)*time.Second)
}

// printable takes out what a terminal would obey: clients say what they want of themselves.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}
