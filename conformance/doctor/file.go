package doctor

import (
	"errors"
	"strings"

	"github.com/ivcs/conform/conformance/target"
)

// file tells what kind of file it is, or why it is none that can be judged.
func (r *Report) file(look *target.Look, err error) {
	if look == nil {
		r.refused("file", err)
		return
	}
	needs := "nothing but itself"
	if len(look.Needed) > 0 {
		needs = strings.Join(look.Needed, ", ")
	}
	r.ok("file", "shared object for %s; it needs %s", look.Machine, needs)
	var load *target.LoadError
	if errors.As(err, &load) && look.Dialect == "" {
		r.refused("symbols", err)
	}
}

// symbols tells which of the 12 functions are there, and what else is.
func (r *Report) symbols(look *target.Look) {
	functions := target.Functions()
	missing := 0
	for _, f := range functions {
		if !look.Exported[f.String()] {
			missing++
		}
	}
	switch {
	case missing == len(functions): // file has said so, unless the other dialect explains it
	case missing == 0:
		r.ok("symbols", "all %d functions of the specification are exported", len(functions))
	default:
		r.add(Bad, "symbols", "export them with C linkage and default visibility; calls of them fail, and so do the rules that make them",
			"%d of %d functions are not exported:\n%s", missing, len(functions), strings.Join(look.Notes, "\n"))
	}
	if len(look.Extra) > 0 {
		r.add(Warn, "symbols", "keep them out of the dynamic symbols unless the device needs them (-fvisibility=hidden, or a version script)",
			"exported beside them, unknown to the specification: %s", some(look.Extra))
	}
	var channel []string
	for _, f := range functions {
		if n, ok := look.Arity[f.String()]; ok && n == parameters[f.String()]+1 {
			channel = append(channel, f.String())
		}
	}
	switch {
	case look.Dialect != "":
		r.dialect("the library exports " + look.Dialect + ", which only the later generation has")
	case len(channel) > 0:
		r.dialect("by the library's debug information one parameter too many: " + some(channel))
	}
}

// dialect tells of the later generation of the SDK.
func (r *Report) dialect(why string) {
	r.add(Bad, "dialect", "put an adapter before it that exports the calls of this specification and passes channel 0; "+
		"or take the SDK of the generation without channels", "this is the later, multi-channel generation of the SDK, whose calls take a channel first (AMB-94): %s", why)
}

// some is the first names of a list.
func some(names []string) string {
	const most = 6
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
