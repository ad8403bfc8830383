package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string
)

// page is what page.html is filled with.
type page struct {
	Lang     Lang
	W        *words
	CSS      template.CSS
	JS       template.JS
	Run      *verdict.Run
	Kind     string // how the result is painted: ok, bad, part
	Result   string
	Clock    string
	Counts   []count
	Red      []entry
	Chapters []pageChapter
	Gaps     []string
	Missing  []rules.Capability
	Versions []string
}

type count struct {
	Status verdict.Status
	Word   string
	N      int
}

type pageChapter struct {
	rules.Chapter
	Entries []entry
}

// entry is a rule and its verdict.
type entry struct {
	rules.Rule
	V         verdict.Verdict
	Word      string
	Red       bool
	InPassing bool
	Headline  string
	Excuse    string
	Rerun     string
	Outcomes  []pageOutcome
}

type pageOutcome struct {
	verdict.Outcome
	Word     string
	Findings []pageFinding
	Line     []pageMoment
	Files    []pageFile
	Folder   string
}

type pageFinding struct {
	verdict.Finding
	Word               string
	Expected, Observed string // when the text tells them apart
	Text               string
}

type pageMoment struct {
	verdict.Moment
	Word, Text string
}

type pageFile struct{ Name, Href string }

// HTML writes the run as one self-contained page: all rules, of those that did
// not pass everything that is known. Links to artefacts are relative to dir, the
// folder of the page.
func HTML(w io.Writer, cat *rules.Catalogue, run *verdict.Run, lang Lang, dir string) error {
	ww := in(lang)
	if lang == "" {
		lang = English
	}
	p := page{
		Lang: lang, W: ww, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), Run: run,
		Kind:   map[int]string{verdict.ExitConformant: "ok", verdict.ExitNotConformant: "bad"}[run.ExitCode()],
		Result: ww.result(run), Clock: clockOf(run), Gaps: ww.gaps(run),
		Missing: slices.Sorted(maps.Keys(run.Target.Missing)),
	}
	for _, name := range slices.Sorted(maps.Keys(run.Versions)) {
		p.Versions = append(p.Versions, name+" "+run.Versions[name])
	}
	n := run.Count()
	for _, s := range verdict.Statuses() {
		if n[s] > 0 {
			p.Counts = append(p.Counts, count{s, ww.Status[s], n[s]})
		}
	}
	passing := make(map[string]verdict.Verdict)
	for _, v := range run.InPassing {
		passing[v.Rule] = v
	}
	for _, ch := range cat.Chapters() {
		c := pageChapter{Chapter: ch}
		for _, r := range ch.Rules {
			v, ok := run.Verdict(r.ID)
			seen, inPassing := passing[r.ID]
			if !ok && !inPassing {
				continue
			}
			if !ok {
				v = seen
			}
			e := ww.entry(r, v, run, dir)
			e.InPassing = !ok
			c.Entries = append(c.Entries, e)
			if e.Red {
				p.Red = append(p.Red, e)
			}
		}
		if len(c.Entries) > 0 {
			p.Chapters = append(p.Chapters, c)
		}
	}
	slices.SortStableFunc(p.Red, func(a, b entry) int { return weight(a.V.Status) - weight(b.V.Status) })
	t, err := template.New("page").Funcs(template.FuncMap{"dict": func(w *words, o pageOutcome) map[string]any {
		return map[string]any{"W": w, "O": o}
	}}).Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("the page's template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return fmt.Errorf("fill the page: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func weight(s verdict.Status) int { return slices.Index(verdict.Statuses(), s) }

func (w *words) entry(r rules.Rule, v verdict.Verdict, run *verdict.Run, dir string) entry {
	e := entry{
		Rule: r, V: v, Word: w.Status[v.Status], Rerun: run.Rerun(r.ID),
		Red: v.Status != verdict.Pass && v.Status != verdict.Recorded && !open(v),
	}
	if e.Red || open(v) {
		e.Headline = headline(v)
	}
	if v.Waived != nil {
		e.Excuse = w.excuse(v.Waived)
	}
	for _, o := range v.Outcomes {
		po := pageOutcome{Outcome: o, Word: w.Status[o.Status]}
		for _, f := range o.Findings {
			pf := pageFinding{Finding: f, Word: w.Severity[f.Severity]}
			pf.Expected, pf.Observed, pf.Text = split(printable(strings.TrimSpace(f.Text)))
			po.Findings = append(po.Findings, pf)
		}
		for _, m := range o.Trace {
			text := printable(m.Text())
			if m.Kind == verdict.GapMoment {
				text = fmt.Sprintf(w.GapF, m.Times)
			}
			po.Line = append(po.Line, pageMoment{m, w.Moment[m.Kind], text})
		}
		for _, path := range o.Artifacts {
			po.Folder = filepath.Dir(path)
			href := path
			if rel, err := filepath.Rel(dir, path); err == nil {
				href = filepath.ToSlash(rel)
			}
			po.Files = append(po.Files, pageFile{filepath.Base(path), href})
		}
		e.Outcomes = append(e.Outcomes, po)
	}
	return e
}
