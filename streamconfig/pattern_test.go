package streamconfig

import (
	"strings"
	"testing"
)

// TestPatternsAsPCREReadsThem holds what preg_match answers.
func TestPatternsAsPCREReadsThem(t *testing.T) {
	for _, c := range []struct{ pattern, matches, not string }{
		{`/^job\..+/`, "job.a,job.a.b", "job.,a.job.b,jobxa"},
		{`/page$/i`, "page,a.PAGE", "pages"},
		{`/^(foo|bar)\.[0-9]{1,3}$/`, "foo.1,bar.123", "foo.1234,baz.1"},
		{`/^x y$/x`, "xy", "x y"},
		{"/^x # a comment\n y$/x", "xy", "x"},
		{`/b # a comment/xA`, "bc", "ab"},
		{`/(?=cl)click/`, "click", "lick"},
		{`/^(a)\1$/`, "aa", "a,aaa"},
		{`/^job\.(?!special)/`, "job.a", "job.special"},
		{`/b/A`, "bc", "ab"},
		{"/b/Am", "bc", "a\nb"},
		{"/^b/m", "b,a\nb", "ab"},
		{"/a.b/s", "a\nb", "ab"},
		{"/a.b/", "axb", "a\nb"},
		{`/a+?b/U`, "aab", "b"},
		{`/a\hb/`, "a b,a\tb", "ahb,ab,a\nb"},
		{`/a\Hb/`, "axb", "a b"},
		{`/[\h.]b/`, " b,.b,\tb", "hb"},
		{`/a\vb/`, "a\nb,a\x0bb", "avb"},
		{`/a\Vb/`, "axb", "a\nb"},
		{`/a\Rb/`, "a\r\nb,a\nb", "aRb,ab"},
		{`/a\Nb/`, "axb", "a\nb"},
		{`/a\Kb/`, "ab", "b"},
		{`/\Gb/`, "bc", "ab"},
		{`/\eb/`, "\x1bb", "eb"},
		{`/^\Qa.b[\E$/`, "a.b[", "axb["},
		{`/^\Qa.b/`, "a.b", "axb"},
		{`/^[[:alpha:]\]]$/`, "a,]", "1"},
		{`/^[]a]$/`, "],a", "b"},
		{`/^[^]a]$/`, "b", "],a"},
		{`/^\/a$/`, "/a", "a"},
		{`/(?i)mixed/`, "MiXeD", "mix"},
		{`/(?>a+)b/`, "aab", "aa"},
		{`/(?<n>a)\k<n>/`, "aa", "ab"},
		{"/a/ \n", "a", "b"},
	} {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, name := range strings.Split(c.matches, ",") {
			if !p.matches(name) {
				t.Errorf("%s does not match %q", c.pattern, name)
			}
		}
		for _, name := range strings.Split(c.not, ",") {
			if p.matches(name) {
				t.Errorf("%s matches %q", c.pattern, name)
			}
		}
	}
	for _, pattern := range []string{`/a`, `/a(/`, `/a/e`, `/\X/`, `/a\g{1}/`, `/[\H]/`, `/a++/`, `/*/`} {
		if p, err := compilePattern(pattern); err == nil {
			t.Errorf("%s is accepted: %v", pattern, p)
		}
	}
}

func TestPatternsOfOtherSettings(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{`bot/\d+`, "a bot/12", true},
		{`^Mozilla/5\.0 \(compatible;(?! MSIE)`, "Mozilla/5.0 (compatible; MSIE 9)", false},
		{`^Mozilla/5\.0 \(compatible;(?! MSIE)`, "Mozilla/5.0 (compatible; x", true},
		{`/headless\//i`, "HeadLess/1", true},
		{`/headless\//`, "HeadLess/1", false},
		{`/srv/agent`, "GET /srv/agent", true}, // no flags that there are: not the form with slashes
	} {
		matches, err := CompilePattern(test.pattern)
		if err != nil || matches(test.text) != test.want {
			t.Errorf("%s in %s: %v", test.pattern, test.text, err)
		}
	}
	if _, err := CompilePattern("(bot"); err == nil {
		t.Error("a pattern with an open group is accepted")
	}
}
