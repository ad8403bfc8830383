package containers

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"strings"
)

// needed finds the shared objects that a program or library needs, as this
// machine's loader does, itself among them: all paths absolute.
func needed(object string) ([]string, error) {
	out, err := exec.Command("ldd", object).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("ldd %s: %w: %s", object, err, bytes.TrimSpace(out))
	}
	return loaded(string(out), object)
}

// loaded reads what ldd prints: "libc.so.6 => /lib/libc.so.6 (0x…)", or for the
// loader "/lib64/ld-linux-x86-64.so.2 (0x…)".
func loaded(text, object string) ([]string, error) {
	var paths []string
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		name, where, found := strings.Cut(line, " => ")
		if !found {
			where = name
		}
		if strings.HasPrefix(where, "not found") {
			return nil, fmt.Errorf("%s needs %s, which this machine does not have", object, name)
		}
		if file, _, _ := strings.Cut(where, " "); strings.HasPrefix(file, "/") {
			paths = append(paths, file)
		}
	}
	return paths, nil
}
