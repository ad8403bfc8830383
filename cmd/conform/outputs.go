package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/ivcs/conform/conformance/report"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// outputOptions say what is written of a run; conform and conform merge have them.
type outputOptions struct {
	json, junit, report, html string
	lang                      string
	durations                 int
	verbose                   bool
}

func (o *outputOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.json, "json", "", "write all outcomes as JSON to `FILE`")
	f.StringVar(&o.junit, "junit", "", "write JUnit XML to `FILE`")
	f.StringVar(&o.html, "html", "", "write all that is known of the run as one self-contained page to `FILE`")
	f.StringVar(&o.report, "report", "", "write the specification as judged rules (Markdown) to `FILE`")
	f.StringVar(&o.lang, "lang", string(report.English), "`LANGUAGE` of terminal, page and Markdown report: en or zh")
	f.IntVar(&o.durations, "durations", 0, "name the `N` slowest rules and scenarios")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print every scenario as it ends")
}

// tell writes the run to the terminal, and to the CI server that runs this.
func (o *outputOptions) tell(stdout, stderr io.Writer, c *rules.Catalogue, run *verdict.Run, soon []string) error {
	style := report.Style{Verbose: o.verbose, Color: colorful(stdout), Lang: report.Lang(o.lang), Soon: soon}
	if err := report.Text(stdout, c, run, style); err != nil {
		return err
	}
	if o.durations > 0 {
		if err := report.Durations(stdout, run, o.durations, style.Lang); err != nil {
			return err
		}
	}
	if err := tellGitHub(stdout, c, run, style.Lang); err != nil {
		fmt.Fprintln(stderr, "conform:", err) // the verdict stands all the same
	}
	if code := run.ExitCode(); code != verdict.ExitConformant {
		return exitCode(code)
	}
	return nil
}

// output is a file that was asked for. It is made before the run, so that a
// path that cannot be written is said at once, and takes its name at the end.
type output struct {
	path  string
	file  *os.File
	write func(io.Writer, *rules.Catalogue, *verdict.Run) error
}

type outputs []*output

func (o *outputOptions) open() (outputs, error) {
	lang, err := report.ParseLang(o.lang)
	if err != nil {
		return nil, err
	}
	var all outputs
	for _, want := range []output{
		{path: o.json, write: func(w io.Writer, _ *rules.Catalogue, r *verdict.Run) error { return r.Encode(w) }},
		{path: o.junit, write: report.JUnit},
		{path: o.report, write: func(w io.Writer, c *rules.Catalogue, r *verdict.Run) error {
			return report.Markdown(w, c, nil, lang, r)
		}},
		{path: o.html, write: func(w io.Writer, c *rules.Catalogue, r *verdict.Run) error {
			return report.HTML(w, c, r, lang, filepath.Dir(o.html))
		}},
	} {
		if want.path == "" {
			continue
		}
		f, err := os.Create(want.path + ".part")
		if err != nil {
			all.abandon()
			return nil, fmt.Errorf("cannot write %s: %w; choose a path in a folder that exists", want.path, err)
		}
		want.file = f
		all = append(all, &want)
	}
	return all, nil
}

// abandon removes the files that were not finished.
func (all outputs) abandon() {
	for _, out := range all {
		if out.file != nil {
			out.file.Close()
			os.Remove(out.path + ".part")
		}
	}
}

// write fills the files and gives them their names.
func (all outputs) write(c *rules.Catalogue, r *verdict.Run) error {
	for _, out := range all {
		err := out.write(out.file, c, r)
		if closed := out.file.Close(); err == nil {
			err = closed
		}
		out.file = nil
		if err == nil {
			err = os.Rename(out.path+".part", out.path)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", out.path, err)
		}
	}
	return nil
}
