package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// builtIn names the rules of this program, where a folder of rules is expected.
const builtIn = "built-in"

// diffCommand compares two runs, or two sets of rules.
func diffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "compare two runs, or two sets of rules",
		Long: `diff compares two runs (files that --json wrote): which rules fare worse, which
better, which were added, removed or reworded. It exits with 1 when something
got worse or a new rule is broken, else with 0.

It also compares two sets of rules: folders of the catalogue's YAML files, or
the word built-in for the rules of this program. That exits with 0.`,
		Example: `  conform diff yesterday.json today.json
  conform diff ../conform-1.0/conformance/rules built-in`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			before, after := isRules(args[0]), isRules(args[1])
			switch {
			case before && after:
				return diffRules(cmd.OutOrStdout(), args[0], args[1])
			case before != after:
				return fmt.Errorf("%s and %s: compare two runs (JSON files), or two sets of rules (folders, %s)", args[0], args[1], builtIn)
			}
			return diffRuns(cmd.OutOrStdout(), args[0], args[1])
		},
	}
}

func isRules(arg string) bool {
	st, err := os.Stat(arg)
	return arg == builtIn || err == nil && st.IsDir()
}

func diffRules(w io.Writer, before, after string) error {
	a, err := rulesOf(before)
	if err != nil {
		return err
	}
	b, err := rulesOf(after)
	if err != nil {
		return err
	}
	all := rules.Diff(a, b)
	for _, d := range all {
		fmt.Fprintf(w, "%-8s %s\n", d.Change, d.ID)
		for _, field := range d.Fields {
			fmt.Fprintf(w, "         %s\n", strings.ReplaceAll(field, "\n", " "))
		}
	}
	fmt.Fprintf(w, "%d of %d rules differ\n", len(all), max(len(a.All()), len(b.All())))
	return nil
}

func rulesOf(arg string) (*rules.Catalogue, error) {
	if arg == builtIn {
		return rules.Load()
	}
	c, err := rules.LoadFS(os.DirFS(arg))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	return c, nil
}

func diffRuns(w io.Writer, before, after string) error {
	a, err := readRun(before)
	if err != nil {
		return err
	}
	b, err := readRun(after)
	if err != nil {
		return err
	}
	worse := 0
	groups := []struct {
		title string
		in    func(verdict.Change) bool
	}{
		{"worse", verdict.Change.Worse},
		{"better", verdict.Change.Better},
		{"added", func(c verdict.Change) bool { return c.From == "" && !c.Worse() }},
		{"removed", func(c verdict.Change) bool { return c.To == "" }},
		{"reworded", func(c verdict.Change) bool { return c.Reworded && !c.Worse() && !c.Better() }},
	}
	changes := verdict.Diff(a, b)
	for _, g := range groups {
		for _, c := range changes {
			if !g.in(c) {
				continue
			}
			fmt.Fprintf(w, "%-8s %-12s %s → %s", g.title, c.Rule, none(c.From), none(c.To))
			if c.Reworded {
				fmt.Fprint(w, " (the rule was reworded)")
			}
			fmt.Fprintln(w)
			if c.Worse() {
				worse++
				if c.Why != "" {
					fmt.Fprintf(w, "         %s\n         %s\n", c.Why, b.Rerun(c.Rule))
				}
			}
		}
	}
	fmt.Fprintf(w, "%s → %s: %d worse, %d changes\n", a.Target.Name, b.Target.Name, worse, len(changes))
	if worse > 0 {
		return exitCode(verdict.ExitNotConformant)
	}
	return nil
}

func none(s verdict.Status) string {
	if s == "" {
		return "(none)"
	}
	return string(s)
}
