package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the module's folder.
const root = "../.."

// page is one file of the documentation.
type page struct {
	path   string // from the module's folder
	prose  string // without its fenced blocks
	blocks []block
}

// block is a fenced block.
type block struct {
	line   int
	lang   string
	marks  []string // the words behind the language
	text   string
	output string // of the output block that follows
}

func (b *block) marked(word string) bool { return slices.Contains(b.marks, word) }

// value returns what stands behind key= among the marks.
func (b *block) value(key string) string {
	for _, m := range b.marks {
		if v, ok := strings.CutPrefix(m, key+"="); ok {
			return v
		}
	}
	return ""
}

// pages reads the documentation.
func pages(t *testing.T) []*page {
	t.Helper()
	files := []string{"README.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			rel, _ := filepath.Rel(root, path)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []*page
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		p := &page{path: file}
		p.parse(t, string(text))
		all = append(all, p)
	}
	return all
}

var fence = regexp.MustCompile("^\\s*```+(.*)$")

func (p *page) parse(t *testing.T, text string) {
	t.Helper()
	var open *block
	var prose strings.Builder
	for i, line := range strings.Split(text, "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case m == nil && open == nil:
			prose.WriteString(line + "\n")
		case m == nil:
			open.text += line + "\n"
		case open == nil:
			words := strings.Fields(m[1])
			open = &block{line: i + 1}
			if len(words) > 0 {
				open.lang, open.marks = words[0], words[1:]
			}
		default:
			if last := len(p.blocks) - 1; open.lang == "output" && last >= 0 {
				p.blocks[last].output = open.text
			} else {
				p.blocks = append(p.blocks, *open)
			}
			open = nil
		}
	}
	if open != nil {
		t.Errorf("%s:%d: the block has no end", p.path, open.line)
	}
	p.prose = prose.String()
}

var headings = regexp.MustCompile(`(?m)^#{1,6} +(.*?) *#*$`)

// anchors are what links to the page's headings end with.
func (p *page) anchors() map[string]bool {
	all := map[string]bool{}
	for _, m := range headings.FindAllStringSubmatch(p.prose, -1) {
		all[slug(m[1])] = true
	}
	return all
}

// slug is a heading as an anchor, in GitHub's way: small letters, digits, hyphens and underscores stay, spaces become hyphens.
func slug(heading string) string {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 0x7f && r != '…' && r != '→' && r != '—' && r != '–':
			b.WriteRune(r)
		}
	}
	return b.String()
}

var links = regexp.MustCompile(`\]\(([^)\s]+)(?: "[^"]*")?\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	byPath := map[string]*page{}
	for _, p := range all {
		byPath[p.path] = p
	}
	count := 0
	for _, p := range all {
		for _, m := range links.FindAllStringSubmatch(regexp.MustCompile("`[^`]*`").ReplaceAllString(p.prose, "``"), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			count++
			target, anchor, _ := strings.Cut(m[1], "#")
			path := p.path
			if target != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(p.path), target))
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", p.path, m[1])
				continue
			}
			if to := byPath[path]; anchor != "" && (to == nil || !to.anchors()[anchor]) {
				t.Errorf("%s: the link %s leads to no heading of %s", p.path, m[1], path)
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d links were found", count)
	}
}
