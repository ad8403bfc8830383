package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/ivcs/conform/conformance/verdict"
)

// progress shows on a terminal how far the run is, and with -v, anywhere, each
// scenario as it ends. Its methods are called one at a time.
type progress struct {
	w       io.Writer
	verbose bool
	bar     *progressbar.ProgressBar
	tty     bool
}

func newProgress(w io.Writer, verbose bool) *progress {
	f, isFile := w.(*os.File)
	return &progress{w: w, verbose: verbose, tty: isFile && term.IsTerminal(int(f.Fd()))}
}

func (p *progress) total(n int, what string) {
	if !p.tty {
		fmt.Fprintf(p.w, "conform: %d %s\n", n, what)
		return
	}
	p.bar = progressbar.NewOptions(n,
		progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription("conform"),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24),
	)
}

func (p *progress) started(c claim) {
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%-12s", c.Rule))
	}
}

func (p *progress) finished(o verdict.Outcome) {
	p.step()
	if !p.verbose {
		return
	}
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.w, "%-10s %-12s %s (%d ms)\n", o.Status, o.Rule, o.Scenario, o.RealMS)
	if text := o.Text(); text != "" {
		fmt.Fprintln(p.w, "    "+strings.ReplaceAll(text, "\n", "\n    "))
	}
	for _, r := range o.Records {
		fmt.Fprintf(p.w, "    recorded: %s = %s\n", r.Key, r.Value)
	}
}

// step is the end of one of what total counts, where nothing is to be said of it.
func (p *progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
