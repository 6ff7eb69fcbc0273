package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

const (
	programPath = "usr/bin/eventplatform"
	dataPath    = "var/lib/eventplatform"
	// schemasPath is where the configuration files of today's intakes look for schema repositories.
	schemasPath = "srv/service/schemas/event"
)

// caFiles are where systems keep the certificates of authorities, in one file.
var caFiles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}

// accounts is where the project has the image's passwd and group.
const accounts = "deploy/image"

// base is what every image begins with.
func base(project, caFile string) ([]entry, error) {
	if caFile == "" {
		for _, caFile = range caFiles {
			if _, err := os.Stat(caFile); err == nil {
				break
			}
		}
	}
	authorities, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("no certificates of authorities (install ca-certificates, or give --ca FILE): %w", err)
	}
	return []entry{
		{Name: "etc/passwd", Mode: 0o644, Source: filepath.Join(project, accounts, "passwd")},
		{Name: "etc/group", Mode: 0o644, Source: filepath.Join(project, accounts, "group")},
		{Name: "etc/ssl/certs/ca-certificates.crt", Mode: 0o644, Text: authorities},
		{Name: "tmp", Mode: 0o1777, Folder: true},
		{Name: dataPath, Mode: 0o755, Folder: true, Owner: nobody},
	}, nil
}

// applets are the commands of the debug variant: a shell, and what one looks around with.
var applets = strings.Fields("[ ash awk base64 basename cat chmod clear cmp cp cut date dd df diff dirname dmesg du echo env expr false find fold free grep " +
	"gunzip gzip head hexdump hostname id kill killall less ln ls md5sum mkdir mktemp more mv nc netstat nproc nslookup od pidof ping " +
	"printf ps pwd readlink realpath renice rm rmdir sed seq sh sha256sum sleep sort stat strings stty sync tail tar tee telnet " +
	"test time timeout top touch tr traceroute true truncate tty uname uniq unlink uptime usleep vi watch wc wget which whoami xargs xxd yes zcat")

// shell is what the debug variant has besides.
func shell(busybox string) []entry {
	entries := []entry{{Name: "bin/busybox", Mode: 0o755, Source: busybox}}
	for _, applet := range applets {
		entries = append(entries, entry{Name: "bin/" + applet, Mode: 0o777, Link: "busybox"})
	}
	return entries
}

// repository is a schema repository in the image.
type repository struct {
	name     string // its folder's name
	dir      string // where it is here
	revision string
}

// parseRepository reads DIR@REVISION or NAME=DIR@REVISION. Of a git work tree the revision may be anything that git understands.
func parseRepository(s string) (r repository, err error) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 {
		return r, fmt.Errorf("--schemas %s: the revision is missing: DIR@REVISION", s)
	}
	r.dir, r.revision = s[:at], s[at+1:]
	if name, dir, named := strings.Cut(r.dir, "="); named {
		r.name, r.dir = name, dir
	} else if r.name, err = nameOf(r.dir); err != nil {
		return r, err
	}
	if r.name != path.Base(r.name) || r.name == "." {
		return r, fmt.Errorf("--schemas %s: %q is no name for a folder", s, r.name)
	}
	if !r.hasGit() {
		return r, nil
	}
	commit, err := git(r.dir, "rev-parse", "--verify", r.revision+"^{commit}")
	r.revision = strings.TrimSpace(string(commit))
	return r, err
}

func nameOf(dir string) (string, error) {
	full, err := filepath.Abs(dir)
	return filepath.Base(full), err
}

// hasGit says whether the folder is a git work tree.
func (r *repository) hasGit() bool {
	_, err := os.Stat(filepath.Join(r.dir, ".git"))
	return err == nil
}

func (r *repository) path() string { return schemasPath + "/" + r.name }

// entries are the repository's files: of a git work tree those of the revision, whatever is checked out; of another folder what is there. The revision
// stands where git has it, in .git/HEAD, from where the program tells it in /_info.
func (r *repository) entries() ([]entry, error) {
	entries := []entry{{Name: r.path() + "/.git/HEAD", Mode: 0o644, Text: []byte(r.revision + "\n")}}
	files, err := r.committed()
	if err == nil && files == nil {
		files, err = r.lying()
	}
	if err == nil && len(files) == 0 {
		err = errors.New("there are no files")
	}
	if err != nil {
		return nil, fmt.Errorf("schema repository %s at %s: %w", r.dir, r.revision, err)
	}
	return append(entries, files...), nil
}

// committed reads the files of the revision; nil if the folder is no git work tree.
func (r *repository) committed() ([]entry, error) {
	if !r.hasGit() {
		return nil, nil
	}
	archive, err := git(r.dir, "archive", "--format=tar", r.revision)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for in := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		e := entry{Name: r.path() + "/" + path.Clean(header.Name), Mode: 0o644}
		switch header.Typeflag {
		case tar.TypeReg:
			if e.Text, err = io.ReadAll(in); err != nil {
				return nil, err
			}
		case tar.TypeSymlink:
			e.Mode, e.Link = 0o777, header.Linkname
		default:
			continue
		}
		entries = append(entries, e)
	}
}

// lying reads the files that are in the folder. Those whose names begin with a dot are left out.
func (r *repository) lying() (entries []entry, err error) {
	err = filepath.WalkDir(r.dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(r.dir, file)
		if err != nil {
			return err
		}
		e := entry{Name: r.path() + "/" + filepath.ToSlash(rel), Mode: 0o644}
		switch {
		case rel != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			e.Mode = 0o777
			if e.Link, err = os.Readlink(file); err != nil {
				return err
			}
		case d.Type().IsRegular():
			e.Source = file
		default:
			return nil
		}
		entries = append(entries, e)
		return nil
	})
	return entries, err
}

func git(dir string, args ...string) ([]byte, error) {
	var said bytes.Buffer
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}
