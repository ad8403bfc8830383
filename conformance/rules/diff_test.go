package rules_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/rules"
)

func TestDiffNamesWhatChanged(t *testing.T) {
	before, err := rules.LoadFS(folder(nil))
	if err != nil {
		t.Fatal(err)
	}
	after, err := rules.LoadFS(folder(map[string]string{"03-init.yaml": strings.NewReplacer(
		"id: INIT-002", "id: INIT-003", `"Return code."`, `"The code."`).Replace(goodChapter)}))
	if err != nil {
		t.Fatal(err)
	}
	got := rules.Diff(before, after)
	want := []rules.Difference{
		{ID: "INIT-001", Change: rules.Changed, Fields: []string{"observe: Return code. → The code."}},
		{ID: "INIT-002", Change: rules.Removed},
		{ID: "INIT-003", Change: rules.Added, Fields: []string{"SHOULD: It survives."}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if none := rules.Diff(before, before); len(none) != 0 {
		t.Errorf("a catalogue differs from itself: %+v", none)
	}
}
