package verdict

// Change is how a rule fared in two runs.
type Change struct {
	Rule     string
	From, To Status // "" where the rule was not selected
	Reworded bool   // the rule says something else now
	Why      string // first line of what was found, in the later run
}

// Worse reports whether the library got worse by the change: what was judged
// fares worse, or a rule that is new is broken.
func (c Change) Worse() bool {
	if c.From == "" {
		return c.To == Fail
	}
	return c.To != "" && grade(c.To) > grade(c.From)
}

// Better reports whether the library got better.
func (c Change) Better() bool { return c.From != "" && c.To != "" && grade(c.To) < grade(c.From) }

// grade says how bad a status is, for comparing two runs: whether a choice was
// recorded or a rule passed is no difference in quality.
func grade(s Status) int {
	switch s {
	case Fail:
		return 5
	case Error:
		return 4
	case NotJudged:
		return 3
	case Warn:
		return 2
	case Waived:
		return 1
	}
	return 0
}

// Diff lists the rules that fared differently, or were reworded, in the order
// of the earlier run; rules that are new come last.
func Diff(before, after *Run) []Change {
	var all []Change
	for _, old := range before.all() {
		c := Change{Rule: old.Rule, From: old.Status}
		if now, ok := after.find(old.Rule); ok {
			c.To, c.Why = now.Status, now.why()
			c.Reworded = old.Digest != "" && now.Digest != "" && old.Digest != now.Digest
		}
		if c.From != c.To || c.Reworded {
			all = append(all, c)
		}
	}
	for _, now := range after.all() {
		if _, ok := before.find(now.Rule); !ok {
			all = append(all, Change{Rule: now.Rule, To: now.Status, Why: now.why()})
		}
	}
	return all
}

// find is Verdict, also among what was seen in passing.
func (r *Run) find(id string) (Verdict, bool) {
	for _, v := range r.all() {
		if v.Rule == id {
			return v, true
		}
	}
	return Verdict{}, false
}

func (v *Verdict) why() string {
	if v.Status == Pass || v.Status == Recorded {
		return ""
	}
	if v.Reason != "" {
		return v.Reason
	}
	return v.firstText(severities...)
}
