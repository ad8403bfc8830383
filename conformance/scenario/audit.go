package scenario

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// auditCloud holds what the cloud has answered (its journal) against what it
// has kept. Where they differ its evidence is worth nothing: the scenario and the
// invariants seen in it have no verdict, and the library is not blamed.
func (e *Env) auditCloud() {
	if e.Device == nil {
		return
	}
	a := audit{device: e.Device, journal: e.Device.Journal()}
	a.objects()
	a.plans()
	a.grants()
	a.events()
	if len(a.wrong) == 0 {
		return
	}
	more := ""
	if n := len(a.wrong) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d contradictions more)", n)
	}
	f := verdict.Finding{Severity: verdict.Harness, Text: "the cloud under test contradicts itself, which is no fault of the library's: " + a.wrong[0] + more}
	e.outcome.Findings = append(e.outcome.Findings, f)
	for i := range e.others {
		e.others[i].Findings = append(e.others[i].Findings, f)
	}
}

type audit struct {
	device  *fakecloud.Device
	journal []fakecloud.Entry
	wrong   []string
}

func (a *audit) find(format string, args ...any) {
	a.wrong = append(a.wrong, fmt.Sprintf(format, args...))
}

// meant reports whether the entry is the cloud's own answer, and not one that a
// fault has put in its place.
func meant(entry fakecloud.Entry) bool {
	f := entry.Fault
	return entry.Done && entry.Status < 300 && entry.Status >= 200 &&
		(f == nil || f.Status == 0 && f.Body == "" && f.Truncate == 0)
}

type object struct {
	body     []byte
	requests int
}

// objects: what was acknowledged is kept, whole, and what is kept was put.
func (a *audit) objects() {
	kept := map[string]*object{}
	for _, s := range a.device.Segments() {
		kept[s.UploadID] = &object{body: s.Body}
	}
	for _, p := range a.device.Pictures() {
		kept[p.UploadID] = &object{body: p.Body}
	}
	for _, entry := range a.journal {
		if entry.Class != fakecloud.ClassSegmentPUT && entry.Class != fakecloud.ClassPicturePUT {
			continue
		}
		name, _, _ := strings.Cut(path.Base(entry.Path), ".")
		o := kept[name]
		if o != nil {
			o.requests++
		}
		if !meant(entry) {
			continue
		}
		switch tag := strings.Trim(entry.Reply.Get("ETag"), `"`); {
		case o == nil:
			a.find("it acknowledged the PUT of %s and has not kept it", name)
		case entry.BytesIn != int64(len(o.body)):
			a.find("it acknowledged %d bytes of %s and has kept %d", entry.BytesIn, name, len(o.body))
		case tag != "" && tag != sum(o.body):
			a.find("it acknowledged %s with an ETag that is not that of what it has kept", name)
		}
	}
	for name, o := range kept {
		if o.requests == 0 {
			a.find("it has kept %s, and no PUT of it is in its journal", name)
		}
	}
}

func sum(b []byte) string {
	s := md5.Sum(b)
	return hex.EncodeToString(s[:])
}

// plans: each answer is the plan that had the revision.
func (a *audit) plans() {
	for _, entry := range a.journal {
		var told struct {
			Rev    int
			Switch int `json:"cs_switch"`
			Type   int `json:"cs_type"`
		}
		if entry.Class != fakecloud.ClassPlan || !meant(entry) || json.Unmarshal(entry.Answer, &told) != nil {
			continue
		}
		if p, ok := a.device.PlanOf(told.Rev); !ok || p.Switch != told.Switch || p.Type != told.Type {
			a.find("it told of a plan with cs_switch %d and cs_type %d as revision %d, which had %d and %d", told.Switch, told.Type, told.Rev, p.Switch, p.Type)
		}
	}
}

// grants: each grant answered is one of this device's, and one upload is not
// granted to two objects.
func (a *audit) grants() {
	known := map[string]bool{}
	for _, u := range a.device.Uploads() {
		known[u.ID] = true
	}
	owner := map[string]string{}
	for _, entry := range a.journal {
		var told struct {
			ID string `json:"upload_id"`
		}
		var asked struct {
			Recording string `json:"recording"`
			FirstSeq  uint32 `json:"first_seq"`
			Start     int64  `json:"start_utc_ms"`
			Report    string `json:"report_id"`
		}
		grant := entry.Class == fakecloud.ClassGrantSegment || entry.Class == fakecloud.ClassGrantPicture
		if !grant || !meant(entry) || json.Unmarshal(entry.Answer, &told) != nil || json.Unmarshal(entry.Request, &asked) != nil {
			continue
		}
		if !known[told.ID] {
			a.find("it granted %s, which is no upload of this device", told.ID)
		}
		key := fmt.Sprint(entry.Class, asked)
		if other, ok := owner[told.ID]; ok && other != key {
			a.find("it granted %s to two objects", told.ID)
		}
		owner[told.ID] = key
	}
}

// events: what was acknowledged is kept.
func (a *audit) events() {
	kept := map[string]bool{}
	for _, ev := range a.device.Events() {
		kept[ev.ReportID] = true
	}
	for _, entry := range a.journal {
		var told struct {
			ID string `json:"report_id"`
		}
		if entry.Class == fakecloud.ClassEvent && meant(entry) && json.Unmarshal(entry.Answer, &told) == nil && !kept[told.ID] {
			a.find("it acknowledged the event report %s and has not kept it", told.ID)
		}
	}
}
