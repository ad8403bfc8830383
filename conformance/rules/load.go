package rules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

//go:embed *.yaml
var files embed.FS

const ambiguityFile = "ambiguities.yaml"

var (
	fileName = regexp.MustCompile(`^[0-9]{2}-([a-z]+(?:-[a-z]+)*)\.yaml$`)
	ruleID   = regexp.MustCompile(`^([A-Z]+(?:-[A-Z]+)*)-[0-9]{3}$`)
	ambID    = regexp.MustCompile(`^AMB-[0-9]{2,3}$`)
)

// Load reads the catalogue that is built into the program.
func Load() (*Catalogue, error) { return LoadFS(files) }

// LoadFS reads a catalogue from the YAML files of a folder: ambiguities.yaml,
// and <nn>-<chapter>.yaml, whose numbers give the order. All that is wrong is
// told at once, one line for each refusal.
func LoadFS(fsys fs.FS) (*Catalogue, error) {
	l := loader{
		cat:   &Catalogue{rules: make(map[string]Rule)},
		known: make(map[string]bool),
		first: make(map[string]string),
	}
	l.readAmbiguities(fsys)
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the catalogue's files: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		if name != ambiguityFile {
			l.readChapter(fsys, name)
		}
	}
	if len(l.refused) == 0 && len(l.cat.rules) == 0 {
		l.refuse("", 0, "no rules at all", "name the folder that holds <nn>-<chapter>.yaml")
	}
	if len(l.refused) > 0 {
		return nil, errors.Join(l.refused...)
	}
	return l.cat, nil
}

// Refusal is one thing that is wrong with the catalogue, and what to do.
type Refusal struct {
	File    string
	Line    int
	Problem string
	Remedy  string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s:%d: %s: %s", r.File, r.Line, r.Problem, r.Remedy)
}

type loader struct {
	cat     *Catalogue
	known   map[string]bool   // ambiguity ids
	first   map[string]string // rule id → "file:line" where it stands first
	refused []error
}

func (l *loader) refuse(file string, line int, problem, remedy string) {
	l.refused = append(l.refused, &Refusal{file, line, problem, remedy})
}

func (l *loader) readAmbiguities(fsys fs.FS) {
	var list struct {
		Ambiguities []Ambiguity `yaml:"ambiguities"`
	}
	doc, refused := decode(fsys, ambiguityFile, &list)
	if refused != nil {
		l.refused = append(l.refused, refused)
		return
	}
	for i, a := range list.Ambiguities {
		line := doc.item("ambiguities", i).line("id")
		switch {
		case !ambID.MatchString(a.ID):
			l.refuse(ambiguityFile, line, fmt.Sprintf("%q is no id of an ambiguity", a.ID), "write AMB- and its number, as in docs/interpretations.md")
		case l.known[a.ID]:
			l.refuse(ambiguityFile, line, "duplicate id "+a.ID, "remove one of the two")
		case strings.TrimSpace(a.Title) == "":
			l.refuse(ambiguityFile, line, a.ID+" has no title", "take over its heading from docs/interpretations.md")
		}
		l.known[a.ID] = true
	}
	l.cat.ambiguities = list.Ambiguities
}

func (l *loader) readChapter(fsys fs.FS, name string) {
	m := fileName.FindStringSubmatch(name)
	if m == nil {
		l.refuse(name, 1, "the file's name does not tell its chapter", "name it <nn>-<chapter>.yaml in small letters, as 03-init.yaml")
		return
	}
	var ch Chapter
	doc, refused := decode(fsys, name, &ch)
	if refused != nil {
		l.refused = append(l.refused, refused)
		return
	}
	if want := strings.ToUpper(m[1]); ch.ID != want {
		l.refuse(name, doc.line("chapter"), fmt.Sprintf("chapter %q in the file of %s", ch.ID, want), "write chapter: "+want+", or rename the file")
		ch.ID = want
	}
	if blank(ch.TitleEN) || !chinese(ch.TitleZH) {
		l.refuse(name, doc.line("chapter"), "chapter "+ch.ID+" has no title in both languages", "give title_en and title_zh")
	}
	for i := range ch.Rules {
		r := &ch.Rules[i]
		r.Chapter = ch.ID
		l.check(name, doc.item("rules", i), r)
		l.cat.rules[r.ID] = *r
	}
	l.cat.chapters = append(l.cat.chapters, ch)
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// chinese reports whether s has Chinese in it: an English sentence copied into
// the Chinese field is a missing text.
func chinese(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
}
