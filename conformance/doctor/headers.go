package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/target"
)

// header is the file a program includes.
const header = "iv_cs.h"

// parameters is how many parameters each function of the specification has.
var parameters = map[string]int{
	"iv_cs_init": 1, "iv_cs_exit": 0, "iv_cs_push_stream": 2, "iv_cs_event_directly_report": 4,
	"iv_cs_event_start": 1, "iv_cs_event_stop": 1, "iv_cs_event_start_ext": 3, "iv_cs_event_stop_ext": 3,
	"iv_cs_get_balance_info": 2, "iv_cs_set_ai_process": 3, "iv_cs_get_ai_process": 3, "iv_cs_set_trans_time": 2,
}

// headers compares the vendor's headers with the interface as the shim has it.
func (r *Report) headers(ctx context.Context, look *target.Look, o Options) {
	if o.Include == "" {
		r.add(Warn, "headers", "give their folder: --include DIR, and --cc with the compiler that the library was built with", "the vendor's headers were not given: sizes and offsets are taken on trust")
		return
	}
	if _, err := os.Stat(filepath.Join(o.Include, header)); err != nil {
		remedy := "give the folder that holds " + header
		if at := find(o.Include); at != "" {
			remedy = "--include " + at
		}
		r.add(Bad, "headers", remedy, "%s holds no %s", o.Include, header)
		return
	}
	c, err := newCompiler(o)
	if err != nil {
		r.add(Bad, "headers", "see that the folder for temporary files can be written", "%v", err)
		return
	}
	defer c.close()
	text, err := c.preprocess(ctx, `#include "`+header+`"`)
	if err != nil {
		r.add(Bad, "headers", "give --cc the compiler of the library and --include what else its headers need; every program of a customer fails like this",
			"%s does not compile by itself with %s:\n%v", header, c.name(), err)
		return
	}
	declared := prototypes(text)
	if r.arities(declared, look) {
		return // of the other generation: its layouts are not to be compared
	}
	r.layouts(ctx, c, look)
}

// prototype finds a declaration; comments are gone by then.
var prototype = regexp.MustCompile(`\b(iv_cs_\w+)\s*\(([^()]*)\)\s*(?:__attribute__\s*\(\(.*?\)\)\s*)?;`)

// prototypes counts the parameters of each declared iv_cs_* function.
func prototypes(text string) map[string]int {
	out := map[string]int{}
	for _, m := range prototype.FindAllStringSubmatch(text, -1) {
		args := strings.TrimSpace(m[2])
		switch args {
		case "", "void":
			out[m[1]] = 0
		default:
			out[m[1]] = strings.Count(args, ",") + 1
		}
	}
	return out
}

// arities tells how the declarations depart from the specification; true if they
// are those of the other generation.
func (r *Report) arities(declared map[string]int, look *target.Look) bool {
	var channel, missing, odd []string
	for _, f := range target.Functions() {
		name := f.String()
		n, there := declared[name]
		switch {
		case !there:
			missing = append(missing, name)
		case n == parameters[name]+1:
			channel = append(channel, name)
		case n != parameters[name]:
			odd = append(odd, fmt.Sprintf("%s takes %d parameters, not %d", name, n, parameters[name]))
		}
	}
	// iv_cs_exit and the settings of the whole module have no channel in either.
	if len(channel) >= 3 {
		if look == nil || look.Dialect == "" {
			r.dialect("in " + header + " one parameter too many: " + some(channel))
		}
		return true
	}
	for _, name := range channel {
		odd = append(odd, fmt.Sprintf("%s takes %d parameters, not %d", name, parameters[name]+1, parameters[name]))
	}
	if len(missing) > 0 {
		r.add(Bad, "headers", "declare them as the specification does (rule ABI-055)", "not declared in %s: %s", header, strings.Join(missing, ", "))
	}
	if len(odd) > 0 {
		slices.Sort(odd)
		r.add(Bad, "headers", "declare them as the specification does, and see that the library is built so", "%s", strings.Join(odd, "\n"))
	}
	if len(missing)+len(odd) == 0 {
		r.ok("headers", "%s compiles by itself, and declares all %d functions with the parameters of the specification", header, len(parameters))
	}
	return false
}

// find looks for the folder that holds the header.
func find(dir string) string {
	found := ""
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == header {
			found = filepath.Dir(path)
			return fs.SkipAll
		}
		return nil // what cannot be read is passed over
	})
	return found
}
