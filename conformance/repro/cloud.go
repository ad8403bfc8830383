package repro

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/fakecloud"
)

// weather is what the cloud does at a moment: its faults, and how its network is
// disturbed, as scripts say it.
type weather struct {
	faults  []fault
	network map[string]*fakecloud.Misbehaviour // by plane
	files   map[string]string
	plan    int    // type of the plan before the first call
	before  bool   // no call has been made
	given   string // the script in force
}

type fault struct {
	device string
	class  fakecloud.Class
	fault  fakecloud.Fault
}

// change takes a deed over and reports what cloud.sh is to be asked for; "" for nothing.
func (w *weather) change(d fakecloud.Deed) string {
	switch {
	case d.Plan != nil:
		if w.before {
			w.plan = d.Plan.Type
		}
		return fmt.Sprintf("plan %d %d", d.Plan.Type, d.Plan.Switch)
	case d.Link != "":
		if w.network == nil {
			w.network = make(map[string]*fakecloud.Misbehaviour)
		}
		w.network[d.Link] = d.Weather
	case d.Fault != nil:
		w.faults = append(w.faults, fault{d.Device, d.Class, *d.Fault})
	default:
		w.faults = slices.DeleteFunc(w.faults, func(f fault) bool { return f.device == d.Device && f.class == d.Class })
	}
	return "faults"
}

// script is the weather as conform cloud --faults reads it; "" for an honest cloud.
func (w *weather) script() string {
	var s fakecloud.Script
	for i, f := range w.faults {
		// The same fault of several classes is one entry.
		if i > 0 && w.faults[i-1].device == f.device && w.faults[i-1].fault == f.fault {
			last := &s.Faults[len(s.Faults)-1]
			last.On = append(last.On, f.class)
			continue
		}
		s.Faults = append(s.Faults, f.fault.Written(f.device, f.class))
	}
	for _, plane := range []string{"control", "storage"} {
		if m := w.network[plane]; m != nil {
			s.Faults = append(s.Faults, *m)
		}
	}
	if len(s.Faults) == 0 {
		return ""
	}
	return s.YAML()
}

// file puts the script of now into a file and returns what cloud.sh is to be
// asked for; "" when nothing has changed. What was given before is replaced.
func (w *weather) file() string {
	text := w.script()
	if text == w.given {
		return ""
	}
	w.given = text
	if text == "" {
		return "honest"
	}
	for name, known := range w.files {
		if known == text {
			return "faults " + name
		}
	}
	name := "faults.yaml"
	if n := len(w.files); n > 0 || !w.before {
		name = fmt.Sprintf("faults-%d.yaml", n+1)
	}
	w.files[name] = text
	return "faults " + name
}

// shell is cloud.sh.
func (w *weather) shell(r scenario.Recording) string {
	return strings.NewReplacer("DEVICE", r.Device.ProductID+"/"+r.Device.DeviceName).Replace(`#!/bin/sh
# Asks conform cloud for a plan or for faults; repro.c runs it. By hand:
#   ./cloud.sh plan TYPE SWITCH     0 none, 1 full-time, 2 event; the user's switch 0 or 1
#   ./cloud.sh faults FILE          these faults instead of those before
#   ./cloud.sh honest               none
set -eu
: "${IVCS_ENDPOINT:?say where the cloud is: . ./cloud.env}"
ask() {
	curl -fsS -o /dev/null -H "Authorization: Bearer ${REPRO_TOKEN:-repro}" "$@"
}
case "$1" in
plan) ask -X PUT -d "{\"cs_type\":$2,\"cs_switch\":$3}" "$IVCS_ENDPOINT/admin/devices/DEVICE/plan" ;;
honest) ask -X DELETE "$IVCS_ENDPOINT/admin/faults" ;;
faults)
	ask -X DELETE "$IVCS_ENDPOINT/admin/faults"
	ask --data-binary "@$2" "$IVCS_ENDPOINT/admin/faults"
	;;
*) echo "cloud.sh: plan, faults or honest" >&2; exit 2 ;;
esac
`)
}
