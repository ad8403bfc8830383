package mutants

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/ivcs/conform/conformance/rules"
)

//go:embed data
var files embed.FS

// Mutant is one deliberate fault of the reference.
type Mutant struct {
	Rule string `yaml:"rule"`
	File string `yaml:"file"` // in the tree: reference/init.go
	Old  string `yaml:"old"`  // exact text, once in the file
	New  string `yaml:"new"`
	Why  string `yaml:"why"` // why a porter would make this mistake
	// Dies: the fault is that the library crashes or hangs, so its death in a
	// scenario of the rule is the kill.
	Dies bool `yaml:"dies"`
	// Warns is the ruling by which the spec warns of this fault and does not fail
	// the library: the warning, in the rule's own words, is the kill.
	Warns string `yaml:"warns"`
	// Survives says why no black box can see the fault. The rule owes another
	// mutant all the same, or stands under unseen.
	Survives string `yaml:"survives"`
	// Name tells the mutants of a rule apart: "INIT-004", "INIT-004/2".
	Name    string `yaml:"-"`
	Chapter string `yaml:"-"` // of the rule
}

// Unseen is a rule that no black box can be shown to break, and why.
type Unseen struct {
	Rule string `yaml:"rule"`
	Why  string `yaml:"why"`
}

// Matrix is all mutants and the rules that cannot have one.
type Matrix struct {
	Mutants []Mutant
	Unseen  []Unseen
}

// Load reads the embedded mutants and checks them against the catalogue.
func Load(cat *rules.Catalogue) (*Matrix, error) {
	sub, err := fs.Sub(files, "data")
	if err != nil {
		return nil, err
	}
	return LoadFS(cat, sub)
}

// LoadFS is Load from another place. All that is wrong is reported at once.
func LoadFS(cat *rules.Catalogue, fsys fs.FS) (*Matrix, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var m Matrix
	var wrong []error
	count := make(map[string]int)
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var page struct {
			Mutants []Mutant `yaml:"mutants"`
			Unseen  []Unseen `yaml:"unseen"`
		}
		if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&page); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
			continue
		}
		for _, mutant := range page.Mutants {
			count[mutant.Rule]++
			mutant.Name = mutant.Rule
			if n := count[mutant.Rule]; n > 1 {
				mutant.Name = fmt.Sprintf("%s/%d", mutant.Rule, n)
			}
			if err := mutant.check(cat); err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %s: %w", name, mutant.Name, err))
			}
			m.Mutants = append(m.Mutants, mutant)
		}
		for _, unseen := range page.Unseen {
			if _, ok := cat.Rule(unseen.Rule); !ok || unseen.Why == "" {
				wrong = append(wrong, fmt.Errorf("%s: unseen rule %q: name a rule of the catalogue and say why no black box can see it broken", name, unseen.Rule))
			}
			m.Unseen = append(m.Unseen, unseen)
		}
	}
	for _, u := range m.Unseen {
		if count[u.Rule] > 0 {
			wrong = append(wrong, fmt.Errorf("%s is said to be unseen and has a mutant: drop one of them", u.Rule))
		}
	}
	return &m, errors.Join(wrong...)
}

func (m *Mutant) check(cat *rules.Catalogue) error {
	rule, known := cat.Rule(m.Rule)
	m.Chapter = rule.Chapter
	switch {
	case !known:
		return errors.New("the catalogue does not have this rule")
	case m.File == "" || m.Old == "" || m.Why == "":
		return errors.New("file, old and why must be given")
	case m.Warns != "" && m.Dies:
		return errors.New("no ruling makes a death a warning: drop warns or dies")
	case m.Old == m.New:
		return errors.New("old and new are the same")
	case !filepath.IsLocal(m.File) || !strings.HasPrefix(m.File, "reference/"):
		return fmt.Errorf("file %s is not in the reference", m.File)
	}
	return nil
}

// Apply returns the file's text with the fault in it.
func (m Mutant) Apply(tree string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(tree, m.File))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; run in a checkout of the project, or name it with --tree", m.Name, err)
	}
	switch n := bytes.Count(text, []byte(m.Old)); n {
	case 1:
		return bytes.Replace(text, []byte(m.Old), []byte(m.New), 1), nil
	case 0:
		return nil, fmt.Errorf("%s no longer applies: %s does not have the text %q", m.Name, m.File, m.Old)
	default:
		return nil, fmt.Errorf("%s is not exact: %s has the text %q %d times", m.Name, m.File, m.Old, n)
	}
}

// Owed lists the testable MUST and SHOULD rules that have neither a mutant that
// is to be killed nor a reason why not.
func (m *Matrix) Owed(cat *rules.Catalogue) []string {
	var owed []string
	for _, r := range cat.All() {
		if r.Level != rules.Must && r.Level != rules.Should {
			continue
		}
		has := slices.ContainsFunc(m.Mutants, func(x Mutant) bool { return x.Rule == r.ID && x.Survives == "" }) ||
			slices.ContainsFunc(m.Unseen, func(x Unseen) bool { return x.Rule == r.ID })
		if !has {
			owed = append(owed, r.ID)
		}
	}
	return owed
}

// Kills counts by rule the mutants that the matrix demands to be killed.
func (m *Matrix) Kills() map[string]int {
	kills := make(map[string]int)
	for _, x := range m.Mutants {
		if x.Survives == "" {
			kills[x.Rule]++
		}
	}
	return kills
}
