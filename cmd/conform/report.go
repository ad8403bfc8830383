package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/report"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// reportCommand writes one REPORT.md of several runs, a column each.
func reportCommand() *cobra.Command {
	var path, lang string
	var counted bool
	cmd := &cobra.Command{
		Use:   "report RUN.json...",
		Short: "write one report of several runs, side by side",
		Example: `  conform --target a/libivcs.so --title "A" --json a.json
  conform --target b/libivcs.so --title "B" --json b.json
  conform report a.json b.json --out REPORT.md`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			catalogue, err := rules.Load()
			if err != nil {
				return err
			}
			var killed map[string]int
			if counted {
				if killed, err = kills(catalogue); err != nil {
					return err
				}
			}
			in, err := report.ParseLang(lang)
			if err != nil {
				return err
			}
			var runs []*verdict.Run
			for _, arg := range args {
				run, err := readRun(arg)
				if err != nil {
					return err
				}
				runs = append(runs, run)
			}
			if path == "" {
				return report.Markdown(cmd.OutOrStdout(), catalogue, killed, in, runs...)
			}
			out := output{path: path, write: func(w io.Writer, c *rules.Catalogue, _ *verdict.Run) error {
				return report.Markdown(w, c, killed, in, runs...)
			}}
			if out.file, err = os.Create(path + ".part"); err != nil {
				return fmt.Errorf("cannot write %s: %w; choose a path in a folder that exists", path, err)
			}
			all := outputs{&out}
			defer all.abandon()
			return all.write(catalogue, nil)
		},
	}
	cmd.Flags().StringVar(&lang, "lang", string(report.English), "`LANGUAGE` of the report: en or zh")
	cmd.Flags().BoolVar(&counted, "kills", false, "count for each rule the mutants that it kills: what ./do mutants has shown")
	cmd.Flags().StringVar(&path, "out", "", "write to `FILE` instead of stdout")
	return cmd
}

// readRun reads what --json has written.
func readRun(path string) (*verdict.Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w; give a file that conform --json has written", err)
	}
	defer f.Close()
	run, err := verdict.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}
