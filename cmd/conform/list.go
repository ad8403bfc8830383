package main

import (
	"fmt"
	"io"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/specs"
	"github.com/ivcs/conform/conformance/target"
)

// listRules prints the selected rules with their scenarios, or the testable
// ones that no spec cites.
func listRules(w io.Writer, o *options) error {
	catalogue, err := rules.Load()
	if err != nil {
		return err
	}
	selected, err := catalogue.Select(o.rules...)
	if err != nil {
		return fmt.Errorf("--rules: %w", err)
	}
	declared := declarations(catalogue, target.Reference())
	for _, r := range selected {
		if o.untested && (!r.Testable() || len(declared[r.ID]) > 0) {
			continue
		}
		fmt.Fprintf(w, "%-12s %-7s %s\n%21s%s\n", r.ID, r.Level, r.EN, "", r.ZH)
		for _, title := range declared[r.ID] {
			fmt.Fprintf(w, "%21s- %s\n", "", title)
		}
	}
	return nil
}

// declarations are the scenarios' titles by rule. Nothing is run.
func declarations(catalogue *rules.Catalogue, t target.Target) map[string][]string {
	suite := scenario.NewSuite(scenario.Config{
		Target: t, Catalogue: catalogue, Selected: func(string) bool { return false },
	})
	specs.Declare(suite)
	declared := make(map[string][]string)
	for _, d := range suite.Declared {
		declared[d.Rule] = append(declared[d.Rule], d.Title)
	}
	return declared
}

// due are the scenarios of the selected rules.
func due(catalogue *rules.Catalogue, selected []rules.Rule, t target.Target) []claim {
	declared := declarations(catalogue, t)
	var all []claim
	for _, r := range selected {
		for _, title := range declared[r.ID] {
			all = append(all, claim{r.ID, title})
		}
	}
	return all
}
