package target

import (
	"regexp"
	"strings"
)

// UnderGDB is a runner for LibraryOptions.Exec that lets gdb print a backtrace
// where the library crashes. Everything goes to stderr, gdb's words and the
// library's; the crash itself is told by the shim, as ever, and the exit code is
// the shim's, or 139 behind a signal.
func UnderGDB() []string {
	return []string{"sh", "-c", `exec gdb -nx -q -batch -return-child-result \
-ex 'set confirm off' -ex 'set print thread-events off' -ex 'set style enabled off' -ex 'set debuginfod enabled off' \
-ex 'handle SIGPIPE SIGURG nostop noprint pass' -ex run -ex 'bt 16' -ex continue -ex 'quit $_isvoid($_exitcode) ? 139 : $_exitcode' \
--args "$@" 1>&2`, "gdb"}
}

var (
	stackFrame = regexp.MustCompile(`^#\d+ `)
	address    = regexp.MustCompile(`0x[0-9a-f]{8,} in `)
)

// backtrace takes the frames that gdb has printed out of a library's stderr.
func backtrace(stderr []string) string {
	var frames []string
	for _, line := range stderr {
		if stackFrame.MatchString(line) {
			frames = append(frames, address.ReplaceAllString(line, "in "))
		}
	}
	return strings.Join(frames, "\n")
}
