# lanes.sh: the suite drives this port under tools that see what a black box cannot, and on machines of 32 bits.
# `./do lane NAME` in the root of the repository sources it, and has built out/conform; `need` is from there.
#
#   asan       AddressSanitizer with its leak check, and UndefinedBehaviorSanitizer
#   tsan       ThreadSanitizer
#   valgrind   memcheck with its leak check
#   arm i386   the cross-built library under qemu
#
# In each lane each rule fares as it does on this machine without a tool.
# A report of a tool ends the process with a status of its own: the verdict is a crash, with the report's last lines.
# LANE_RULES='PUSH-*' ./do lane asan runs other rules than the lane's own.
# That each tool is awake is proven first, by a copy of the port with a planted fault that the lane must find.

# All chapters but two. ROB takes hours of domain time. MEM measures with the shim's own allocator, which has to
# leave the place to the tool's; under qemu it would measure the emulator.
lane_rules=${LANE_RULES:-'ABI-*,AI-*,BAL-*,BUF-*,CLOCK-*,DIR-*,DUR-001,DUR-002,EVT-*,EXIT-*,EXT-*,FLOW-*,FMT-*,IDLE-*,INIT-*,NET-*,NOTIFY-*,OPT-*,PAR-*,PLAN-*,PRE-*,PUSH-*,REPORT-*,SMP-*,TRANS-*,TS-*,UPL-*,WM-*'}

# Valgrind takes 2 s of a core for each scenario, most of them for its own start and the leak check: a few for each part
# of the library, among them all of exit, where leaks show, and those with errors, where cleaning up is forgotten. What
# is left out differs in what the suite expects, not in the code that runs.
lane_few=${LANE_RULES:-'ABI-001,AI-001,BAL-001,BAL-003,CLOCK-001,DIR-001,DIR-005,EVT-002,EVT-006,EXIT-*,EXT-011,INIT-001,INIT-003,INIT-006,NET-002,NOTIFY-001,NOTIFY-004,PLAN-004,PUSH-003,PUSH-006,PUSH-011,REPORT-001,REPORT-003,TRANS-001,UPL-001,WM-*'}

lane() {
	port=ci/port-c out=$PWD/out/lanes/$1
	mkdir -p "$out"
	case "$1" in
	asan) tool asan 'address,undefined' "$lane_rules" 'char *volatile p = malloc(8); free(p); *p = 1' 'void *volatile p = malloc(8); p = 0; (void)p' ;;
	tsan) tool tsan thread "$lane_rules" 'static pthread_t t; pthread_create(\&t, 0, plant, 0); planted++; pthread_join(t, 0)' ;;
	valgrind)
		need valgrind
		tool valgrind '' "$lane_few" 'char *volatile p = malloc(8); free(p); *p = 1' 'void *volatile p = malloc(8); p = 0; (void)p'
		;;
	# Debian's cross compilers and gcc-multilib exclude each other, hence clang here and the multilib of one gcc there.
	arm)
		need clang lld
		root=$PWD/out/lanes/root-armhf
		cross arm armhf arm-linux-gnueabihf \
			"clang --target=arm-linux-gnueabihf --sysroot=$root --gcc-toolchain=$root/usr -fuse-ld=lld -Wno-unused-command-line-argument"
		;;
	i386)
		v=$(gcc -dumpversion)
		need "gcc-$v-multilib"
		root=$PWD/out/lanes/root-i386
		cross i386 i386 i386-linux-gnu "gcc -m32 --sysroot=$root"
		;;
	*) echo "no lane $1: asan tsan valgrind arm i386" >&2; return 2 ;;
	esac
}

# judge_lane LIBRARY FLAGS...: one run of the suite in virtual time.
judge_lane() {
	out/conform --clock virtual --include reference/include --target "$@"
}

# native judges the port as it is: what every lane has to agree with.
native() {
	need make pkg-config libcurl4-openssl-dev libssl-dev libvo-aacenc-dev jq
	mkdir -p out/lanes
	make -s -j2 -C ci/port-c INCLUDE="$PWD/reference/include" BUILD="$PWD/out/lanes/native" "$PWD/out/lanes/native/libivcs.so"
	judge_lane out/lanes/native/libivcs.so --rules "$lane_rules" --json out/lanes/native.json --title "C port"
}

# as_native VERDICTS: each of its rules has the status that it has without a tool.
as_native() {
	jq -r '.verdicts[] | "\(.rule) \(.status)"' "$1" >"$1.here"
	jq -r --slurpfile lane "$1" '($lane[0].verdicts | map(.rule)) as $rules |
		.verdicts[] | select(.rule | IN($rules[])) | "\(.rule) \(.status)"' out/lanes/native.json >"$1.native"
	diff -u "$1.native" "$1.here"
}

# tool NAME SANITIZERS RULES FAULT...: the port under a tool, after the tool has found each FAULT, a statement
# planted into iv_cs_exit.
tool() {
	name=$1 san=$2 rules=$3
	shift 3
	export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	export TSAN_OPTIONS=allocator_may_return_null=1:halt_on_error=1
	cc="cc -DSHIM_NO_HEAP${san:+ -fsanitize=$san}"
	exec=
	case "$name" in
	# On kernels that scatter addresses over 32 bits, ThreadSanitizer finds its own taken; some containers forbid this.
	tsan) ! setarch -R true 2>/dev/null || exec='setarch -R' ;;
	valgrind) exec='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite' ;;
	esac
	build_lib() { make -s -j2 -C "$1" SAN="$san" INCLUDE="$PWD/reference/include" BUILD="$2" "$2/libivcs.so"; }
	for fault; do
		rm -rf "$out/planted"
		mkdir -p "$out/planted"
		cp -r $port/Makefile $port/src "$out/planted"
		sed -i "s/^    if (in_callback())\$/    { $fault; }\n&/
			1i #include <pthread.h>\n#include <stdlib.h>\nint planted; void *plant(void *p); void *plant(void *p) { planted++; return p; }" \
			"$out/planted/src/iv_cs_init.c"
		build_lib "$out/planted" "$out/planted/build"
		if judge_lane "$out/planted/build/libivcs.so" --rules EXIT-003 --cc "$cc" --exec "$exec" >"$out/planted.txt" 2>&1 ||
			! grep -Eq 'exit code (1|23|66|99)' "$out/planted.txt"; then
			cat "$out/planted.txt"
			echo "lane $name does not see the planted fault: $fault" >&2
			return 1
		fi
	done
	build_lib $port "$out/build"
	judge_lane "$out/build/libivcs.so" --rules "$rules" --json "$out/verdicts.json" --cc "$cc" --exec "$exec" --title "C port, $name"
	as_native "$out/verdicts.json"
}

# cross MACHINE ARCHITECTURE TRIPLET COMPILER: the port built for another machine, with the libraries in $root, and run
# under qemu.
cross() {
	machine=$1 arch=$2 triplet=$3 cc=$4
	need qemu-user
	[ -e "$root/complete" ] || sysroot "$arch" "$root"
	make -s -j2 -C $port BUILD="$out/build" CC="$cc" "$out/build/libivcs.so" LIBS='-lcurl -lcrypto -lvo-aacenc' LIB_CFLAGS= \
		LDFLAGS="-Wl,-rpath-link,$root/usr/lib/$triplet:$root/lib/$triplet"
	judge_lane "$out/build/libivcs.so" --rules "$lane_rules" --json "$out/verdicts.json" --cc "$cc" --title "C port, $machine" \
		--exec "qemu-$machine -L $root -E LD_LIBRARY_PATH=$root/lib/$triplet:$root/usr/lib/$triplet"
	as_native "$out/verdicts.json"
}

# sysroot ARCHITECTURE DIR unpacks the C library and the libraries that the port needs from Debian's packages. They are
# not installed: that would tie their versions to those of this machine's own libraries.
sysroot() {
	v=$(gcc -dumpversion)
	rm -rf "$2"
	mkdir -p "$2/apt/lists/partial" "$2/apt/cache/archives/partial"
	: >"$2/apt/status"
	set -- "$1" "$2" -o APT::Architecture="$1" -o APT::Architectures="$1" -o APT::Sandbox::User=root -o Dir::State="$2/apt" \
		-o Dir::State::Lists="$2/apt/lists" -o Dir::State::status="$2/apt/status" -o Dir::Cache="$2/apt/cache"
	dir=$2
	shift 2
	apt-get "$@" update -qq || echo "some of Debian's lists are not to be had: going on without" >&2
	apt-get "$@" install -y -qq --download-only --no-install-recommends \
		"libgcc-$v-dev" libc6-dev libcurl4-openssl-dev libssl-dev libvo-aacenc-dev >/dev/null
	for package in "$dir"/apt/cache/archives/*.deb; do
		dpkg -x "$package" "$dir"
	done
	rm -rf "$dir/apt"
	touch "$dir/complete"
}
