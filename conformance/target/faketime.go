package target

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// faketimePlaces is where libfaketime is looked for: Debian's package faketime,
// on any machine, and what other distributions use.
var faketimePlaces = []string{
	"/usr/lib/*/faketime/libfaketimeMT.so.1",
	"/usr/lib*/faketime/libfaketimeMT.so.1",
	"/usr/local/lib/faketime/libfaketimeMT.so.1",
}

// faketime finds a libfaketime for the library's machine.
func (l *library) faketime() (string, error) {
	var all []string
	if l.options.Faketime != "" {
		all = []string{l.options.Faketime}
	} else {
		for _, pattern := range faketimePlaces {
			found, _ := filepath.Glob(pattern) // the patterns are right
			all = append(all, found...)
		}
	}
	for _, path := range all {
		f, err := elf.Open(path)
		if err != nil {
			continue
		}
		same := f.Machine == l.object.machine && f.Class == l.object.class
		f.Close()
		if same {
			return path, nil
		}
	}
	if len(all) == 0 {
		return "", errors.New("libfaketimeMT.so.1 is not there (Debian: apt install faketime)")
	}
	return "", fmt.Errorf("%s is not for %s (Debian: apt install libfaketime of that architecture)", all[0], machineName(l.object.machine, l.object.class))
}

func (l *library) canScale() error {
	_, err := l.faketime()
	return err
}

// scaled is the environment that makes a process run on a scaled clock. Time
// begins at Start when the process does, and is given in seconds so that no
// time zone matters.
func (l *library) scaled(env []string, s Scale) []string {
	path, _ := l.faketime() // canScale has found it
	preload := path
	for _, e := range env {
		if before, ok := strings.CutPrefix(e, "LD_PRELOAD="); ok && before != "" {
			preload = before + ":" + path
		}
	}
	start := strconv.FormatFloat(float64(s.Start.UnixMilli())/1000, 'f', 3, 64)
	return []string{
		"LD_PRELOAD=" + preload,
		"FAKETIME_FMT=%s",
		"FAKETIME=@" + start + " x" + strconv.FormatFloat(s.Rate, 'f', -1, 64),
	}
}

// environment is that of this process, less what would configure a library, and
// with the given variables.
func environment(more ...[]string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "IVCS_") && !strings.HasPrefix(e, "FAKETIME") {
			env = append(env, e)
		}
	}
	for _, m := range more {
		env = append(env, m...)
	}
	return env
}
