package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/doctor"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// doctorCommand looks at a library before any rule is judged.
func doctorCommand() *cobra.Command {
	o := defaults()
	o.library.Path = ""
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor --target LIBRARY",
		Short: "see whether a library can be judged, and what to mend first",
		Long: `doctor looks at a library before any rule: machine, symbols, sizes and offsets
as the vendor's own headers and compiler see them, the other dialect of the SDK,
loading, the shim's protocol, hooks, the clock, the way to the cloud. Each
finding comes with its remedy.

Exit codes: 0 it can be judged (warnings may remain), 2 wrong usage, 3 something
is bad: a verdict would say nothing.`,
		Example: `  conform doctor --target ./libivcs.so --include ./include
  conform doctor --target ./arm/libivcs.so --include ./include --cc arm-linux-gnueabihf-gcc --exec 'qemu-arm -L /usr/arm-linux-gnueabihf'
  conform doctor --target ./libivcs.so --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.library.Path == "" || o.library.Path == inProcess {
				return errors.New("--target: give the shared object to look at: conform doctor --target ./libivcs.so")
			}
			if err := o.check(); err != nil {
				return err
			}
			var board func() (target.Target, error)
			if o.library.onBoard() {
				board = o.library.openBoard
			}
			r, err := doctor.Examine(cmd.Context(), doctor.Options{
				Board: board,
				Path:  o.library.Path, Include: o.include, Rate: o.rate, Flags: shellWords(o.reproduce()),
				Library: target.LibraryOptions{Shim: o.library.Shim, CC: o.library.CC, Exec: strings.Fields(o.library.Exec), CloudHost: o.library.Listen},
			})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = r.JSON(out)
			} else {
				err = r.Text(out, colorful(out))
			}
			if err == nil && r.Count(doctor.Bad) > 0 {
				return exitCode(verdict.ExitTarget)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.library.Path, "target", "", "`LIBRARY` to look at: the path of a shared object, or tcp://host:port of a board")
	f.StringVar(&o.library.Listen, "listen-address", "", "`HOST` of this machine where the cloud waits (default: loopback, or what a board reaches)")
	f.StringVar(&o.include, "include", "", "`DIR` of the vendor's headers, to compare sizes and offsets")
	f.StringVar(&o.library.CC, "cc", "", "`COMMAND` that compiles the probe and the shim (default $CC, else cc)")
	f.StringVar(&o.library.Shim, "shim", "", "ready-made shim `FILE` instead of one compiled here")
	f.StringVar(&o.library.Exec, "exec", "", "`COMMAND` to run the shim under: 'qemu-arm -L DIR'")
	f.BoolVar(&asJSON, "json", false, "write the findings as JSON")
	return cmd
}

// shellWords joins arguments so that a shell takes them apart again.
func shellWords(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		if quoted[i] = a; a == "" || strings.ContainsAny(a, " \t\n'\"\\$`*?[]{}()<>|&;#~!") {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
