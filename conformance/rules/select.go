package rules

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Select picks rules by patterns: an id ("INIT-004"), a chapter ("INIT-*"),
// several chapters ("CB-*"); each argument may hold several, separated by
// commas. Small letters do as well. No argument at all picks every rule. The
// result is in the order of the specification, each rule once.
//
// A pattern that matches nothing is an error that suggests what may have been
// meant, so that a misspelt pattern never passes for a run of nothing.
func (c *Catalogue) Select(globs ...string) ([]Rule, error) {
	all := c.All()
	if len(globs) == 0 {
		return all, nil
	}
	wanted := make(map[string]bool)
	for glob := range strings.SplitSeq(strings.Join(globs, ","), ",") {
		glob = strings.ToUpper(strings.TrimSpace(glob))
		if glob == "" {
			continue
		}
		found := false
		for _, r := range all {
			match, err := path.Match(glob, r.ID)
			if err != nil {
				return nil, fmt.Errorf("rule pattern %q: %w: write an id such as INIT-004, or * for any letters", glob, err)
			}
			if match {
				wanted[r.ID] = true
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("no rule matches %q: %s", glob, c.suggest(glob))
		}
	}
	if len(wanted) == 0 {
		return nil, errors.New("no rule is selected: name patterns such as INIT-*, or leave the selection out to run all rules")
	}
	return slices.DeleteFunc(all, func(r Rule) bool { return !wanted[r.ID] }), nil
}

// suggest names the ids and chapters that look most like the pattern.
func (c *Catalogue) suggest(glob string) string {
	type near struct {
		name     string
		distance int
	}
	var best []near
	consider := func(name string) {
		// Half of the name may be wrong; more is no likeness.
		if d := distance(glob, name); d <= max(2, len(name)/2) {
			best = append(best, near{name, d})
		}
	}
	for _, ch := range c.chapters {
		consider(ch.ID + "-*")
		for _, r := range ch.Rules {
			consider(r.ID)
		}
	}
	if len(best) == 0 {
		chapters := make([]string, len(c.chapters))
		for i, ch := range c.chapters {
			chapters[i] = ch.ID + "-*"
		}
		return "the chapters are " + strings.Join(chapters, ", ")
	}
	slices.SortStableFunc(best, func(a, b near) int { return a.distance - b.distance })
	names := make([]string, 0, 3)
	for _, n := range best[:min(3, len(best))] {
		names = append(names, n.name)
	}
	return "did you mean " + strings.Join(names, ", ") + "?"
}

// distance counts the letters to insert, delete or replace between a and b
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
