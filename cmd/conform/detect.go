package main

import (
	"fmt"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// detect sees, where no conform.yaml declares profiles, which of them the library
// seems to lack. refused holds the media: their rules are not judged, but for the
// one that states the support (RULED-22). A plan excuses nothing, since recording under each is
// core (RULED-04); notes tell of it, and of the media.
func detect(o *options, t target.Target, mode scenario.Mode, missing map[string]string) (refused map[string]string, notes []string) {
	if o.declared.file != "" || t.Describe().Kind == rules.KindReference {
		return nil, nil
	}
	cfg := scenario.Config{Target: t, Mode: mode, Rate: o.rate, Watchdog: o.watchdog}
	lacks := scenario.ProbeProfiles(cfg, missing[string(rules.CloudBinding)] == "")
	refused = make(map[string]string)
	for _, p := range rules.Profiles() {
		for _, c := range p.Has {
			why := lacks[c]
			switch {
			case why == "":
			case c.Optional():
				refused[string(c)] = fmt.Sprintf("the library refuses it: %s; %s judges that", why, c.StatedBy())
				notes = append(notes, fmt.Sprintf("the library refuses %s: %s. If it is meant to lack it, list what it has under profiles in conform.yaml; until then %s is judged", p.Name, why, c.StatedBy()))
			default:
				notes = append(notes, fmt.Sprintf("the library does not seem to have %s: %s. Its rules are core and are judged all the same", p.Name, why))
			}
		}
	}
	return refused, notes
}
