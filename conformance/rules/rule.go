package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Level is the weight of a rule.
type Level string

const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
	Caller Level = "CALLER" // a duty of the caller: the library survives its neglect
	Info   Level = "INFO"   // no verdict: the text is a remark, or points elsewhere
)

// Levels lists all levels, heaviest first.
func Levels() []Level { return []Level{Must, Caller, Should, May, Info} }

// Basis says where a rule comes from.
type Basis string

const (
	Explicit Basis = "explicit" // stated in the text
	Derived  Basis = "derived"  // follows from the text
	Field    Basis = "field"    // not in the text: reports from the field, chapter ROB
)

// Tier says what a library needs to be judged by a rule.
type Tier string

const (
	TierA Tier = "A" // the library alone
	TierB Tier = "B" // the library speaks the cloud binding
)

// HardPart is a finding that fails a library although the rule is a SHOULD.
type HardPart string

const (
	CrashPart           HardPart = "crash"
	HangPart            HardPart = "hang"             // past the bound of the rule
	LostPicturePart     HardPart = "lost-picture"     // a picture whose release never comes
	UnboundedMemoryPart HardPart = "unbounded-memory" // growth without bound
)

// Source is where the specification says it.
type Source struct {
	Section string `yaml:"section"`
	Line    int    `yaml:"line"`
	Quote   string `yaml:"quote"`
}

// Rule is one sentence of the specification that a library can keep or break.
type Rule struct {
	ID      string `yaml:"id"`
	Chapter string `yaml:"-"` // the id without its number; the file it stands in
	Level   Level  `yaml:"level"`
	Basis   Basis  `yaml:"basis"`
	Tier    Tier   `yaml:"tier"`
	// Core holds for every port, whatever its options.
	Core  bool         `yaml:"core"`
	Needs []Capability `yaml:"needs"`
	// Hard names what fails a library although the rule is a SHOULD.
	Hard   []HardPart `yaml:"hard"`
	Source Source     `yaml:"source"` // zero when Basis is Field
	EN     string     `yaml:"statement_en"`
	ZH     string     `yaml:"statement_zh"`
	// Observe says what evidence decides.
	Observe   string   `yaml:"observe"`
	Scenarios []string `yaml:"scenarios"`
	// Time is what a test of the rule takes in domain time, in words.
	Time string `yaml:"time"`
	// Mutant is one deliberate fault that a spec of the rule has to notice.
	Mutant      string   `yaml:"mutant"`
	Ambiguities []string `yaml:"ambiguities"`
}

// Testable reports whether a spec is owed: an INFO rule may have one, but need
// not.
func (r Rule) Testable() bool { return r.Level != Info }

// Chapter is one file of the catalogue.
type Chapter struct {
	ID      string `yaml:"chapter"`
	TitleEN string `yaml:"title_en"`
	TitleZH string `yaml:"title_zh"`
	Rules   []Rule `yaml:"rules"`
}

// Ambiguity is a point that the specification leaves unclear. Its ruling stands
// in docs/interpretations.md, under an anchor of this id.
type Ambiguity struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
}

// Catalogue is all rules. It does not change after Load.
type Catalogue struct {
	chapters    []Chapter
	rules       map[string]Rule
	ambiguities []Ambiguity
}

// Rule finds a rule by its id.
func (c *Catalogue) Rule(id string) (Rule, bool) {
	r, ok := c.rules[id]
	return r, ok
}

// Chapters lists the chapters in the order of the specification.
func (c *Catalogue) Chapters() []Chapter { return slices.Clone(c.chapters) }

// All lists the rules in the order of the specification.
func (c *Catalogue) All() []Rule {
	all := make([]Rule, 0, len(c.rules))
	for _, ch := range c.chapters {
		all = append(all, ch.Rules...)
	}
	return all
}

// Ambiguities lists the unclear points by id.
func (c *Catalogue) Ambiguities() []Ambiguity { return slices.Clone(c.ambiguities) }

// Ambiguity finds an unclear point by its id.
func (c *Catalogue) Ambiguity(id string) (Ambiguity, bool) {
	i := slices.IndexFunc(c.ambiguities, func(a Ambiguity) bool { return a.ID == id })
	if i < 0 {
		return Ambiguity{}, false
	}
	return c.ambiguities[i], true
}

// Digest tells one catalogue from another: runs that were judged by different
// rules cannot be compared or merged.
func (c *Catalogue) Digest() string {
	h := sha256.New()
	for _, r := range c.All() {
		fmt.Fprintf(h, "%+v\n", r)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// Digest tells a rule from its earlier wordings.
func (r Rule) Digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", r))
	return hex.EncodeToString(sum[:])[:8]
}
