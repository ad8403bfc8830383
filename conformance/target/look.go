package target

import (
	"debug/dwarf"
	"debug/elf"
	"slices"
	"strings"
)

// Look is what the file of a library tells before anything is run.
type Look struct {
	Machine  string          // "ARM, 32 bit"
	Exported map[string]bool // the functions of the specification and the hooks
	Extra    []string        // exported iv_* functions that the specification does not know
	Needed   []string        // shared objects that it asks for
	// Dialect is the export that marks the later generation of the SDK (AMB-94); "" without one.
	Dialect string
	// Arity is how many parameters each function has, as the library's debug
	// information says; nil without any.
	Arity         map[string]int
	GoRuntime     bool
	ClockBlockers []string
	Notes         []string // what has become of missing functions
}

// LookAt looks into the file. With an error there is a Look all the same if the
// file is a shared object: it says more than the error.
func LookAt(path string) (*Look, error) {
	o, err := inspect(path)
	if o == nil {
		return nil, err
	}
	l := &Look{
		Machine: machineName(o.machine, o.class), Exported: map[string]bool{},
		GoRuntime: o.goRuntime, ClockBlockers: o.blockers, Notes: o.notes,
	}
	known := map[string]bool{}
	for _, f := range slices.Concat(Functions(), Hooks()) {
		known[f.String()] = true
		l.Exported[f.String()] = o.exported[f.String()]
	}
	for name := range o.exported {
		if strings.HasPrefix(name, "iv_") && !known[name] {
			l.Extra = append(l.Extra, name)
		}
	}
	slices.Sort(l.Extra)
	for _, name := range dialect {
		if o.exported[name] && l.Dialect == "" {
			l.Dialect = name
		}
	}
	if f, ferr := elf.Open(path); ferr == nil {
		defer f.Close()
		l.Needed, _ = f.ImportedLibraries() // inspect has read the dynamic section
		if d, derr := f.DWARF(); derr == nil {
			l.Arity = arity(d)
		}
	}
	return l, err
}

// arity counts the parameters of the iv_cs_* functions that have a body.
func arity(d *dwarf.Data) map[string]int {
	var out map[string]int
	r := d.Reader()
	for {
		e, err := r.Next()
		if e == nil || err != nil {
			return out
		}
		name, _ := e.Val(dwarf.AttrName).(string)
		if e.Tag != dwarf.TagSubprogram || !strings.HasPrefix(name, "iv_cs_") || e.Val(dwarf.AttrLowpc) == nil {
			continue
		}
		if out == nil {
			out = map[string]int{}
		}
		out[name] = 0
		for e.Children {
			child, err := r.Next()
			if child == nil || err != nil || child.Tag == 0 {
				break
			}
			if child.Tag == dwarf.TagFormalParameter {
				out[name]++
			}
			if child.Children {
				r.SkipChildren()
			}
		}
	}
}

// ABIHeader is the interface as the shim was compiled with it.
func ABIHeader() []byte {
	b, _ := shimSource.ReadFile("shim/abi.h") // embedded: cannot fail
	return b
}

// MachineName is "x86-64, 64 bit": what Look.Machine would say of such a file.
func MachineName(m elf.Machine, c elf.Class) string { return machineName(m, c) }
