#!/usr/bin/env bash
# Checks everything that this repository promises.
#
#   ./test.sh -short   the inner loop, under two minutes: format, vet, the tests that need nothing but Go
#   ./test.sh          all of it, under fifteen minutes on cold caches
#   ./test.sh -long    and the soak tests, and every fuzz target for FUZZTIME (10m)
#
# On Debian it installs what the tests need and what is not there. Environment: CI=true makes a missing tool or missing test data a failure
# instead of a skip; EVENTPLATFORM_SHARED is the folder of recorded test data (default: ../shared); FUZZTIME bounds each fuzz target.
# The last line counts the Go tests: "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
exec </dev/null

level=${1:-default}
case $level in
	-short | default | -long) ;;
	*)
		sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
		exit 2
		;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export EVENTPLATFORM_VECTOR_COUNTS=$work/vectors
export GOFLAGS="${GOFLAGS:+$GOFLAGS }-buildvcs=false"
: >"$EVENTPLATFORM_VECTOR_COUNTS"
failures=()

# step NAME COMMAND… runs a check, says how long it took and remembers whether it failed. Its output is shown only when it failed.
step() {
	local name=$1 began=$SECONDS
	shift
	if "$@" >"$work/step" 2>&1; then
		printf 'ok   %5ds   %s\n' $((SECONDS - began)) "$name"
	else
		printf 'FAIL %5ds   %s\n' $((SECONDS - began)) "$name"
		sed 's/^/     /' "$work/step"
		failures+=("$name")
	fi
}

# --- what the tests need ---------------------------------------------------------------------------------------------------------

have() { command -v "$1" >/dev/null 2>&1; }

# Each line: the command, the Debian package that brings it, and what is skipped without it.
needed='gcc gcc the race detector
java default-jre-headless the tests against Apache Kafka
mvn maven the tests against Apache Kafka
npm npm the tests of the page
chromium chromium the tests of the page in a browser
kcat kcat the tests with kcat
busybox busybox-static the debug image
curl curl the lines that serve prints
python3 python3 the streams read by Python'

missing() {
	local command package purpose
	while read -r command package purpose; do
		have "$command" || printf '%s %s %s\n' "$command" "$package" "$purpose"
	done <<<"$needed"
}

install_what_is_missing() {
	local packages=() as_root=()
	mapfile -t packages < <(missing | cut -d' ' -f2)
	((${#packages[@]} == 0)) && return
	if have apt-get && { ((EUID == 0)) || have sudo; }; then
		((EUID == 0)) || as_root=(sudo -n)
		echo "Installing with apt-get: ${packages[*]}"
		{
			"${as_root[@]}" apt-get update -q &&
				"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
		} >"$work/apt" 2>&1 || { echo "apt-get failed:" && tail -n 5 "$work/apt" | sed 's/^/     /'; }
	fi
	local command package purpose
	while read -r command package purpose; do
		[[ -z $command ]] && continue
		echo "Not here: $command (Debian package $package). Skipped without it: $purpose."
		[[ ${CI:-} == true ]] && failures+=("$command is missing")
	done < <(missing)
}

# --- checks ----------------------------------------------------------------------------------------------------------------------

go_files() { find . \( -name node_modules -o -name '.?*' -o -name artifacts \) -prune -o -name '*.go' -print; }

formatted() {
	local wrong
	wrong=$(go_files | xargs gofmt -l 2>&1)
	[[ -z $wrong ]] || {
		printf 'not formatted; run gofmt -w on:\n%s\n' "$wrong"
		return 1
	}
}

# Lock files must install from any registry: they name none.
lock_files_name_no_registry() {
	local found
	found=$(grep -l '"resolved": *"http' ui/package-lock.json test/browser/package-lock.json)
	[[ -z $found ]] || {
		echo "these hold addresses of a registry; install with the .npmrc beside them: $found"
		return 1
	}
}

# What the tests of charts and alerts start: compiled here, where nothing waits for it with a deadline.
tools_of_their_own() {
	local module
	for module in charts promcheck; do
		go vet -C "tools/$module" ./... || return 1
	done
}

cross_compiles() {
	local target
	for target in linux/arm64 darwin/arm64 windows/amd64; do
		CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -o /dev/null ./cmd/eventplatform || {
			echo "does not compile for $target"
			return 1
		}
	done
}

# go_tests NAME FLAG… runs tests, one line for each package as it ends. The whole of what they say stays in artifacts/tests.
runs=()
go_tests() {
	local name=$1 record=artifacts/tests/run-${#runs[@]}.json began=$SECONDS
	shift
	echo "--- $name"
	go test -json -p 2 "$@" 2>"$work/stderr" | tee "$record" | "$report" live
	local status=("${PIPESTATUS[@]}")
	runs+=("$record")
	if ((status[0] != 0)); then
		failures+=("$name")
		# What does not even list as a package is told on stderr only.
		grep -v '^go: downloading' "$work/stderr" | sed 's/^/     /'
	fi
	echo "--- $name took $((SECONDS - began))s"
}

# Counting allocations means nothing under the race detector, where those tests skip themselves: they run once more without it.
allocation_tests() {
	local files packages names
	files=$(go_files | grep '_test\.go$' | xargs grep -l AllocsPerRun) || return 0
	packages=$(xargs -n1 dirname <<<"$files" | sort -u)
	names=$(xargs grep -hoE '^func Test[A-Za-z0-9_]*' <<<"$files" | sed 's/^func //' | sort -u | paste -sd'|')
	# shellcheck disable=SC2086 # a list of folders
	EVENTPLATFORM_VECTOR_COUNTS='' go_tests "allocation tests, without the race detector" -count=1 -timeout=5m -run "^($names)\$" $packages
}

# Making an interesting input smaller is bounded by tries: by time, it may go on past the end, which Go reports as a failure.
fuzz() {
	local file target
	while IFS=: read -r file target; do
		step "fuzz $(dirname "$file") $target for $fuzztime" \
			go test -run='^$' -fuzz="^$target\$" -fuzztime="$fuzztime" -fuzzminimizetime=1000x -parallel=2 -timeout=0 "$(dirname "$file")"
	done < <(go_files | grep '_test\.go$' | xargs grep -HoE '^func Fuzz[A-Za-z0-9_]*' | sed 's/func //')
}

# --- the run ---------------------------------------------------------------------------------------------------------------------

have go || {
	echo "Go is not installed; see https://go.dev/doc/install" >&2
	exit 1
}
report=$work/testreport
rm -rf artifacts/tests
mkdir -p artifacts/tests
fuzztime=${FUZZTIME:-10m}

[[ $level == -short ]] || install_what_is_missing
step "format" formatted
step "build" go build ./...
step "build the test report" go build -C tools -o "$report" ./testreport
case $level in
	-short)
		step "vet" go vet ./...
		go_tests "tests" -short -timeout=2m ./...
		;;
	*)
		step "dependencies are tidy" go mod tidy -diff
		step "lock files name no registry" lock_files_name_no_registry
		step "cross-compilation" cross_compiles
		step "linters" go tool -modfile=tools/go.mod golangci-lint run ./...
		step "the tools' own tests" go test -C tools ./...
		step "the tools with modules of their own" tools_of_their_own
		race=-race
		have gcc || race=
		timeout=6m
		[[ $level == -long ]] && export EVENTPLATFORM_LONG=1 timeout=120m
		go_tests "tests${race:+ under the race detector}" $race -count=1 -timeout="$timeout" ./...
		allocation_tests
		[[ $level == -long ]] && fuzz
		;;
esac

# --- the summary -----------------------------------------------------------------------------------------------------------------

echo
"$report" summary "${runs[@]}" >"$work/summary"
head -n -1 "$work/summary"
if ((${#failures[@]} > 0)); then
	printf 'Failed checks:\n'
	printf '  %s\n' "${failures[@]}"
	echo 'The whole output of the tests: artifacts/tests'
fi
echo "Total time: ${SECONDS}s"
vectors=$(awk '{ sum += $1 } END { print sum + 0 }' "$EVENTPLATFORM_VECTOR_COUNTS")
if ((vectors > 0)); then
	echo "$vectors vectors of $(awk '{ $1 = ""; print }' "$EVENTPLATFORM_VECTOR_COUNTS" | sort -u | wc -l) sets ran"
else
	echo "No vectors ran: the recorded test data is not here, or this level leaves them out"
fi
tail -n 1 "$work/summary"
((${#failures[@]} == 0))
