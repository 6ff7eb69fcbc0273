package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/eventplatform/eventplatform/tools/archive"
)

// image builds the image from the programs and packs its layout into an archive, which skopeo, podman and registries' tools read.
func (r *release) image() error {
	layout := filepath.Join(r.scratch, "layout")
	args := []string{"run", "./image", "--repository", r.project, "--out", layout, "--version", r.version}
	for _, target := range images {
		args = append(args, "--platform", target, "--program", target+"="+r.name(target))
		if !r.noDebug {
			busybox, err := r.busybox(target)
			if err != nil {
				return err
			}
			args = append(args, "--busybox", target+"="+busybox)
		}
	}
	build := exec.Command("go", args...)
	build.Dir = filepath.Join(r.project, "tools")
	if err := r.do("building the image", build); err != nil {
		return err
	}
	files, err := filesOf(layout, "")
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(r.out, "eventplatform-"+r.version+"-image.tar"))
	if err != nil {
		return err
	}
	defer out.Close()
	if err := archive.Tar(out, files); err != nil {
		return err
	}
	return out.Close()
}

// busybox fetches Debian's static busybox for a target, also one that this machine is not, without installing anything.
func (r *release) busybox(target string) (string, error) {
	architecture := strings.TrimPrefix(target, "linux/")
	dir := filepath.Join(r.scratch, "busybox", architecture)
	for _, sub := range []string{"state/lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return "", err
		}
	}
	apart := []string{"-q", "-o", "Dir::State=" + dir + "/state", "-o", "Dir::State::status=/dev/null", "-o", "Dir::Cache=" + dir + "/cache",
		"-o", "APT::Architecture=" + architecture, "-o", "APT::Architectures=" + architecture, "-o", "APT::Sandbox::User="}
	for _, cmd := range []*exec.Cmd{
		exec.Command("apt-get", append(apart, "update")...),
		exec.Command("apt-get", append(apart, "download", "busybox-static")...),
		exec.Command("sh", "-c", "dpkg -x busybox-static*.deb ."),
	} {
		cmd.Dir = dir
		if err := r.do("fetching busybox for "+target+" ("+filepath.Base(cmd.Path)+"); without it: --no-debug", cmd); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "bin", "busybox"), nil
}

// filesOf are the files below a folder, named below a prefix. Those whose names begin with a dot are left out.
func filesOf(dir, prefix string) (files []archive.Entry, err error) {
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		if rel != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() {
			files = append(files, archive.Entry{Name: prefix + filepath.ToSlash(rel), Mode: 0o644, Source: file})
		}
		return nil
	})
	return files, err
}
