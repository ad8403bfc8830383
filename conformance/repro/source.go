package repro

import (
	"fmt"
	"strings"
)

// source is repro.c.
func (p *program) source() string {
	var b strings.Builder
	fmt.Fprintf(&b, "/*\n * %s: %s\n * Scenario: %s\n", p.r.Rule.ID, comment(p.r.Rule.EN), comment(p.r.Outcome.Scenario))
	for _, f := range p.r.Outcome.Findings {
		fmt.Fprintf(&b, " * %s: %s\n", f.Severity, comment(f.Text))
	}
	b.WriteString(" *\n * README.md says how to build and run it. CALL(code, …): code is what the call returned in the recorded run.\n */\n")
	b.WriteString("#include \"repro.h\"\n#include \"pushes.h\"\n\n")
	for i, body := range p.parms {
		fmt.Fprintf(&b, "static const iv_cs_init_parm_s parm_%d = {\n%s};\n\n", i+1, body)
	}
	for _, text := range p.above {
		b.WriteString(text + "\n")
	}
	b.WriteString("int main(void)\n{\n\trepro_begin();\n" + indent(p.main) + "\treturn repro_end();\n}\n")
	return b.String()
}

// comment writes text so that it can stand in a comment of C.
func comment(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(text), "*/", "* /"), "\n", "\n *   ")
}
