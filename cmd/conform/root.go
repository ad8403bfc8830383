package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

const about = `conform judges a library that implements the iv_cs_* cloud-storage API of a
camera SDK by the rules of its specification, rule by rule, against a cloud of
its own.

The library is loaded in a process of its own for every scenario: a crash, a
hang or an exit is that scenario's verdict, and the run goes on. A library that
exports the optional hooks of ivcs_conform.h is judged in virtual time, within
seconds; another one in scaled time (libfaketime) or in real time.`

const examples = `  conform                                       judge the reference in this process
  conform --target ./libivcs.so                 judge a library
  conform --target ./libivcs.so --rules 'INIT-*,EXIT-004' -v
  conform --target ./libivcs.so --report REPORT.md --junit conform.xml --json conform.json
  conform --target ./libivcs.so --html conform.html --artifacts red --waivers waivers.yaml
  conform --target ./libivcs.so --shard 2/4 --json 2.json
  conform --list --rules 'PUSH-*'               the rules and their scenarios
  conform --target ./libivcs.so --alloc-sweep   what becomes of it when memory runs out, at each allocation
  conform --target ./arm/libivcs.so --cc arm-linux-gnueabihf-gcc --exec 'qemu-arm -L /usr/arm-linux-gnueabihf'

Exit codes: 0 conformant, 1 not conformant, 2 wrong usage or configuration,
3 the target cannot be loaded or driven, 4 incomplete (nothing ran, an error, or
a core rule was not judged). A waiver that is stale, expired or does not fit
the failure is 1; a waiver file that cannot be used is 2.`

func rootCommand() *cobra.Command {
	o := defaults()
	root := &cobra.Command{
		Use:           "conform [flags]",
		Short:         "judge an iv_cs_* cloud-storage library by its specification",
		Long:          about,
		Example:       examples,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.configure(cmd.Flags()); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			if o.list || o.untested {
				return listRules(cmd.OutOrStdout(), o)
			}
			if err := o.prepare(); err != nil {
				return err
			}
			// The containers of a run that is over, however it ended.
			defer o.library.Isolation.sweep(cmd.ErrOrStderr())
			if o.porter.Sweep {
				return allocSweep(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o)
			}
			return repeated(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o)
		},
	}
	root.AddCommand(doctorCommand(), inspectCommand(), shimCommand(), relayCommand())
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w; see conform --help", err)
	})
	o.flags(root.Flags())
	root.AddCommand(workerCommand(), mutantsCommand(), reportCommand(), fuzzCommand(), mergeCommand(), diffCommand(), waiveCommand(), cloudCommand(), loadCommand(), reproCommand())
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}
