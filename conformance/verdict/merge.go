package verdict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Merge joins the shards of one run. Every shard has to be there once, all of
// the same run; a rule in two shards, or in none, is an error. Waivers are to be
// applied again: what one shard passed another may have seen broken.
func Merge(runs ...*Run) (*Run, error) {
	if len(runs) == 0 {
		return nil, errors.New("nothing to merge: name the JSON file of every shard")
	}
	if err := complete(runs); err != nil {
		return nil, err
	}
	runs = slices.Clone(runs)
	for i, r := range runs {
		part := *r
		part.Verdicts, part.InPassing = slices.Clone(r.Verdicts), slices.Clone(r.InPassing)
		part.unwaive()
		runs[i] = &part
	}
	merged := &Run{Schema: Schema, About: runs[0].About, Verdicts: []Verdict{}}
	merged.Shard = nil
	owner := make(map[string]*Run)
	var twice []string
	for _, r := range runs {
		for _, v := range r.Verdicts {
			if owner[v.Rule] != nil {
				twice = append(twice, v.Rule)
			}
			owner[v.Rule] = r
		}
	}
	if len(twice) > 0 {
		return nil, fmt.Errorf("%d %s judged in more than one shard: %s: deal each rule to one shard", len(twice), plural(twice), Some(twice))
	}
	var missing []string
	for _, id := range merged.Selection {
		r := owner[id]
		if r == nil {
			missing = append(missing, id)
			continue
		}
		v, _ := r.Verdict(id)
		merged.Verdicts = append(merged.Verdicts, v)
		delete(owner, id)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%d selected %s judged in no shard: %s: run the shard that was to judge them again", len(missing), plural(missing), Some(missing))
	}
	if len(owner) > 0 {
		extra := slices.Sorted(maps.Keys(owner))
		return nil, fmt.Errorf("%d %s judged and not selected: %s: merge the shards of one run", len(extra), plural(extra), Some(extra))
	}
	for _, r := range runs {
		for _, v := range r.InPassing {
			merged.pass(v)
		}
	}
	slices.SortStableFunc(merged.InPassing, func(a, b Verdict) int { return bytes.Compare([]byte(a.Rule), []byte(b.Rule)) })
	return merged, nil
}

// pass files what one shard saw in passing: with the verdict of the shard that
// judged the rule, if one did.
func (r *Run) pass(v Verdict) {
	for _, list := range []*[]Verdict{&r.Verdicts, &r.InPassing} {
		for i := range *list {
			if have := &(*list)[i]; have.Rule == v.Rule {
				have.Outcomes = append(slices.Clone(have.Outcomes), v.Outcomes...)
				if w := worst(have.Status, v.Status); w != have.Status {
					have.Status, have.Reason, have.Promoted = w, v.Reason, v.Promoted
				}
				return
			}
		}
	}
	r.InPassing = append(r.InPassing, v)
}

// complete refuses shards that are not of one run, or not all of it.
func complete(runs []*Run) error {
	first, err := identity(runs[0])
	if err != nil {
		return err
	}
	if runs[0].Shard == nil {
		return errors.New("the first run is no shard: merge what conform --shard i/n --json wrote")
	}
	count := runs[0].Shard.Count
	seen := make(map[int]bool)
	for i, r := range runs {
		switch {
		case r.Shard == nil || r.Shard.Count != count:
			return fmt.Errorf("run %d is not one of %d shards: merge the shards of one run", i+1, count)
		case r.Shard.Index < 1 || r.Shard.Index > count:
			return fmt.Errorf("shard %d/%d does not exist: shards count from 1", r.Shard.Index, count)
		case seen[r.Shard.Index]:
			return fmt.Errorf("shard %d/%d is given twice: give each once", r.Shard.Index, count)
		}
		seen[r.Shard.Index] = true
		other, err := identity(r)
		if err != nil {
			return err
		}
		if !bytes.Equal(first, other) {
			return fmt.Errorf("shard %d/%d differs from the first in %s: run all shards with the same arguments and the same conform", r.Shard.Index, count, differs(first, other))
		}
	}
	for i := 1; i <= count; i++ {
		if !seen[i] {
			return &MissingShardError{Index: i, Count: count}
		}
	}
	return nil
}

// MissingShardError: a part of the run is not there.
type MissingShardError struct{ Index, Count int }

func (e *MissingShardError) Error() string {
	return fmt.Sprintf("shard %d/%d is missing: run it, and merge all of them", e.Index, e.Count)
}

// differs names the fields of two identities that are not the same.
func differs(a, b []byte) string {
	var x, y map[string]json.RawMessage
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return "everything"
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(x)) {
		if !bytes.Equal(x[name], y[name]) {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(y)) {
		if _, both := x[name]; !both {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// identity is what the shards of one run have in common.
func identity(r *Run) ([]byte, error) {
	about := r.About
	about.Shard = nil
	data, err := json.Marshal(about)
	if err != nil {
		return nil, fmt.Errorf("compare the shards: %w", err)
	}
	return data, nil
}
