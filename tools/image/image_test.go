package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait; it is reached only when something is wrong.
const patience = time.Minute

// unavailable skips a test for which something is missing on this machine; continuous integration has to have it.
func unavailable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

var here = platform{runtime.GOARCH, "linux"}

// The image is built twice, the same; unpacked, it runs as a container would run it, and says its version and the schemas' revision.
func TestImage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the image's program runs on Linux")
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1800000000")
	repository, commit := schemaRepository(t)
	build := func() layout {
		out := filepath.Join(t.TempDir(), "layout")
		args := []string{"--out", out, "--version", "1.2.3", "--platform", "linux/" + runtime.GOARCH, "--schemas", "primary=" + repository + "@v1"}
		o, err := parse(append(args, "--repository", filepath.Join("..", "..")))
		if err == nil {
			err = buildImage(o)
		}
		if err != nil {
			t.Fatal(err)
		}
		return layout{out}
	}
	l := build()
	if first, second := contents(t, l), contents(t, build()); !slices.Equal(first, second) {
		t.Errorf("two builds differ:\n%q\n%q", first, second)
	}
	rootfs, config := unpack(t, l, "1.2.3")
	labels := config.Config.Labels
	if labels["org.opencontainers.image.version"] != "1.2.3" || labels["org.eventplatform.schemas"] != "primary@"+commit {
		t.Errorf("labels: %v", labels)
	}
	if config.Created != "2027-01-15T08:00:00Z" {
		t.Errorf("created at %s", config.Created)
	}
	program := filepath.Join(rootfs, filepath.FromSlash(programPath))
	if !static(program) || !hasSymbols(program) {
		t.Error("the program is not static, or without symbols")
	}
	url := start(t, rootfs, config)
	var info struct {
		Version string
		Schemas []struct{ Name, Revision string } `json:"schema_repositories"`
	}
	text := get(t, url+"/_info")
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	if info.Version != "1.2.3" || len(info.Schemas) != 1 || info.Schemas[0].Name != "primary" || info.Schemas[0].Revision != commit {
		t.Errorf("/_info: %s (schemas are at %s)", text, commit)
	}
	if text := get(t, url+"/repositories/primary/jsonschema/test/event/1.0.0"); !bytes.Contains(text, []byte("as committed")) {
		t.Errorf("the schema is not the one of the revision: %s", text)
	}
}

// contents are the names and digests of a layout's files.
func contents(t *testing.T, l layout) (all []string) {
	t.Helper()
	err := filepath.WalkDir(l.dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		digest := describe("", text).Digest
		if name := d.Name(); len(name) == 64 && "sha256:"+name != digest {
			err = fmt.Errorf("blob %s has the digest %s", name, digest)
		}
		all = append(all, d.Name()+" "+digest)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// schemaRepository makes a git repository with a schema, a tag v1 at it, and another state after it.
func schemaRepository(t *testing.T) (dir, commit string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		unavailable(t, "no git to make a schema repository with")
	}
	dir = t.TempDir()
	file := filepath.Join(dir, "jsonschema", "test", "event", "1.0.0.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(description string) {
		schema := "title: test/event\n$id: /test/event/1.0.0\n$schema: https://json-schema.org/draft-07/schema#\ntype: object\ndescription: " + description + "\n"
		if err := os.WriteFile(file, []byte(schema), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := git(dir, append([]string{"-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	write("as committed")
	run("init", "-q")
	run("add", ".")
	run("commit", "-q", "-m", "a schema")
	run("tag", "v1")
	write("changed since")
	return dir, run("rev-parse", "HEAD")
}

// unpack applies an image's layers, as an engine does.
func unpack(t *testing.T, l layout, tag string) (rootfs string, config imageConfig) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(l.dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var table, platforms index
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(table.Manifests, func(d descriptor) bool { return d.Annotations["org.opencontainers.image.ref.name"] == tag })
	if at < 0 {
		t.Fatalf("no image has the tag %s: %s", tag, text)
	}
	var m manifest
	if err := errors.Join(l.read(table.Manifests[at].Digest, &platforms), l.read(platforms.Manifests[0].Digest, &m), l.read(m.Config.Digest, &config)); err != nil {
		t.Fatal(err)
	}
	if got := *platforms.Manifests[0].Platform; got != here || config.platform != here {
		t.Errorf("the image is for %v and %v", got, config.platform)
	}
	rootfs = t.TempDir()
	for i, d := range m.Layers {
		blob, err := os.ReadFile(l.blob(d.Digest))
		if err != nil {
			t.Fatal(err)
		}
		unzip, err := gzip.NewReader(bytes.NewReader(blob))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(unzip)
		if err != nil {
			t.Fatal(err)
		}
		if describe("", plain).Digest != config.RootFS.DiffIDs[i] {
			t.Errorf("layer %d is not what the configuration says", i)
		}
		if err := apply(rootfs, plain); err != nil {
			t.Fatalf("layer %d: %v", i, err)
		}
	}
	return rootfs, config
}

func apply(rootfs string, layer []byte) error {
	root, err := os.OpenRoot(rootfs)
	if err != nil {
		return err
	}
	defer root.Close()
	for in := tar.NewReader(bytes.NewReader(layer)); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := filepath.FromSlash(strings.TrimSuffix(header.Name, "/"))
		mode := header.FileInfo().Mode()
		switch header.Typeflag {
		case tar.TypeDir:
			if err = root.Mkdir(name, 0o755); errors.Is(err, os.ErrExist) {
				err = nil
			}
		case tar.TypeSymlink:
			err = root.Symlink(header.Linkname, name)
		default:
			var text []byte
			if text, err = io.ReadAll(in); err == nil {
				err = root.WriteFile(name, text, mode.Perm())
			}
		}
		if err == nil && header.Typeflag != tar.TypeSymlink {
			err = root.Chmod(name, mode)
		}
		if err == nil && os.Geteuid() == 0 {
			err = root.Lchown(name, header.Uid, header.Gid)
		}
		if err != nil {
			return err
		}
	}
}

// static says whether a program needs no libraries.
func static(program string) bool {
	f, err := elf.Open(program)
	if err != nil {
		return false
	}
	defer f.Close()
	return !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
}

// hasSymbols says whether a program can be looked into with perf.
func hasSymbols(program string) bool {
	f, err := elf.Open(program)
	if err != nil {
		return false
	}
	defer f.Close()
	symbols, err := f.Symbols()
	return err == nil && len(symbols) > 0
}

var printedURL = regexp.MustCompile(`eventplatform is up: (http://\S+)`)

// start runs the image's command in its root, as its user, on a free port, until the test's end.
func start(t *testing.T, rootfs string, config imageConfig) (url string) {
	t.Helper()
	args := slices.Clone(append(config.Config.Entrypoint, config.Config.Cmd...))
	for i := range args {
		if args[i] == "0.0.0.0:8080" {
			args[i] = "127.0.0.1:0"
		}
	}
	cmd := inRoot(context.Background(), rootfs, config, args)
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	up, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if m := printedURL.FindStringSubmatch(lines.Text()); m != nil {
				up <- m[1]
			}
		}
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	select {
	case url = <-up:
	case <-ended:
		t.Fatalf("%q ended at once: %s", args, &log)
	case <-time.After(patience):
		t.Fatalf("%q did not come up", args)
	}
	return url
}

// get asks for a page.
func get(t *testing.T, url string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s (%v)", url, response.Status, text, err)
	}
	return text
}

// The debug variant has a shell, and what charts call before a pod stops.
func TestDebugVariant(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the image's programs run on Linux")
	}
	o := &options{
		repository: filepath.Join("..", ".."),
		out:        filepath.Join(t.TempDir(), "layout"), version: "1.2.3", platforms: []platform{here},
		programs: map[platform]string{here: "main.go"}, busybox: map[platform]string{here: busybox(t)},
	}
	if err := buildImage(o); err != nil {
		t.Fatal(err)
	}
	l := layout{o.out}
	if rootfs, _ := unpack(t, l, "1.2.3"); exists(filepath.Join(rootfs, "bin")) {
		t.Error("the plain image has a shell")
	}
	rootfs, config := unpack(t, l, "1.2.3-debug")
	for _, applet := range applets {
		if !exists(filepath.Join(rootfs, "bin", applet)) {
			t.Errorf("%s is missing", applet)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if out, err := inRoot(ctx, rootfs, config, []string{"/bin/sh", "-c", "sleep 0 && echo slept"}).CombinedOutput(); err != nil || string(out) != "slept\n" {
		t.Errorf("%v: %s", err, out)
	}
	if mayChroot() {
		out, err := inRoot(ctx, rootfs, config, []string{"/bin/sh", "-c", "id -u && ls /"}).CombinedOutput()
		if err != nil || string(out) != "65534\nbin\netc\ntmp\nusr\nvar\n" {
			t.Errorf("%v: %s", err, out)
		}
	}
	known, err := inRoot(ctx, rootfs, config, []string{"/bin/busybox", "--list"}).Output()
	for _, applet := range applets {
		if err != nil || !slices.Contains(strings.Fields(string(known)), applet) {
			t.Errorf("busybox has no %s (%v)", applet, err)
		}
	}
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// busybox finds Debian's static busybox, or fetches its package and unpacks it, without installing it.
func busybox(t *testing.T) string {
	t.Helper()
	if file, err := exec.LookPath("busybox"); err == nil && static(file) {
		return file
	}
	dir := t.TempDir()
	for _, command := range [][]string{{"apt-get", "download", "-q", "busybox-static"}, {"sh", "-c", "dpkg -x busybox-static*.deb ."}} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			unavailable(t, "no static busybox for the debug variant (Debian's package busybox-static): %v: %v: %s", command, err, out)
		}
	}
	return filepath.Join(dir, "bin", "busybox")
}

func TestMistakesAreExplained(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		says string
	}{
		{nil, "--out is missing"},
		{[]string{"--out", full}, "is not empty"},
		{[]string{"--out", "new", "--platform", "windows/amd64"}, "no platform of images"},
		{[]string{"--out", "new", "--schemas", "primary"}, "the revision is missing"},
		{[]string{"--out", "new", "--schemas", "../x=primary@v1"}, "no name for a folder"},
		{[]string{"--out", "new", "--busybox", "busybox"}, "PLATFORM=FILE"},
	} {
		if _, err := parse(test.args); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v; should say %q", test.args, err, test.says)
		}
	}
}

// Whoever builds with the Dockerfile gets what this program builds.
func TestDockerfileRunsTheSame(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "image", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	list := func(words []string) string { return strings.ReplaceAll(fmt.Sprintf("%q", words), `" "`, `", "`) }
	run := (&options{}).run(variant{})
	for _, line := range []string{
		"USER " + run.User, "WORKDIR " + run.WorkingDir, "STOPSIGNAL " + run.StopSignal, "EXPOSE 8080",
		"ENTRYPOINT " + list(run.Entrypoint), "CMD " + list(run.Cmd),
	} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("the Dockerfile has no line %s", line)
		}
	}
	for _, part := range []string{versionVariable + "=", programPath, accounts + "/passwd", accounts + "/group", "CGO_ENABLED=0", "-trimpath"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the Dockerfile does not mention %s", part)
		}
	}
}
