package streamconfig

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

const phpVariables = `<?php
$wgEventStreamsDefaultSettings = [ 'topic_prefixes' => [ 'eqiad.', 'codfw.' ], 'canary_events_enabled' => true ];
$wgEventStreams = [
	'web.click' => [ 'schema_title' => 'ui/click', 'sample' => [ 'rate' => 1.0, 'unit' => 'session' ] ],
	'/^mediawiki\.job\..+/' => [ 'schema_title' => 'mediawiki/job' ],
];
`

const phpByWiki = `<?php
return [
	'wgEventStreamsDefaultSettings' => [ 'default' => [ 'topic_prefixes' => [ 'eqiad.', 'codfw.' ], 'canary_events_enabled' => true ] ],
	'wgEventStreams' => [
		'default' => [
			'web.click' => [ 'schema_title' => 'ui/click', 'sample' => [ 'rate' => 1.0, 'unit' => 'session' ] ],
			'/^mediawiki\.job\..+/' => [ 'schema_title' => 'mediawiki/job' ],
		],
		'+enwiki' => [ 'web.click' => [ 'sample' => [ 'rate' => 0.5 ] ] ],
	],
];
`

// TestTheGuidesPHPCommand runs the guide's command on files of MediaWiki's two shapes. It needs php.
func TestTheGuidesPHPCommand(t *testing.T) {
	if _, err := exec.LookPath("php"); err != nil {
		t.Skip("php is not installed here")
	}
	guide, err := os.ReadFile("../docs/guides/streams.md")
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile("(?s)```sh\n(php -r .*?)```").FindSubmatch(guide)
	if command == nil {
		t.Fatal("the guide has no php command")
	}
	for _, text := range []string{phpVariables, phpByWiki} {
		dir := t.TempDir()
		write(t, dir, "streams.php", text)
		cmd := exec.Command("sh", "-c", string(bytes.TrimSpace(command[1])))
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%v: %s", err, out)
		}
		c, err := Load(filepath.Join(dir, "streams.json"))
		if err != nil {
			t.Fatal(err)
		}
		want := `{"web.click":{"topic_prefixes":["eqiad.","codfw."],"canary_events_enabled":true,"schema_title":"ui/click",` +
			`"sample":{"rate":1.0,"unit":"session"},"stream":"web.click","topics":["eqiad.web.click","codfw.web.click"]},` +
			`"/^mediawiki\\.job\\..+/":{"topic_prefixes":["eqiad.","codfw."],"canary_events_enabled":true,"schema_title":"mediawiki/job",` +
			`"stream":"/^mediawiki\\.job\\..+/","topics":["/^(eqiad\\.|codfw\\.)mediawiki\\.job\\..+/"]}}`
		if got := string(c.allStreams()); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}
