package observe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// limit bounds every program that these tests run; it is reached only when something is wrong.
const limit = 5 * time.Minute

// promtool returns Prometheus's own tool: the one that is installed, or Debian's, unpacked without installing it, since its package starts a server.
func promtool(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("promtool is fetched")
	}
	if path, err := exec.LookPath("promtool"); err == nil {
		return path
	}
	path, err := unpackedPromtool(t.Context())
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("promtool (Debian package prometheus): %v", err)
		}
		t.Skipf("promtool (Debian package prometheus) is not here: %v", err)
	}
	return path
}

// unpackedPromtool keeps the tool in the user's cache.
func unpackedPromtool(ctx context.Context) (string, error) {
	cache := os.Getenv("EVENTPLATFORM_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(user, "eventplatform")
	}
	kept := filepath.Join(cache, "promtool")
	if _, err := os.Stat(kept); err == nil {
		return kept, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, "promtool.*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	download := func() error { return quietly(ctx, work, "apt-get", "download", "prometheus") }
	if err := download(); err != nil {
		if os.Geteuid() != 0 {
			return "", err
		}
		// A fresh container has no list of packages yet.
		if err := errors.Join(quietly(ctx, work, "apt-get", "update", "-q"), download()); err != nil {
			return "", err
		}
	}
	packages, err := filepath.Glob(filepath.Join(work, "prometheus_*.deb"))
	if err != nil || len(packages) != 1 {
		return "", fmt.Errorf("apt-get download brought %v", packages)
	}
	if err := quietly(ctx, work, "dpkg", "-x", packages[0], "unpacked"); err != nil {
		return "", err
	}
	return kept, os.Rename(filepath.Join(work, "unpacked", "usr", "bin", "promtool"), kept)
}

func quietly(ctx context.Context, dir, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %.300s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// runPromtool runs the tool in the folder of the alerts.
func runPromtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, promtool(t), args...)
	cmd.Dir = alertsDir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil || len(list) == 0 {
		t.Fatalf("there are no %s: %v", pattern, err)
	}
	return list
}

func bases(list []string) []string {
	for i := range list {
		list[i] = filepath.Base(list[i])
	}
	return list
}

func TestRulesAreRules(t *testing.T) {
	out, err := runPromtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, bases(files(t, alertsDir+"/*.yaml"))...)...)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Each alert in a state in which it fires and in one, close to it, in which it does not.
func TestAlertsFire(t *testing.T) {
	for _, file := range bases(files(t, alertsDir+"/tests/*.yaml")) {
		t.Run(file, func(t *testing.T) {
			if out, err := runPromtool(t, "test", "rules", "tests/"+file); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// The rules that EventGate is watched with today go on: their expressions, with the tests that show what they miss and ours do not.
func TestEstablishedRulesGoOn(t *testing.T) {
	for _, args := range [][]string{{"check", "rules", "established.yaml"}, {"test", "rules", "established_test.yaml"}} {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		cmd := exec.CommandContext(ctx, promtool(t), args...)
		cmd.Dir = "testdata"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
