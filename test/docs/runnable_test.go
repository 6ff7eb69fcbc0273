package docs

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// usual is what pages without a background command speak of.
var usual = block{text: "eventplatform serve", marks: []string{"background", "listen=8080", "admin=9102"}}

func TestWhatIsRunnableRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs more than Go: bash and curl")
	}
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("%v: the blocks are for bash and use curl", err)
		}
	}
	count := 0
	for _, p := range pages(t) {
		n := 0
		for i := range p.blocks {
			if p.blocks[i].marked("runnable") {
				n++
			}
		}
		if count += n; n > 0 {
			t.Run(filepath.Base(p.path), func(t *testing.T) { p.run(t) })
		}
	}
	if count < 5 {
		t.Errorf("only %d runnable blocks were found", count)
	}
}

// run starts what runs in the background and then runs the page's blocks one after the other.
func (p *page) run(t *testing.T) {
	dir := t.TempDir()
	background := []*block{}
	for i := range p.blocks {
		if b := &p.blocks[i]; b.marked("background") {
			background = append(background, b)
		}
	}
	if len(background) == 0 {
		background = append(background, &usual)
	}
	ports := map[string]string{}
	p.files(t, dir, ports)
	for _, b := range background {
		b.start(t, dir, ports)
		p.files(t, dir, ports) // now with its ports
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		if !b.marked("runnable") {
			continue
		}
		out, err := runs(t, dir, withPorts(b.text, ports))
		switch {
		case err != nil:
			t.Errorf("%s:%d: %v\n%s%s", p.path, b.line, err, withPorts(b.text, ports), out)
		case b.output != "" && !pattern(withPorts(b.output, ports)).MatchString(out):
			t.Errorf("%s:%d prints\n%s\nand not, as the page says,\n%s", p.path, b.line, out, b.output)
		}
	}
}

// files writes the page's files.
func (p *page) files(t *testing.T, dir string, ports map[string]string) {
	t.Helper()
	for i := range p.blocks {
		if name := p.blocks[i].value("file"); name != "" {
			put(t, filepath.Join(dir, filepath.FromSlash(name)), withPorts(p.blocks[i].text, ports))
		}
	}
}

// start runs the block's command and adds to ports which free one stands for which of the page's.
func (b *block) start(t *testing.T, dir string, ports map[string]string) {
	t.Helper()
	args := words(withPorts(strings.ReplaceAll(b.text, "\\\n", " "), ports))
	if len(args) < 2 || args[0] != "eventplatform" {
		t.Fatalf("line %d: not an eventplatform command: %q", b.line, args)
	}
	args = args[1:]
	for _, what := range []string{"listen", "admin", "kafka"} {
		if b.value(what) == "" {
			continue
		}
		flag := map[string]string{"listen": "--listen", "admin": "--admin-listen", "kafka": "--kafka-listen"}[what]
		if at := slices.Index(args, flag); at >= 0 {
			args = slices.Delete(args, at, at+2)
		}
		args = append(args, flag, "127.0.0.1:0")
	}
	running := launch(t, dir, args)
	running.lock.Lock()
	defer running.lock.Unlock()
	for what, port := range running.ports {
		if meant := b.value(what); meant != "" {
			ports[meant] = port
		}
	}
}

// withPorts puts the ports in the places of those that the page speaks of.
func withPorts(text string, ports map[string]string) string {
	var pairs []string
	for _, meant := range slices.Sorted(maps.Keys(ports)) {
		pairs = append(pairs, "127.0.0.1:"+meant, "127.0.0.1:"+ports[meant])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// pattern matches what a block prints against what the page says it prints.
func pattern(output string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(strings.TrimSpace(output))
	return regexp.MustCompile("(?s)" + strings.ReplaceAll(quoted, "…", ".*?"))
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
