// Image builds the platform's container image without a container engine: an OCI layout, which every engine and registry tool reads.
//
//	go run -C tools ./image --out ../artifacts/image [--version 1.2.3] [--platform linux/amd64 …] [--schemas DIR@REVISION …] [--busybox linux/amd64=FILE …]
//
// The image has the static program with its symbols, the certificates of authorities, and two users; nothing else. With --busybox there is a variant
// with a shell besides, its tag ends in -debug. Each --schemas is a layer of its own. The same sources, toolchain and options give the same bytes:
// times are zero but for the date of the image, which is SOURCE_DATE_EPOCH or the project's last commit.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	o, err := parse(os.Args[1:])
	if err == nil {
		err = buildImage(o)
	}
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
	fmt.Printf("%s: version %s\n", o.out, o.version)
}

// parse reads the command line.
func parse(args []string) (*options, error) {
	o := &options{programs: map[platform]string{}, busybox: map[platform]string{}}
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&o.repository, "repository", "..", "the project's folder")
	flags.StringVar(&o.out, "out", "", "the folder for the layout; it must be new or empty")
	flags.StringVar(&o.version, "version", "devel", "the version, for the program and the image's tag")
	flags.StringVar(&o.ca, "ca", "", "the certificates of authorities, a PEM file (default: the system's)")
	flags.Func("platform", "a platform, such as linux/arm64 (repeatable; default: linux/amd64 and linux/arm64)", func(s string) error {
		p, err := parsePlatform(s)
		o.platforms = append(o.platforms, p)
		return err
	})
	flags.Func("program", "PLATFORM=FILE: the platform's program, built already (repeatable)", func(s string) error { return platformFile(o.programs, s) })
	flags.Func("busybox", "PLATFORM=FILE: a static busybox for the platform's debug variant (repeatable)", func(s string) error {
		return platformFile(o.busybox, s)
	})
	flags.Func("schemas", "[NAME=]DIR@REVISION: a schema repository to put into the image (repeatable)", func(s string) error {
		r, err := parseRepository(s)
		o.schemas = append(o.schemas, r)
		return err
	})
	flags.SetOutput(io.Discard) // an error is told once, by main
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(os.Stderr)
			flags.PrintDefaults()
		}
		return nil, err
	}
	if len(o.platforms) == 0 {
		o.platforms = []platform{{"amd64", "linux"}, {"arm64", "linux"}}
	}
	return o, o.settle()
}

// settle checks the folder and finds out the project's revision and date.
func (o *options) settle() error {
	if o.out == "" {
		return errors.New("--out is missing: the folder for the layout")
	}
	if files, err := os.ReadDir(o.out); err == nil && len(files) > 0 {
		return fmt.Errorf("--out %s is not empty", o.out)
	}
	o.created = time.Unix(0, 0)
	// A copy of the sources without git has neither.
	if commit, err := git(o.repository, "log", "-1", "--format=%H %ct"); err == nil {
		revision, seconds, _ := strings.Cut(strings.TrimSpace(string(commit)), " ")
		o.revision = revision
		if n, err := strconv.ParseInt(seconds, 10, 64); err == nil {
			o.created = time.Unix(n, 0)
		}
	}
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		n, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return fmt.Errorf("SOURCE_DATE_EPOCH=%s is no number of seconds", epoch)
		}
		o.created = time.Unix(n, 0)
	}
	return nil
}

func parsePlatform(s string) (platform, error) {
	system, architecture, ok := strings.Cut(s, "/")
	if !ok || system != "linux" || architecture == "" {
		return platform{}, fmt.Errorf("%q is no platform of images: linux/amd64 is one", s)
	}
	return platform{architecture, system}, nil
}

func platformFile(files map[platform]string, s string) error {
	name, file, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("%q: PLATFORM=FILE", s)
	}
	p, err := parsePlatform(name)
	files[p] = file
	return err
}
