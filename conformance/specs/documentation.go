package specs

import (
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// documentation is what can be observed of the text's own flaws. That the
// samples are not part of it (DOC-002) shows in no library.
func documentation(s *Suite) {
	s.Rule("DOC-001", func(r *Rule) {
		r.Scenario("generation of the interface", func(e *Env) {
			// A library of the later, multi-channel generation is refused when it is
			// loaded, with exit code 3 and the symbol that gives it away (AMB-94).
			there := len(target.Functions()) - len(e.Info.Missing())
			e.Record("generation", "single channel: %d of %d functions, none of the multi-channel interface", there, len(target.Functions()))
		})
	})

	s.Rule("DOC-003", func(r *Rule) {
		r.Scenario("name of the type of event_report_opt", func(e *Env) {
			for _, name := range []string{"iv_cs_event_report_opt_e", "iv_cs_event_report_opt"} {
				program := "#include \"iv_cs.h\"\n" + name + " option;\n"
				said, there := compile(e, append(cCompiler(e), "-x", "c"), []byte(program))
				switch {
				case !there:
					e.Record(name, "not judged: no compiler %q", cCompiler(e)[0])
				case said == "":
					e.Record(name, "declared")
				default:
					e.Record(name, "not declared")
				}
			}
		}, Needs(rules.Headers))
	})
}
