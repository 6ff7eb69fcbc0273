package profile

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"
	"time"
)

// The picture's measures, in its own units; it is as wide as the window that shows it.
const (
	width      = 1200.0
	rowHeight  = 17
	headHeight = 58
	margin     = 8.0
	charWidth  = 6.3 // of the letters in the boxes
	fontSize   = 11
	thinnest   = 0.4 // narrower boxes are left out
)

// Flame writes the profile as a picture: every function is a box, as wide as its share of the whole, with what it called above it. Its name, share and value
// show when the pointer is on it.
func (f *Fetched) Flame(out io.Writer) error {
	root := f.tree()
	w := bufio.NewWriter(out)
	rows := root.depth((width - 2*margin) / float64(max(root.total, 1)))
	bottom := headHeight + float64(rows*rowHeight)
	height := bottom + margin
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="100%%" viewBox="0 0 %g %g" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="%d">`+"\n",
		width, height, fontSize)
	fmt.Fprintf(w, "<title>%s</title>\n", html.EscapeString(f.title()))
	fmt.Fprint(w, `<style>rect{stroke:#fff;stroke-width:.6}g:hover rect{stroke:#000;stroke-width:1.2}text{fill:#111;pointer-events:none}</style>`+"\n")
	fmt.Fprintf(w, `<rect width="%g" height="%g" fill="#fff"/>`+"\n", width, height)
	fmt.Fprintf(w, `<text x="%g" y="22" font-size="15" font-weight="bold">%s</text>`+"\n", margin, html.EscapeString(f.title()))
	legend(w)
	if root.total == 0 {
		fmt.Fprintf(w, `<text x="%g" y="%d">Nothing was seen in this time.</text>`+"\n", margin, headHeight+12)
	}
	d := drawing{w: w, f: f, whole: root.total, scale: (width - 2*margin) / float64(max(root.total, 1)), bottom: bottom}
	d.draw(root, margin, 0)
	fmt.Fprintln(w, "</svg>")
	return w.Flush()
}

// title says what the picture shows.
func (f *Fetched) title() string {
	text := map[Kind]string{
		CPU: "Processor time", Wall: "Time, waiting included", Heap: "Memory in use", Allocs: "Memory asked for", Goroutine: "Goroutines",
		Block: "Time spent waiting for other goroutines", Mutex: "Time spent waiting for locks",
	}[f.Kind] + " of " + f.From
	if d := time.Duration(f.profile.DurationNanos); d > 0 {
		text += " in " + d.Round(time.Second/10).String()
	}
	if f.profile.TimeNanos > 0 {
		text += ", " + time.Unix(0, f.profile.TimeNanos).UTC().Format("2006-01-02 15:04:05Z")
	}
	return text
}

// depth is how many rows a tree takes, boxes that are too thin to be drawn left out.
func (n *node) depth(scale float64) int {
	deepest := 0
	for _, c := range n.children {
		if float64(c.total)*scale >= thinnest {
			deepest = max(deepest, c.depth(scale))
		}
	}
	return 1 + deepest
}

type drawing struct {
	w             io.Writer
	f             *Fetched
	whole         int64
	scale, bottom float64
}

// draw draws a box and what is above it.
func (d *drawing) draw(n *node, x float64, row int) {
	wide := float64(n.total) * d.scale
	if wide < thinnest {
		return
	}
	y := d.bottom - float64((row+1)*rowHeight)
	label := fmt.Sprintf("%s\n%s, %.2f %%", n.name, amount(n.total, d.f.unit), percent(n.total, d.whole))
	if n.self > 0 && n.self != n.total {
		label += fmt.Sprintf("; %s by itself", amount(n.self, d.f.unit))
	}
	fmt.Fprintf(d.w, `<g><title>%s</title><rect x="%.2f" y="%.1f" width="%.2f" height="%d" fill="%s"/>`, html.EscapeString(label), x, y, wide, rowHeight-1, colour(n.name))
	if text := fit(n.name, wide-6); text != "" {
		fmt.Fprintf(d.w, `<text x="%.2f" y="%.1f">%s</text>`, x+3, y+12, html.EscapeString(text))
	}
	fmt.Fprintln(d.w, "</g>")
	for _, c := range n.sorted() {
		d.draw(c, x, row+1)
		x += float64(c.total) * d.scale
	}
}

// fit writes a function's name into a width: with its package, else without, else the beginning of it; "" if hardly anything would be left.
func fit(name string, wide float64) string {
	room := int(wide / charWidth)
	text := short(name)
	if len(text) > room {
		text = bare(text)
	}
	letters := []rune(text)
	switch {
	case room < 3:
		return ""
	case len(letters) <= room:
		return text
	}
	return string(letters[:room-1]) + "…"
}

// owner is whose code a function is.
type owner struct {
	name  string
	tones [4]string // all light: the text on them is dark
}

var (
	ours     = owner{"eventplatform", [4]string{"#ffb86b", "#ffc584", "#ffad52", "#ffd09b"}}
	others   = owner{"modules", [4]string{"#b8e0a5", "#a9d894", "#c7e8b7", "#9fd089"}}
	standard = owner{"Go's library", [4]string{"#a9cdf0", "#b9d7f4", "#9bc3eb", "#c6dff7"}}
	runtimes = owner{"Go's runtime", [4]string{"#d5d5dc", "#cbcbd3", "#dedee4", "#c3c3cc"}}
)

func ownerOf(name string) owner {
	first, _, hasHost := strings.Cut(name, "/")
	switch {
	case strings.HasPrefix(name, "github.com/eventplatform/"), strings.HasPrefix(name, "main."):
		return ours
	case hasHost && strings.Contains(first, "."):
		return others
	case strings.HasPrefix(name, "runtime."), strings.HasPrefix(name, "runtime/internal/"), strings.HasPrefix(name, "internal/runtime/"), name == "all",
		!strings.Contains(name, "."):
		return runtimes
	}
	return standard
}

// colour tells whose a function is, and in tones neighbours apart.
func colour(name string) string {
	sum := uint32(0)
	for i := range len(name) {
		sum = sum*31 + uint32(name[i])
	}
	return ownerOf(name).tones[sum>>3%4]
}

func legend(w io.Writer) {
	x := margin
	for _, o := range []owner{ours, others, standard, runtimes} {
		fmt.Fprintf(w, `<rect x="%g" y="34" width="12" height="12" fill="%s"/><text x="%g" y="44">%s</text>`+"\n", x, o.tones[0], x+17, o.name)
		x += 17 + charWidth*float64(len(o.name)) + 24
	}
	fmt.Fprintf(w, `<text x="%g" y="44" text-anchor="end">The wider a box, the more its function took; above it is what it called.</text>`+"\n", width-margin)
}
