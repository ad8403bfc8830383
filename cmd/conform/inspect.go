package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/inspect"
	"github.com/ivcs/conform/conformance/verdict"
)

// inspectCommand looks at recordings.
func inspectCommand() *cobra.Command {
	var asJSON bool
	var svg, page string
	cmd := &cobra.Command{
		Use:   "inspect FILE|DIR|M3U8|URL",
		Short: "see what is wrong with a recording, and where",
		Long: `inspect looks at stored MPEG-TS segments: is each decodable alone, are times in
the right unit and order, do sound and picture stay together, are P frames or
packets missing, is sound announced that never comes, PCR, continuity, GOP, holes
and overlaps between segments. Places are bytes and packets.

Exit codes: 0 nothing wrong, 1 something is, 2 wrong usage.`,
		Example: `  conform inspect segment.ts
  conform inspect recording/ --html recording.html
  conform inspect 'http://127.0.0.1:8080/play/P/camera-01/timeshift.m3u8?starttime_epoch=0&endtime_epoch=9999999999'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("inspect takes one recording: a file, a folder, an m3u8 or a URL; see conform inspect --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := inspect.Examine(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			for _, out := range []struct {
				path  string
				write func(io.Writer) error
			}{{svg, r.SVG}, {page, r.HTML}} {
				if err := writeFile(out.path, out.write); err != nil {
					return err
				}
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = r.JSON(out)
			} else {
				err = r.Text(out, colorful(out))
			}
			if err == nil && len(r.Findings) > 0 {
				return exitCode(verdict.ExitNotConformant)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&svg, "svg", "", "draw the time line to `FILE`")
	f.StringVar(&page, "html", "", "write picture and findings to `FILE`")
	f.BoolVar(&asJSON, "json", false, "write the findings as JSON")
	return cmd
}

// writeFile makes a file; "" is none.
func writeFile(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w; choose a path in a folder that exists", path, err)
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
