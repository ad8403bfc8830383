package rules_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/rules"
)

const interpretations = "../../docs/interpretations.md"

var (
	anchor  = regexp.MustCompile(`(?m)^<a id="(AMB-[0-9]+)"></a>\n## (AMB-[0-9]+) (.*)$`)
	ruleRef = regexp.MustCompile(`\[([A-Z-]+-[0-9]{3})\]\(\.\./REPORT\.md#([A-Z-]+-[0-9]{3})\)`)
)

// rulings splits docs/interpretations.md at its anchors: id → title, text.
func rulings(t *testing.T) map[string][2]string {
	t.Helper()
	page, err := os.ReadFile(interpretations)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][2]string)
	text := string(page)
	at := anchor.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		} else if since := strings.Index(text, "\n# Ruled since"); since >= 0 {
			end = since
		}
		id, heading := text[m[2]:m[3]], text[m[4]:m[5]]
		if id != heading {
			t.Errorf("anchor %s stands above the heading of %s", id, heading)
		}
		if _, twice := found[id]; twice {
			t.Errorf("%s has two anchors", id)
		}
		found[id] = [2]string{text[m[6]:m[7]], text[m[1]:end]}
	}
	return found
}

func TestEveryAmbiguityIsRuledInTheInterpretations(t *testing.T) {
	cat := load(t)
	found := rulings(t)
	for _, a := range cat.Ambiguities() {
		ruling, ok := found[a.ID]
		if !ok {
			t.Errorf("%s has no anchor in docs/interpretations.md", a.ID)
			continue
		}
		if ruling[0] != a.Title {
			t.Errorf("%s is called %q in ambiguities.yaml and %q in docs/interpretations.md", a.ID, a.Title, ruling[0])
		}
		delete(found, a.ID)
	}
	for id := range found {
		t.Errorf("docs/interpretations.md rules on %s, which ambiguities.yaml does not list", id)
	}
}

func TestEachRulingNamesExactlyTheRulesThatCiteIt(t *testing.T) {
	cat := load(t)
	cited := make(map[string][]string)
	for _, r := range cat.All() {
		for _, id := range r.Ambiguities {
			cited[id] = append(cited[id], r.ID)
		}
	}
	for id, ruling := range rulings(t) {
		var named []string
		for _, m := range ruleRef.FindAllStringSubmatch(ruling[1], -1) {
			if m[1] != m[2] {
				t.Errorf("%s: the link of %s leads to %s", id, m[1], m[2])
			}
			named = append(named, m[1])
		}
		if !slices.Equal(named, cited[id]) {
			t.Errorf("%s: docs/interpretations.md names %v, the rules that cite it are %v", id, named, cited[id])
		}
	}
}

func load(t *testing.T) *rules.Catalogue {
	t.Helper()
	cat, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}
