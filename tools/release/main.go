// Release builds everything that a version is handed out as, into one folder:
//
//	go run -C tools ./release --version 1.2.3 --out ../dist
//
// the program for Linux, macOS and Windows, the container image with its debug variant as an OCI archive, every chart as a package for Helm, and
// SHA256SUMS over all of them. The same commit, toolchain and busybox give the same bytes. docs/releasing.md says what comes before and after.
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// targets are what the program is built for.
var targets = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"}

// images are the targets that there is an image for.
var images = []string{"linux/amd64", "linux/arm64"}

// release is one run.
type release struct {
	version string
	project string // its folder
	out     string
	scratch string
	noDebug bool
}

func main() {
	r := &release{}
	flag.StringVar(&r.version, "version", "", "the version, such as 1.2.3; CHANGELOG.md must have it")
	flag.StringVar(&r.project, "repository", "..", "the project's folder")
	flag.StringVar(&r.out, "out", "../dist", "the folder for what is built; it must be new or empty")
	flag.BoolVar(&r.noDebug, "no-debug", false, "build no debug image: it needs apt-get, to fetch Debian's busybox-static")
	flag.Parse()
	if err := r.run(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func (r *release) run() (err error) {
	for _, folder := range []*string{&r.project, &r.out} {
		if *folder, err = filepath.Abs(*folder); err != nil {
			return err
		}
	}
	if err := r.check(); err != nil {
		return err
	}
	if r.scratch, err = os.MkdirTemp("", "eventplatform-release-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.scratch)
	for _, step := range []func() error{r.programs, r.image, r.charts, r.checksums} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// versions are semantic ones, https://semver.org, without build metadata, which an image's tag cannot have.
var versions = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)

// check refuses a version that cannot be one, that nobody has described, and a folder that has something in it.
func (r *release) check() error {
	if !versions.MatchString(r.version) {
		return fmt.Errorf("--version %q is no semantic version, such as 1.2.3 or 1.3.0-rc.1", r.version)
	}
	changes, err := os.ReadFile(filepath.Join(r.project, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if !bytes.Contains(changes, []byte("\n## "+r.version+" ")) && !strings.Contains(r.version, "-") {
		return fmt.Errorf("CHANGELOG.md has no section \"## %s – date\": say what has changed", r.version)
	}
	if files, err := os.ReadDir(r.out); err == nil && len(files) > 0 {
		return fmt.Errorf("--out %s is not empty", r.out)
	}
	return os.MkdirAll(r.out, 0o755)
}

// name of the program for a target.
func (r *release) name(target string) string {
	name := "eventplatform-" + r.version + "-" + strings.ReplaceAll(target, "/", "-")
	if strings.HasPrefix(target, "windows/") {
		name += ".exe"
	}
	return filepath.Join(r.out, name)
}

func (r *release) programs() error {
	for _, target := range targets {
		system, architecture, _ := strings.Cut(target, "/")
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", r.name(target),
			"-ldflags", "-X github.com/eventplatform/eventplatform/internal/service.version="+r.version, "./cmd/eventplatform")
		build.Dir = r.project
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+architecture)
		if err := r.do("building for "+target, build); err != nil {
			return err
		}
	}
	return nil
}

// do runs a command; what it said is told if it failed.
func (r *release) do(what string, cmd *exec.Cmd) error {
	fmt.Println(what)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", what, err, out)
	}
	return nil
}

// checksums writes SHA256SUMS, which sha256sum --check reads.
func (r *release) checksums() error {
	files, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(r.out, f.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(text), f.Name())
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), sums.Bytes(), 0o644)
}
