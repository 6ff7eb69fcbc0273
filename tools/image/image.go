package main

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// options say what is built.
type options struct {
	repository string // the project's folder
	out        string // the layout's
	version    string
	revision   string // of the project, for a label
	created    time.Time
	platforms  []platform
	programs   map[platform]string // built already
	busybox    map[platform]string // static; a debug variant is made for the platforms that are named
	ca         string
	schemas    []repository
}

// variant is one image of the layout.
type variant struct {
	suffix string
	shell  bool
}

// buildImage writes the layout: the image and, where there is a shell for it, its debug variant; each for all platforms. Of the same sources, toolchain and
// options it writes the same bytes.
func buildImage(o *options) error {
	l, err := newLayout(o.out)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "eventplatform-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	shared, err := o.sharedLayers(l)
	if err != nil {
		return err
	}
	byVariant := map[variant][]descriptor{}
	for _, p := range o.platforms {
		program, err := o.program(p, scratch)
		if err != nil {
			return err
		}
		binary, err := l.layer([]entry{{Name: programPath, Mode: 0o755, Source: program}}, "the program")
		if err != nil {
			return err
		}
		layers := slices.Concat(shared[:1], []namedLayer{binary}, shared[1:])
		variants := []variant{{}}
		if o.busybox[p] != "" {
			variants = append(variants, variant{"-debug", true})
		}
		for _, v := range variants {
			d, err := o.image(l, p, v, layers)
			if err != nil {
				return err
			}
			byVariant[v] = append(byVariant[v], d)
		}
	}
	var images []descriptor
	for _, v := range []variant{{}, {"-debug", true}} {
		if len(byVariant[v]) == 0 {
			continue
		}
		d, err := l.addJSON(mediaIndex, index{SchemaVersion: 2, MediaType: mediaIndex, Manifests: byVariant[v]})
		if err != nil {
			return err
		}
		d.Annotations = map[string]string{"org.opencontainers.image.ref.name": o.version + v.suffix}
		images = append(images, d)
	}
	return l.finish(images)
}

// namedLayer is a layer of the layout, and what is in it.
type namedLayer struct {
	layer
	what string
}

// layer packs a layer and adds it to the layout.
func (l layout) layer(entries []entry, what string) (namedLayer, error) {
	packed, err := pack(entries)
	if err != nil {
		return namedLayer{}, fmt.Errorf("the layer of %s: %w", what, err)
	}
	return namedLayer{packed, what}, l.add(packed.descriptor, packed.packed)
}

// sharedLayers are those of all platforms: first what is below the program, then the schema repositories, one each, so that a new revision of schemas
// is a new layer on the same program.
func (o *options) sharedLayers(l layout) ([]namedLayer, error) {
	entries, err := base(o.repository, o.ca)
	if err != nil {
		return nil, err
	}
	first, err := l.layer(entries, "users and certificates of authorities")
	if err != nil {
		return nil, err
	}
	layers := []namedLayer{first}
	for _, r := range o.schemas {
		entries, err := r.entries()
		if err != nil {
			return nil, err
		}
		next, err := l.layer(entries, "schema repository "+r.name+" at "+r.revision)
		if err != nil {
			return nil, err
		}
		layers = append(layers, next)
	}
	return layers, nil
}

// image writes one platform's image of a variant.
func (o *options) image(l layout, p platform, v variant, layers []namedLayer) (descriptor, error) {
	if v.shell {
		shell, err := l.layer(shell(o.busybox[p]), "a shell")
		if err != nil {
			return descriptor{}, err
		}
		layers = append(slices.Clone(layers), shell)
	}
	created := o.created.UTC().Format(time.RFC3339)
	config := imageConfig{Created: created, platform: p, Config: o.run(v), RootFS: rootFS{Type: "layers"}}
	m := manifest{SchemaVersion: 2, MediaType: mediaManifest}
	for _, next := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, next.diffID)
		config.History = append(config.History, history{created, next.what})
		m.Layers = append(m.Layers, next.descriptor)
	}
	var err error
	if m.Config, err = l.addJSON(mediaConfig, config); err != nil {
		return descriptor{}, err
	}
	d, err := l.addJSON(mediaManifest, m)
	d.Platform = &p
	return d, err
}

// run says how the image is run: the whole platform on an embedded broker unless it is told another command.
func (o *options) run(v variant) runConfig {
	labels := map[string]string{
		"org.opencontainers.image.title":    "eventplatform",
		"org.opencontainers.image.version":  o.version + v.suffix,
		"org.opencontainers.image.source":   "https://github.com/eventplatform/eventplatform",
		"org.opencontainers.image.licenses": "Apache-2.0",
	}
	if o.revision != "" {
		labels["org.opencontainers.image.revision"] = o.revision
	}
	command := []string{"serve", "--listen", "0.0.0.0:8080", "--data-dir", "/" + dataPath}
	var pinned []string
	for _, r := range o.schemas {
		command = append(command, "--schemas", "/"+r.path())
		pinned = append(pinned, r.name+"@"+r.revision)
	}
	if len(pinned) > 0 {
		labels["org.eventplatform.schemas"] = strings.Join(pinned, " ")
	}
	return runConfig{
		User: fmt.Sprintf("%d:%d", nobody, nobody), ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Env:        []string{"PATH=" + path.Dir("/"+programPath) + ":/bin"},
		Entrypoint: []string{"/" + programPath}, Cmd: command, WorkingDir: "/" + dataPath,
		Labels: labels, StopSignal: "SIGTERM",
	}
}
