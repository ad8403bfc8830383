package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Waiver excuses a rule that a library is known to break, in the one way that
// it is known to break it in, for a time. It is an entry of a waiver file.
type Waiver struct {
	Rule string `yaml:"rule" json:"rule"`
	// Message is what each finding on the rule has to say: a part of its text,
	// in which … stands for anything.
	Message string `yaml:"message" json:"message"`
	Reason  string `yaml:"reason" json:"reason"`
	Owner   string `yaml:"owner" json:"owner"`
	Link    string `yaml:"link" json:"link"`
	Expires string `yaml:"expires" json:"expires"` // the last day, 2027-01-31

	Line int `yaml:"-" json:"line"` // in its file
}

// Excuse is what a report shows of the waiver that excuses a rule.
type Excuse struct {
	Was     Status `json:"was"` // the status without the waiver
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Link    string `json:"link,omitempty"`
	Expires string `json:"expires"`
}

// WarnDays is how many days before its end a waiver is called to mind.
const WarnDays = 14

// lastDay is the day on which a waiver ends.
func (w Waiver) lastDay() (time.Time, error) { return time.Parse(time.DateOnly, w.Expires) }

// DaysLeft counts the days that a waiver still holds; negative: it has expired.
func (w Waiver) DaysLeft(now time.Time) int {
	end, err := w.lastDay()
	if err != nil {
		return -1
	}
	year, month, day := now.Date()
	return int(end.Sub(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)).Hours()) / 24
}

// Matches reports whether the finding is what the waiver expects: whatever the
// line breaks and blanks.
func (w Waiver) Matches(f Finding) bool {
	text := oneLine(f.Text)
	for part := range strings.SplitSeq(oneLine(w.Message), "…") {
		i := strings.Index(text, strings.TrimSpace(part))
		if i < 0 {
			return false
		}
		text = text[i+len(strings.TrimSpace(part)):]
	}
	return true
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Waive applies the waivers of the run to its verdicts. Each has to be needed:
// a rule passes, fails in another way, or was not judged, and the waiver is a
// grievance. Nothing excuses a crash, a hang or a failure of the harness.
func (r *Run) Waive(now time.Time) {
	byRule := make(map[string][]Waiver)
	for _, w := range r.Waivers {
		byRule[w.Rule] = append(byRule[w.Rule], w)
	}
	for _, list := range [][]Verdict{r.Verdicts, r.InPassing} {
		for i := range list {
			if of := byRule[list[i].Rule]; len(of) > 0 {
				r.waive(&list[i], of, now)
			}
		}
	}
}

func (r *Run) waive(v *Verdict, waivers []Waiver, now time.Time) {
	complain := func(w Waiver, format string, args ...any) {
		r.Grievances = append(r.Grievances, fmt.Sprintf("waiver of %s (line %d): %s", w.Rule, w.Line, fmt.Sprintf(format, args...)))
	}
	first := waivers[0]
	// Another shard may have seen the rule broken in passing: the merged run tells.
	part := r.Shard != nil
	switch {
	case part && v.Status != Fail && v.Status != Warn:
		return
	case v.Status == Pass || v.Status == Recorded:
		for _, w := range waivers {
			complain(w, "stale: the rule now has status %s; remove the waiver", v.Status)
		}
		return
	case v.Status != Fail && v.Status != Warn:
		complain(first, "the rule is %s, so nobody can tell whether it is still broken; run what judges it, or remove the waiver", v.Status)
		return
	}
	broken := v.broken()
	if i := slices.IndexFunc(broken, func(f Finding) bool { return f.Severity == Crash || f.Severity == Harness }); i >= 0 {
		complain(first, "a crash, a hang or a failure of the harness cannot be waived: %s", oneLine(broken[i].Text))
		return
	}
	excused := true
	used := make([]bool, len(waivers))
	for _, f := range broken {
		matched := false
		for i, w := range waivers {
			if w.Matches(f) {
				matched, used[i] = true, true
			}
		}
		if !matched && v.decides(f) {
			excused = false
			complain(first, "the rule fails in another way: %s", oneLine(f.Text))
		}
	}
	for i, w := range waivers {
		switch left := w.DaysLeft(now); {
		case left < 0:
			excused = false
			complain(w, "expired on %s: mend the library, or ask %s for a new date", w.Expires, w.Owner)
		case !used[i] && !part:
			excused = false
			complain(w, "stale: no finding says %q any more; run conform waive --update, or remove the waiver", w.Message)
		}
	}
	if excused {
		v.Status, v.Waived = Waived, &Excuse{Was: v.Status, Reason: first.Reason, Owner: first.Owner, Link: first.Link, Expires: first.Expires}
	}
}

// unwaive takes the waivers' effect back.
func (r *Run) unwaive() {
	r.Grievances = nil
	for _, list := range [][]Verdict{r.Verdicts, r.InPassing} {
		for i := range list {
			if v := &list[i]; v.Waived != nil {
				v.Status, v.Waived = v.Waived.Was, nil
			}
		}
	}
}

// decides reports whether the finding alone gives the rule its status: what is
// softer needs no waiver of its own.
func (v *Verdict) decides(f Finding) bool {
	s := weigh(v.Level, f.Severity)
	return s == v.Status || v.Promoted && s == Warn
}

// broken lists the findings that weigh against the library.
func (v *Verdict) broken() []Finding {
	var all []Finding
	for _, f := range v.Findings() {
		if f.Severity != Blocked && f.Severity != Lacking {
			all = append(all, f)
		}
	}
	return all
}
