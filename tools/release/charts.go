package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/eventplatform/eventplatform/tools/archive"
)

// charts packs every chart as Helm does: a compressed tar archive of one folder that has the chart's name. What a chart needs of others is in its
// own folder charts.
func (r *release) charts() error {
	found, err := filepath.Glob(filepath.Join(r.project, "charts", "*", "Chart.yaml"))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("there are no charts in %s", filepath.Join(r.project, "charts"))
	}
	for _, file := range found {
		c, err := readChart(file)
		if err != nil {
			return err
		}
		if c.library {
			continue // it is in the charts that use it
		}
		files, err := filesOf(filepath.Dir(file), c.name+"/")
		if err != nil {
			return err
		}
		packed, _, err := archive.TarGz(files)
		if err != nil {
			return err
		}
		name := c.name + "-" + c.version + ".tgz"
		fmt.Println("packing chart", name)
		if err := os.WriteFile(filepath.Join(r.out, name), packed, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// chart is what of a Chart.yaml a package is named after.
type chart struct {
	name, version string
	library       bool
}

var (
	chartName    = regexp.MustCompile(`(?m)^name: *([a-z0-9-]+)\s*$`)
	chartVersion = regexp.MustCompile(`(?m)^version: *"?([0-9][^\s"]*)"?\s*$`)
	chartLibrary = regexp.MustCompile(`(?m)^type: *library\s*$`)
)

func readChart(file string) (chart, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return chart{}, err
	}
	name, version := chartName.FindSubmatch(text), chartVersion.FindSubmatch(text)
	if name == nil || version == nil || !versions.Match(version[1]) {
		return chart{}, fmt.Errorf("%s: name or version is missing, or the version is no semantic one", file)
	}
	return chart{string(name[1]), string(version[1]), chartLibrary.Match(text)}, nil
}
