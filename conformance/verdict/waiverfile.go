package verdict

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/ivcs/conform/conformance/rules"
)

// WaiverFile is a file of waivers as it was read: its text stays as people wrote it.
type WaiverFile struct {
	Name    string
	Waivers []Waiver

	text  string
	items []ast.Node // of the list, one for each waiver
}

// ParseWaivers reads a waiver file:
//
//	waivers:
//	  - rule: INIT-004
//	    message: "expected an error IV_ERR_*, got IV_ERR_NONE"
//	    reason: "the buffer is rounded up, not refused"
//	    owner: "camera team"
//	    link: https://tracker.example/CAM-17
//	    expires: 2027-01-31
//
// What does not even parse is an error here; Check tells what is wrong with the
// entries.
func ParseWaivers(name string, data []byte) (*WaiverFile, error) {
	tree, err := parser.ParseBytes(data, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: mend the YAML", name, yaml.FormatError(err, false, false))
	}
	file := &WaiverFile{Name: name, text: string(data)}
	var form struct {
		Waivers []Waiver `yaml:"waivers"`
	}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return file, nil
	}
	if err := yaml.UnmarshalWithOptions(data, &form, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s: a waiver has rule, message, reason, owner, link and expires", name, yaml.FormatError(err, false, false))
	}
	file.Waivers = form.Waivers
	if list := listOf(tree.Docs[0].Body, "waivers"); list != nil {
		file.items = list.Values
	}
	for i := range file.Waivers {
		if i < len(file.items) {
			file.Waivers[i].Line = firstToken(file.items[i])
		}
	}
	return file, nil
}

// listOf finds the list under a key.
func listOf(n ast.Node, key string) *ast.SequenceNode {
	m, ok := n.(ast.MapNode)
	if !ok {
		return nil
	}
	for it := m.MapRange(); it.Next(); {
		if it.Key().String() == key {
			list, _ := it.Value().(*ast.SequenceNode)
			return list
		}
	}
	return nil
}

// firstToken is the line on which an item begins.
func firstToken(n ast.Node) int {
	if m, ok := n.(ast.MapNode); ok {
		if it := m.MapRange(); it.Next() {
			return it.Key().GetToken().Position.Line
		}
	}
	return n.GetToken().Position.Line
}

// leastLetters is how many letters a message must have: fewer are found in
// almost every finding.
const leastLetters = 12

// Check refuses what can be seen without a run, all at once: what a waiver
// lacks, rules that do not exist or are not selected, and messages that would
// excuse anything.
func (f *WaiverFile) Check(cat *rules.Catalogue, selected []string) error {
	var all []error
	refuse := func(w Waiver, problem, remedy string) {
		all = append(all, fmt.Errorf("%s:%d: waiver of %s: %s: %s", f.Name, w.Line, w.Rule, problem, remedy))
	}
	seen := make(map[[2]string]bool)
	for _, w := range f.Waivers {
		_, known := cat.Rule(w.Rule)
		for _, field := range []struct{ name, value string }{{"rule", w.Rule}, {"message", w.Message}, {"reason", w.Reason}, {"owner", w.Owner}, {"expires", w.Expires}} {
			if strings.TrimSpace(field.value) == "" {
				refuse(w, "it has no "+field.name, "write one: a waiver is a debt, and says whose, why and until when")
			}
		}
		switch {
		case strings.ContainsAny(w.Rule, "*?["):
			refuse(w, "too wide", "name one rule; a pattern would excuse what nobody has looked at")
		case w.Rule != "" && !known:
			refuse(w, "there is no such rule", "see conform --list; if the rule has gone, remove the waiver")
		case known && !slices.Contains(selected, w.Rule):
			refuse(w, "the rule is not selected", "run without --rules, or without --waivers")
		}
		if w.Message != "" && letters(w.Message) < leastLetters {
			refuse(w, fmt.Sprintf("the message %q is too wide", w.Message), fmt.Sprintf("quote more of the failure: at least %d letters", leastLetters))
		}
		if _, err := w.lastDay(); w.Expires != "" && err != nil {
			refuse(w, fmt.Sprintf("expires %q is no day", w.Expires), "write it as 2027-01-31")
		}
		if key := [2]string{w.Rule, oneLine(w.Message)}; seen[key] {
			refuse(w, "it stands there twice", "remove one")
		} else {
			seen[key] = true
		}
	}
	return errors.Join(all...)
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
