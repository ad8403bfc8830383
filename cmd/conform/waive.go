package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// waiveCommand keeps a waiver file in step with a run.
func waiveCommand() *cobra.Command {
	var path string
	var update bool
	var fresh verdict.Waiver
	cmd := &cobra.Command{
		Use:   "waive RUN.json",
		Short: "bring a waiver file in step with a run",
		Long: `waive compares a waiver file with a complete run (conform --json) and says what
is out of step: waivers that are no longer needed, messages that have changed,
failures that nothing excuses. It exits with 1 when there is any.

With --update it rewrites the file: comments and all other lines stay as they
are. A new waiver has the reason, owner and expiry that are given here; what is
not given stays empty, and the next run refuses the file until somebody has
written it. Crashes, hangs and failures of the harness get no waiver. A run that
is a shard, a selection or incomplete is refused.`,
		Example: `  conform --target ./libivcs.so --json run.json
  conform waive run.json --waivers waivers.yaml
  conform waive run.json --waivers waivers.yaml --update --owner 'camera team' --expires 2027-06-30`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			catalogue, err := rules.Load()
			if err != nil {
				return err
			}
			run, err := readRun(args[0])
			if err != nil {
				return err
			}
			if err := whole(run, catalogue); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			file, err := parseWaivers(path)
			if errors.Is(err, fs.ErrNotExist) {
				file, err = verdict.ParseWaivers(path, nil)
			}
			if err != nil {
				return err
			}
			text, changes, err := file.Update(run, fresh)
			if err != nil {
				return err
			}
			for _, c := range changes {
				fmt.Fprintln(cmd.OutOrStdout(), c)
			}
			switch {
			case len(changes) == 0:
				fmt.Fprintf(cmd.OutOrStdout(), "%s is in step with the run\n", path)
				return nil
			case !update:
				fmt.Fprintln(cmd.OutOrStdout(), "nothing is written without --update")
				return exitCode(verdict.ExitNotConformant)
			}
			if err := os.WriteFile(path+".part", []byte(text), 0o644); err != nil {
				return fmt.Errorf("cannot write %s: %w", path, err)
			}
			return os.Rename(path+".part", path)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&path, "waivers", "waivers.yaml", "the waiver `FILE`")
	f.BoolVar(&update, "update", false, "rewrite the file")
	f.StringVar(&fresh.Reason, "reason", "", "`REASON` of new waivers")
	f.StringVar(&fresh.Owner, "owner", "", "`OWNER` of new waivers")
	f.StringVar(&fresh.Link, "link", "", "`LINK` of new waivers")
	f.StringVar(&fresh.Expires, "expires", "", "last `DAY` of new waivers: 2027-06-30")
	return cmd
}

// whole refuses a run that does not tell about all rules.
func whole(run *verdict.Run, c *rules.Catalogue) error {
	switch {
	case run.Shard != nil:
		return errors.New("this is a shard; join all of them with conform merge first")
	case run.Versions["catalogue"] != c.Digest():
		return errors.New("the run was judged by other rules than this program has; run again")
	case len(run.Verdicts) < len(c.All()):
		return fmt.Errorf("the run judged %d of %d rules; run again without --rules", len(run.Verdicts), len(c.All()))
	}
	if why := run.Incomplete(); len(why) > 0 {
		return fmt.Errorf("the run is incomplete: %s; run again", why[0])
	}
	return nil
}
