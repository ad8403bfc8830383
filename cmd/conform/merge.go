package main

import (
	"github.com/spf13/cobra"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/report"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// mergeCommand joins the shards of one run and judges the whole.
func mergeCommand() *cobra.Command {
	var o outputOptions
	cmd := &cobra.Command{
		Use:   "merge SHARD.json...",
		Short: "join the shards of one run and judge the whole",
		Long: `merge joins what conform --shard i/n --json wrote on several machines, and
prints, writes and exits as the run as a whole would have. Shards of another
target, clock or set of rules are refused (2); one that is missing makes the
run incomplete (4).`,
		Example: `  conform --target ./libivcs.so --shard 1/2 --json 1.json
  conform --target ./libivcs.so --shard 2/2 --json 2.json
  conform merge 1.json 2.json --html conform.html --junit conform.xml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			catalogue, err := rules.Load()
			if err != nil {
				return err
			}
			outputs, err := o.open()
			if err != nil {
				return err
			}
			defer outputs.abandon()
			var parts []*verdict.Run
			for _, arg := range args {
				part, err := readRun(arg)
				if err != nil {
					return err
				}
				parts = append(parts, part)
			}
			run, err := verdict.Merge(parts...)
			if err != nil {
				return err
			}
			now := new(clock.Clock).Now()
			run.Waive(now)
			if err := outputs.write(catalogue, run); err != nil {
				return err
			}
			soon := endingSoon(run.Waivers, now, report.Lang(o.lang))
			return o.tell(cmd.OutOrStdout(), cmd.ErrOrStderr(), catalogue, run, soon)
		},
	}
	o.flags(cmd.Flags())
	return cmd
}
