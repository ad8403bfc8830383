package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/target"
)

// openBoard makes a target of a library on a board.
func (s librarySpec) openBoard() (target.Target, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to lead to the board: %w", err)
	}
	return target.Board(s.Path, []string{self, "relay"}, target.LibraryOptions{CloudHost: s.cloudHost()})
}

func (s librarySpec) onBoard() bool { return strings.HasPrefix(s.Path, target.BoardScheme) }

// cloudHost is the address of this machine where the cloud waits: the one given,
// or the one from which the board is reached, or "" for loopback.
func (s librarySpec) cloudHost() string {
	if s.Listen != "" {
		return s.Listen
	}
	conn, err := net.Dial("udp", strings.TrimPrefix(s.Path, target.BoardScheme)) // sends nothing: only the route is asked
	if err != nil {
		return ""
	}
	defer conn.Close()
	host, _, _ := net.SplitHostPort(conn.LocalAddr().String())
	return host
}

// relayCommand is the hidden command that stands for the shim of a board.
func relayCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "relay BOARD [OPTIONS]",
		Short:  "lead from a conform that started this process to a board",
		Hidden: true,
		Args:   cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			options := ""
			if len(args) > 1 {
				options = args[1]
			}
			code, err := target.Relay(cmd.Context(), args[0], options)
			if err == nil && code != 0 {
				return exitCode(code)
			}
			return err
		},
	}
}

// shimCommand writes the shim, for a board.
func shimCommand() *cobra.Command {
	var o target.LibraryOptions
	var path string
	cmd := &cobra.Command{
		Use:   "shim -o FILE",
		Short: "compile the shim, to run it on a board",
		Example: `  conform shim --cc arm-linux-gnueabihf-gcc -o shim      here
  ./shim --listen 7000 ./libivcs.so                      on the board
  conform --target tcp://board:7000                      here`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if path == "" {
				return errors.New("-o: give the file to write: conform shim -o shim")
			}
			program, err := target.Shim(o)
			if err != nil {
				return err
			}
			return copyProgram(path, program)
		},
	}
	cmd.Flags().StringVarP(&path, "output", "o", "", "write it to `FILE`")
	cmd.Flags().StringVar(&o.CC, "cc", "", "`COMMAND` that compiles it (default $CC, else cc)")
	cmd.Flags().StringSliceVar(&o.CFlags, "cflags", nil, "flags to add: -static, --sysroot=DIR")
	return cmd
}

func copyProgram(path, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := writeFile(path, func(w io.Writer) error { _, err := io.Copy(w, in); return err }); err != nil {
		return err
	}
	return os.Chmod(path, 0o755)
}
