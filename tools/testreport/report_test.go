package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const first = `go: downloading example.com/x v1.0.0
{"Action":"start","Package":"github.com/eventplatform/eventplatform/a"}
{"Action":"run","Package":"github.com/eventplatform/eventplatform/a","Test":"TestGood"}
{"Action":"output","Package":"github.com/eventplatform/eventplatform/a","Test":"TestGood","Output":"=== RUN   TestGood\n"}
{"Action":"pass","Package":"github.com/eventplatform/eventplatform/a","Test":"TestGood/sub","Elapsed":2}
{"Action":"pass","Package":"github.com/eventplatform/eventplatform/a","Test":"TestGood","Elapsed":2.5}
{"Action":"output","Package":"github.com/eventplatform/eventplatform/a","Test":"TestBad/sub","Output":"    a_test.go:7: wrong\n"}
{"Action":"fail","Package":"github.com/eventplatform/eventplatform/a","Test":"TestBad/sub","Elapsed":0}
{"Action":"fail","Package":"github.com/eventplatform/eventplatform/a","Test":"TestBad","Elapsed":0}
{"Action":"output","Package":"github.com/eventplatform/eventplatform/a","Test":"TestAllocs","Output":"    a_test.go:9: not under race\n"}
{"Action":"skip","Package":"github.com/eventplatform/eventplatform/a","Test":"TestAllocs","Elapsed":0}
{"Action":"output","Package":"github.com/eventplatform/eventplatform/a","Test":"TestNever","Output":"    a_test.go:11: needs a browser\n"}
{"Action":"skip","Package":"github.com/eventplatform/eventplatform/a","Test":"TestNever","Elapsed":0}
{"Action":"output","Package":"github.com/eventplatform/eventplatform/a","Output":"FAIL\n"}
{"Action":"fail","Package":"github.com/eventplatform/eventplatform/a","Elapsed":3}
{"ImportPath":"github.com/eventplatform/eventplatform/b [b.test]","Action":"build-output","Output":"b.go:3: undefined: x\n"}
{"ImportPath":"github.com/eventplatform/eventplatform/b [b.test]","Action":"build-fail"}
{"Action":"start","Package":"github.com/eventplatform/eventplatform/b"}
{"Action":"output","Package":"github.com/eventplatform/eventplatform/b","Output":"FAIL\tgithub.com/eventplatform/eventplatform/b [build failed]\n"}
{"Action":"fail","Package":"github.com/eventplatform/eventplatform/b","Elapsed":0,"FailedBuild":"github.com/eventplatform/eventplatform/b [b.test]"}
{"Action":"run","Package":"github.com/eventplatform/eventplatform/c","Test":"TestDied"}
{"Action":"output","Package":"github.com/eventplatform/eventplatform/c","Test":"TestDied","Output":"panic: oh\n"}
{"Action":"fail","Package":"github.com/eventplatform/eventplatform/c","Elapsed":1}
{"Action":"skip","Package":"github.com/eventplatform/eventplatform/none","Elapsed":0}
`

const second = `{"Action":"pass","Package":"github.com/eventplatform/eventplatform/a","Test":"TestAllocs","Elapsed":0}
{"Action":"pass","Package":"github.com/eventplatform/eventplatform/a","Elapsed":1}
`

func TestLive(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"live"}, strings.NewReader(first), &out); err != nil {
		t.Fatal(err)
	}
	const want = `FAIL     3.0s  a                            1 passed, 1 failed, 2 skipped
         a_test.go:7: wrong
FAIL     0.0s  b                            0 passed, 1 failed
     b.go:3: undefined: x
FAIL     1.0s  c                            0 passed, 1 failed
     panic: oh
`
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestSummaryCountsATestOfTwoRunsOnce(t *testing.T) {
	var files []string
	for name, content := range map[string]string{"first": first, "second": second} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	var out bytes.Buffer
	if err := run(append([]string{"summary"}, files...), nil, &out); err != nil {
		t.Fatal(err)
	}
	const want = `Skipped tests:
  a TestNever: needs a browser
Slowest tests:
     2.5s  a TestGood
Failed packages:
  a
  b
  c
2 passed, 3 failed, 1 skipped
`
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}
