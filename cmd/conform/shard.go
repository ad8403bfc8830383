package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// dealt is the part of the selected rules that --shard names; all of them
// without it.
func (o *options) dealt(selected []rules.Rule) ([]rules.Rule, *verdict.Shard, error) {
	if o.shard == "" {
		if o.durationsFrom != "" {
			return nil, nil, fmt.Errorf("--durations-from %s: it deals out shards; give --shard i/n as well", o.durationsFrom)
		}
		return selected, nil, nil
	}
	shard, err := parseShard(o.shard)
	if err != nil {
		return nil, nil, err
	}
	var known map[string]int64
	if o.durationsFrom != "" {
		run, err := readRun(o.durationsFrom)
		if err != nil {
			return nil, nil, fmt.Errorf("--durations-from: %w", err)
		}
		known = durations(run)
	}
	return deal(selected, shard.Count, known)[shard.Index-1], shard, nil
}

func parseShard(s string) (*verdict.Shard, error) {
	i, n, ok := strings.Cut(s, "/")
	index, err := strconv.Atoi(i)
	count, err2 := strconv.Atoi(n)
	if !ok || err != nil || err2 != nil || index < 1 || index > count {
		return nil, fmt.Errorf("--shard %s: write I/N, the I-th of N parts: 1/4 to 4/4", s)
	}
	return &verdict.Shard{Index: index, Count: count}, nil
}

// durations tells how long each rule took, in milliseconds of the machine.
func durations(run *verdict.Run) map[string]int64 {
	known := make(map[string]int64)
	for _, v := range run.Verdicts {
		for _, o := range v.Outcomes {
			known[v.Rule] += o.RealMS
		}
	}
	return known
}

// deal splits the rules into n parts, the same on every machine: in turn, or,
// where durations are known, the longest first to the part that has least to do.
// A rule of unknown duration counts as the mean of the others.
func deal(selected []rules.Rule, n int, known map[string]int64) [][]rules.Rule {
	parts := make([][]rules.Rule, n)
	if len(known) == 0 {
		for i, r := range selected {
			parts[i%n] = append(parts[i%n], r)
		}
		return parts
	}
	var sum int64
	for _, ms := range known {
		sum += ms
	}
	mean := sum / int64(len(known))
	took := func(i int) int64 {
		if ms, ok := known[selected[i].ID]; ok {
			return ms
		}
		return mean
	}
	order := make([]int, len(selected))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(took(b), took(a)) })
	dealt := make([][]int, n)
	load := make([]int64, n)
	for _, i := range order {
		least := 0
		for p := range n {
			// Rules that take no time are spread all the same.
			if cmp.Or(cmp.Compare(load[p], load[least]), cmp.Compare(len(dealt[p]), len(dealt[least]))) < 0 {
				least = p
			}
		}
		dealt[least] = append(dealt[least], i)
		load[least] += took(i)
	}
	for p, indices := range dealt {
		slices.Sort(indices)
		for _, i := range indices {
			parts[p] = append(parts[p], selected[i])
		}
	}
	return parts
}
