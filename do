#!/bin/sh
# The project's chores. Each installs what it needs: it is enough to have
# Debian, Go and gcc.
#
#   ./do judge    judge the reference and the example port in C through their C ABI, write REPORT.md
#   ./do port     build the example port and judge it alone
#   ./do lanes    the example port under sanitizers, valgrind, and as 32-bit ARM and x86
#   ./do lane L   one of them: asan, tsan, valgrind, arm, i386
#   ./do mutants  build the reference with each deliberate fault: its rule must notice
#   ./do test     all tests and checks
#   ./do build    the command (out/conform) and the reference (out/libivcs.so)
#   ./do bench    measure beside the peers, write docs/performance.md
#   ./do fuzz     10,000 sequences of calls on the reference and on the port (./do fuzz 500: so many)
#   ./do fuzz-native  each parser on made-up bytes for a while (./do fuzz-native 5m: so long)
#   ./do containers  both libraries in containers without a network, and with a real S3 server
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

# judge writes REPORT.md of both implementations, and fails if one does not conform.
judge() {
	build
	out/conform --target out/libivcs.so --title "Go reference, C ABI" --include reference/include \
		--junit out/reference.xml --json out/reference.json
	port
	out/conform report out/reference.json out/port-c.json --kills --out REPORT.md
}

# build_port builds the example port in C.
build_port() {
	need make pkg-config libcurl4-openssl-dev libssl-dev libvo-aacenc-dev
	make -s -C ci/port-c BUILD="$PWD/out/port-c" "$@"
}

# port judges it.
port() {
	build
	build_port
	out/conform --target out/port-c/libivcs.so --title "C port" --include reference/include --json out/port-c.json
}

# bench measures beside the peers; nothing of it is a test.
bench() {
	build
	build_port
	need faketime # the scaled clock
	(cd bench && go vet ./... && {
		go test -run '^$' -bench . -skip '^Benchmark(Load|Memory|Push|PushAllocations|Suite)$' -benchtime 0.5s -count 3 -timeout 30m .
		go test -run '^$' -bench '^Benchmark(Load|Memory|Push|PushAllocations|Suite)$' -benchtime 1x -timeout 60m .
	} | tee ../out/bench.txt)
	(cd bench && go run ./plot -results ../out/bench.txt -page ../docs/performance.md)
}

# fuzz holds both libraries to the model of package sequence.
fuzz() {
	build
	build_port
	for library in reference out/libivcs.so out/port-c/libivcs.so; do
		out/conform fuzz --target "$library" --checks "$1" --seed "${SEED:-1}"
	done
}

# fuzz_native runs every native fuzz target, one after the other.
fuzz_native() {
	need gcc libc6-dev libvo-aacenc-dev
	grep -rl '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r package; do
		for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$package"/*_test.go); do
			echo "$package $target"
			go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$1" </dev/null
		done
	done
}

# lanes judges the example port under tools and on other machines.
lanes() {
	. ci/port-c/lanes.sh
	need gcc libc6-dev
	mkdir -p out
	go build -o out/conform ./cmd/conform
	native
	for l in "$@"; do (lane "$l"); done
}

# mutants writes docs/kill-matrix.md, and fails if a fault goes unnoticed or the
# page was stale. With arguments (--every 10, --rules 'INIT-*') it is a sample
# without a page.
mutants() {
	need gcc libc6-dev libvo-aacenc-dev
	mkdir -p out
	go build -o out/conform ./cmd/conform
	if [ $# -gt 0 ]; then
		out/conform mutants "$@"
		return
	fi
	out/conform mutants --page docs/kill-matrix.md
	stale docs/kill-matrix.md
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

# containers judges what only a container engine allows.
containers() {
	build
	build_port
	for library in out/libivcs.so out/port-c/libivcs.so; do
		out/conform --target "$library" --isolate container --rules 'NET-*,ROB-020'
		out/conform --target "$library" --s3 container --rules 'UPL-*,CB-PIC-*,ROB-022'
	done
}

crash() {
	need gcc libc6-dev libvo-aacenc-dev
	IVCS_CRASH_TRIES=${1:-50} go test ./cmd/conform -run '^TestKilledAtAnyMoment' -count 1 -v
}

# stale fails unless a generated page is committed as it is written now.
stale() {
	if [ -n "$(git status --porcelain -- "$1")" ]; then
		echo "$1 was stale: it has been written anew, commit it" >&2
		git --no-pager diff --stat -- "$1" >&2
		return 1
	fi
}

check() {
	# faketime is the scaled clock; the others judge the headers and the shim on
	# other compilers and machines; ffprobe plays what was recorded, gdb tells where a
	# library crashed. The example port records what chromium plays on the cloud's page.
	need gcc g++ libc6-dev libvo-aacenc-dev ffmpeg gdb faketime qemu-user clang valgrind
	need chromium fonts-dejavu-core make pkg-config libcurl4-openssl-dev libssl-dev
	# Not gcc-multilib: apt would remove the cross compilers for it, and it for them.
	v=$(gcc -dumpversion)
	need "gcc-$v-multilib" "g++-$v-multilib"
	lint
	go test -race -timeout 45m ./...
	judge
	stale REPORT.md
	lanes asan tsan valgrind arm i386
	mutants
}

case "${1:-}" in
judge) judge ;;
port) port ;;
lanes) lanes asan tsan valgrind arm i386 ;;
lane) lanes "${2:-none}" ;;
mutants) shift; mutants "$@" ;;
test) check ;;
build) build ;;
bench) bench ;;
containers) containers ;;
crash) crash "${2:-}" ;;
lint) need libvo-aacenc-dev; lint ;;
fuzz) fuzz "${2:-10000}" ;;
fuzz-native) fuzz_native "${2:-20s}" ;;
fixtures) need ffmpeg; go run ./conformance/fixtures/make ;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
