package repro

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/scenario"
)

// readme is README.md: what is wrong, and how to see it.
func readme(p *program, o Options) string {
	r := p.r
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\n", r.Rule.ID, r.Outcome.Scenario)
	fmt.Fprintf(&b, "%s, %s\n\n> %s\n>\n> %s\n\n", r.Rule.Level, cmp.Or(r.Rule.Source.Section, "from the field"), r.Rule.ZH, r.Rule.EN)
	if q := r.Rule.Source.Quote; q != "" {
		fmt.Fprintf(&b, "The specification, line %d: `%s`\n\n", r.Rule.Source.Line, strings.ReplaceAll(q, "\n", " "))
	}
	b.WriteString("## What was found\n\n")
	if len(r.Outcome.Findings) == 0 {
		b.WriteString("Nothing: the scenario passed.\n")
	}
	for _, f := range r.Outcome.Findings {
		fmt.Fprintf(&b, "* %s: %s\n", f.Severity, strings.ReplaceAll(strings.TrimSpace(f.Text), "\n", "\n  "))
	}
	p.building(&b, o)
	p.differences(&b)
	return b.String()
}

func (p *program) building(b *strings.Builder, o Options) {
	lib, include := absolute(o.Library), absolute(o.Include)
	if include == "" {
		include = "INCLUDE"
	}
	plan := []string{"none", "full-time", "event"}[min(max(p.cloud.plan, 0), 2)]
	faults := ""
	if _, ok := p.cloud.files["faults.yaml"]; ok {
		faults = " --faults faults.yaml"
	}
	d := p.r.Device
	fmt.Fprintf(b, `
## Build and run

In this folder; %s is the folder of your headers. The cloud, in one shell:

`+"```sh"+`
conform cloud --token repro --device %s/%s:%s --plan %s%s >cloud.env
`+"```"+`

The program, in another:

`+"```sh"+`
%s -g -I %s -o repro repro.c %s -Wl,-rpath,%s -ldl -pthread
. ./cloud.env
./repro
`+"```"+`

It shows each call and what it returned beside what it returned in the recorded run, and each callback. The exit code is 0 when
all was as in the recorded run, fault included, 1 when something differed, 3 when a call hung. Its last call is in the output before a
crash; for a debugger `+"`REPRO_WATCHDOG=0 gdb ./repro`"+`. REPRO_REAL=1 waits in real time where the library has clock hooks.
`, quoteShell(include), d.ProductID, d.DeviceName, d.DeviceSecret, plan, faults,
		cmp.Or(o.CC, "cc"), quoteShell(include), quoteShell(lib), quoteShell(filepath.Dir(lib)))
	if len(p.cloud.files) > 0 {
		names := make([]string, 0, len(p.cloud.files))
		for name := range p.cloud.files {
			names = append(names, "`"+name+"`")
		}
		slices.Sort(names)
		fmt.Fprintf(b, "\nThe cloud's faults: %s. repro gives them by `cloud.sh` (curl) at their moment.\n", strings.Join(names, ", "))
	}
}

// differences tells what is not as it was.
func (p *program) differences(b *strings.Builder) {
	limits := []string{"The cloud is in real time here. With clock hooks the library's clock runs ahead of it: by more than 15 minutes the cloud refuses its signatures, and what the cloud does after a time comes late."}
	if p.r.Mode == scenario.Scaled {
		limits = append(limits, "The recorded run was on a scaled clock; here the same waits take real time.")
	}
	limits = append(limits, p.limits...)
	b.WriteString("\n## What is not as it was\n\n")
	for _, l := range limits {
		fmt.Fprintf(b, "* %s\n", l)
	}
}

func absolute(path string) string {
	if path == "" {
		return ""
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func quoteShell(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\n'\"\\$`*?[]{}()<>|&;#~!") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
