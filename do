#!/bin/sh
# The project's chores. Each installs what it needs: it is enough to have
# Debian, Go and gcc.
#
#   ./do judge    judge the reference through its C ABI, write REPORT.md
#   ./do port     build the example port in C and judge it
#   ./do test     all tests and checks
#   ./do build    the command (out/conform) and the reference (out/libivcs.so)
#   ./do crash    kill -9 the cloud alone under load, 50 times: nothing acknowledged may be lost
#   ./do lint     format, vet, staticcheck, and no time outside package clock
#   ./do fixtures make the media files anew with ffmpeg
set -eu
cd "$(dirname "$0")"

# need installs the Debian packages that are not there yet.
need() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "installing$missing"
	root=
	[ "$(id -u)" = 0 ] || root=sudo
	$root apt-get update -qq
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

build() {
	need gcc libc6-dev libvo-aacenc-dev
	mkdir -p out
	go build -o out/conform ./cmd/conform
	go build -buildmode=c-shared -o out/libivcs.so ./reference/capi
}

# judge writes REPORT.md and fails if the reference does not conform.
judge() {
	build
	out/conform --target out/libivcs.so --title "Go reference, C ABI" --include reference/include \
		--report REPORT.md --junit out/reference.xml --json out/reference.json
}

# port judges the example port in C.
port() {
	build
	need make pkg-config libcurl4-openssl-dev libssl-dev
	make -s -C ci/port-c BUILD="$PWD/out/port-c"
	out/conform --target out/port-c/libivcs.so --title "C port" --include reference/include --json out/port-c.json
}

lint() {
	unformatted=$(gofmt -l .)
	if [ -n "$unformatted" ]; then
		echo "not formatted by gofmt: $unformatted" >&2
		return 1
	fi
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	# Time enters through package clock alone.
	go list ./... | grep -v '/clock$' | xargs go tool -modfile=tools/go.mod forbidigo \
		'^time\.(Now|Sleep|After|AfterFunc|Tick|NewTimer|NewTicker|Since|Until)(# time enters through package clock)?$' \
		'^context\.With(Timeout|Deadline)(# use clock.Clock.WithTimeout)?$'
}

crash() {
	need gcc libc6-dev libvo-aacenc-dev
	IVCS_CRASH_TRIES=${1:-50} go test ./cmd/conform -run '^TestKilledAtAnyMoment' -count 1 -v
}

# stale tells whether REPORT.md is what the judge writes now.
stale() {
	if ! git diff --quiet -- REPORT.md; then
		echo "REPORT.md was stale: it has been written anew, commit it" >&2
		git --no-pager diff --stat -- REPORT.md >&2
		return 1
	fi
}

check() {
	# faketime is the scaled clock; the others judge the headers and the shim on
	# other compilers and machines; ffprobe plays what was recorded.
	need gcc g++ libc6-dev libvo-aacenc-dev ffmpeg faketime gcc-multilib g++-multilib clang valgrind
	lint
	go test -race -timeout 30m ./...
	judge
	stale
}

case "${1:-}" in
judge) judge ;;
port) port ;;
test) check ;;
build) build ;;
crash) crash "${2:-}" ;;
lint) need libvo-aacenc-dev; lint ;;
fixtures) need ffmpeg; go run ./conformance/fixtures/make ;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
