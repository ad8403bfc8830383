package rules

import (
	"fmt"
	"reflect"
)

// Difference is how a rule differs between two catalogues.
type Difference struct {
	ID     string
	Change Change
	Fields []string // of a changed rule: "level: MUST → SHOULD"
}

// Change is what became of a rule.
type Change string

const (
	Added   Change = "added"
	Removed Change = "removed"
	Changed Change = "changed"
)

// Diff lists the rules that differ, those of before first, in the order of the
// specification.
func Diff(before, after *Catalogue) []Difference {
	var all []Difference
	for _, old := range before.All() {
		now, ok := after.Rule(old.ID)
		if !ok {
			all = append(all, Difference{ID: old.ID, Change: Removed})
		} else if fields := fieldsThatDiffer(old, now); len(fields) > 0 {
			all = append(all, Difference{ID: old.ID, Change: Changed, Fields: fields})
		}
	}
	for _, now := range after.All() {
		if _, ok := before.Rule(now.ID); !ok {
			all = append(all, Difference{ID: now.ID, Change: Added, Fields: []string{string(now.Level) + ": " + now.EN}})
		}
	}
	return all
}

func fieldsThatDiffer(a, b Rule) []string {
	var fields []string
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if from, to := x.Field(i).Interface(), y.Field(i).Interface(); !reflect.DeepEqual(from, to) {
			name := x.Type().Field(i).Tag.Get("yaml")
			fields = append(fields, fmt.Sprintf("%s: %v → %v", name, from, to))
		}
	}
	return fields
}
