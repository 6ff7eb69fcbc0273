package observe

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write deploy/dashboards anew")

const dashboardsDir = "../../deploy/dashboards"

// What Grafana's dashboards (schema version 38 and later, Grafana 10 and later) are made of, as far as ours use it.
type (
	grafanaDashboard struct {
		UID           string         `json:"uid"`
		Title         string         `json:"title"`
		Description   string         `json:"description"`
		Tags          []string       `json:"tags"`
		Editable      bool           `json:"editable"`
		GraphTooltip  int            `json:"graphTooltip"`
		SchemaVersion int            `json:"schemaVersion"`
		Refresh       string         `json:"refresh"`
		Time          map[string]any `json:"time"`
		Timezone      string         `json:"timezone"`
		Links         []any          `json:"links"`
		Templating    struct {
			List []map[string]any `json:"list"`
		} `json:"templating"`
		Panels []grafanaPanel `json:"panels"`
	}
	grafanaPanel struct {
		ID          int             `json:"id"`
		Type        string          `json:"type"`
		Title       string          `json:"title"`
		Description string          `json:"description,omitempty"`
		GridPos     place           `json:"gridPos"`
		Collapsed   *bool           `json:"collapsed,omitempty"`
		Panels      []grafanaPanel  `json:"panels,omitempty"`
		Datasource  *datasource     `json:"datasource,omitempty"`
		FieldConfig map[string]any  `json:"fieldConfig,omitempty"`
		Options     map[string]any  `json:"options,omitempty"`
		Targets     []grafanaTarget `json:"targets,omitempty"`
	}
	grafanaTarget struct {
		RefID        string      `json:"refId"`
		Datasource   *datasource `json:"datasource"`
		Expr         string      `json:"expr"`
		LegendFormat string      `json:"legendFormat,omitempty"`
		Instant      bool        `json:"instant,omitempty"`
		Format       string      `json:"format,omitempty"`
	}
	place struct {
		X int `json:"x"`
		Y int `json:"y"`
		W int `json:"w"`
		H int `json:"h"`
	}
	datasource struct {
		Type string `json:"type"`
		UID  string `json:"uid"`
	}
)

// prometheus is the data source that is chosen at the top of a dashboard.
var prometheus = &datasource{"prometheus", "${datasource}"}

func (d dashboard) grafana() grafanaDashboard {
	g := grafanaDashboard{
		UID: d.uid, Title: d.title, Description: d.about, Tags: []string{"eventplatform"}, Editable: true, GraphTooltip: 1, SchemaVersion: 38, Refresh: "1m",
		Time: map[string]any{"from": "now-3h", "to": "now"}, Timezone: "utc",
		Links: []any{map[string]any{"type": "dashboards", "title": "Event platform", "tags": []string{"eventplatform"}, "asDropdown": true, "keepTime": true, "includeVars": true}},
	}
	g.Templating.List = append(g.Templating.List, map[string]any{"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"})
	for _, v := range d.variables {
		several := v.name != "stream" || d.uid != "eventplatform-stream"
		chosen := map[string]any{
			"name": v.name, "label": v.label, "type": "query", "datasource": prometheus, "query": map[string]any{"query": v.of, "refId": v.name}, "definition": v.of,
			"refresh": 2, "sort": 1, "multi": several, "includeAll": several,
		}
		if several {
			chosen["allValue"], chosen["current"] = ".*", map[string]any{"text": []string{"All"}, "value": []string{"$__all"}}
		}
		g.Templating.List = append(g.Templating.List, chosen)
	}
	y, id := 0, 1
	for _, r := range d.rows {
		g.Panels = append(g.Panels, grafanaPanel{ID: id, Type: "row", Title: r.title, GridPos: place{0, y, 24, 1}, Collapsed: new(bool)})
		y, id = y+1, id+1
		x, high := 0, 0
		for _, p := range r.panels {
			h := 8
			if p.kind == number {
				h = 4
			}
			if x+p.wide > 24 {
				x, y, high = 0, y+high, 0
			}
			g.Panels = append(g.Panels, p.grafana(id, place{x, y, p.wide, h}))
			x, id, high = x+p.wide, id+1, max(high, h)
		}
		y += high
	}
	return g
}

func (p panel) grafana(id int, at place) grafanaPanel {
	defaults := map[string]any{"unit": p.unit}
	g := grafanaPanel{ID: id, Type: p.kind, Title: p.title, Description: p.about, GridPos: at, Datasource: prometheus}
	switch p.kind {
	case graph:
		defaults["min"] = 0
		defaults["custom"] = map[string]any{"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never"}
		g.Options = map[string]any{
			"legend":  map[string]any{"displayMode": "table", "placement": "bottom", "calcs": []string{"mean", "max"}, "showLegend": true},
			"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
		}
	case number:
		g.Options = map[string]any{"colorMode": "none", "graphMode": "area", "reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}}}
	case "heatmap":
		g.Options = map[string]any{"calculate": false, "yAxis": map[string]any{"unit": p.unit}, "color": map[string]any{"scheme": "Oranges"}}
	}
	g.FieldConfig = map[string]any{"defaults": defaults, "overrides": []any{}}
	for i, q := range p.queries {
		t := grafanaTarget{RefID: string(rune('A' + i)), Datasource: prometheus, Expr: q.expr, LegendFormat: q.legend}
		switch p.kind {
		case "table":
			t.Instant, t.Format = true, "table"
		case "heatmap":
			t.Format = "heatmap"
		}
		g.Targets = append(g.Targets, t)
	}
	return g
}

// The files are what the definitions say.
func TestDashboardsAreCurrent(t *testing.T) {
	for name, d := range dashboards {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(d.grafana()); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dashboardsDir, name)
		if *update {
			if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, text.Bytes()) {
			t.Errorf("%s is not what its definition says (%v): go test ./test/observe -run TestDashboards -update", file, err)
		}
	}
	if n := len(files(t, dashboardsDir+"/*.json")); n != len(dashboards) {
		t.Errorf("%d files for %d dashboards", n, len(dashboards))
	}
}

// What Grafana would show wrongly without a word: two panels of one id or in one place, a variable that is not there.
func TestDashboardsAreSound(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(dashboards)) {
		g := dashboards[name].grafana()
		known := map[string]bool{"__rate_interval": true}
		for _, v := range g.Templating.List {
			known[v["name"].(string)] = true
		}
		ids, taken := map[int]bool{}, map[[2]int]string{}
		for _, p := range g.Panels {
			if ids[p.ID] {
				t.Errorf("%s: two panels have the id %d", name, p.ID)
			}
			ids[p.ID] = true
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
						t.Errorf("%s: %q is where %q is", name, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
			for _, target := range p.Targets {
				for _, used := range variables.FindAllStringSubmatch(target.Expr, -1) {
					if !known[used[1]] {
						t.Errorf("%s: %q uses $%s, which is no variable", name, p.Title, used[1])
					}
				}
				if p.Type == graph && target.LegendFormat == "" {
					t.Errorf("%s: a line of %q has no name", name, p.Title)
				}
				if strings.Contains(target.Expr, "_bucket") && p.Type == graph && !strings.Contains(target.Expr, "histogram_quantile") {
					t.Errorf("%s: %q shows buckets", name, p.Title)
				}
			}
		}
	}
}
