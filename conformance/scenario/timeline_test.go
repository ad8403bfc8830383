package scenario

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// recorded runs a scenario on the reference that records for a while.
func recorded(t *testing.T, artifacts string, after func(*Env)) verdict.Outcome {
	t.Helper()
	cat, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	rule, _ := cat.Rule("INIT-001")
	cfg := Config{
		Target: target.Reference(), Mode: Virtual, Catalogue: cat, Artifacts: artifacts,
		Missing: func(rules.Capability) string { return "" },
	}
	return RunOnce(cfg, rule, "it records, and then: \"something\"", func(e *Env) {
		cam := e.Camera(fixtures.H264(), nil)
		e.StartFullTime(cam)
		cam.Run(6 * time.Second)
		after(e)
	})[0]
}

func TestARedScenarioTellsWhatLedToIt(t *testing.T) {
	dir := t.TempDir()
	o := recorded(t, dir, func(e *Env) {
		e.Fail("made up\nin two lines")
		e.Expect(e.Lib.Exit()).To(ReturnNone())
	})
	var page strings.Builder
	last := int64(0)
	for _, m := range o.Trace {
		page.WriteString(m.When() + " " + string(m.Kind) + " " + m.Text() + "\n")
		if m.AtMS < last {
			t.Errorf("out of order: %s", m.Text())
		}
		last = m.AtMS
	}
	for _, want := range []string{
		"0 call iv_cs_init u32MaxGopSize", "callback iv_cs_push_stream_start_cb → 0", " × iv_cs_push_stream(video) seq ", "iv_cs_push_stream(video) seq 0, PTS 0 ms", " … seq 119, PTS 5950 ms",
		"request PUT ", " bytes → 200", "callback iv_cs_notify_cb AV_UPLOAD_STATE, frames 0–", "finding made up in two lines", "call iv_cs_exit → IV_ERR_NONE (0)",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the time line lacks %q", want)
		}
	}
	if strings.Index(page.String(), "finding") > strings.Index(page.String(), "iv_cs_exit") {
		t.Error("the finding stands after what came later")
	}
	if strings.Contains(page.String(), "ivcs_conform_") || strings.Contains(page.String(), "Signature") {
		t.Error("it tells the harness's own calls, or signatures")
	}
	if t.Failed() {
		t.Log("\n" + page.String())
	}

	var kinds []string
	for _, path := range o.Artifacts {
		b, err := os.ReadFile(path)
		if err != nil || len(b) == 0 {
			t.Errorf("%s: %v, %d bytes", path, err, len(b))
		}
		if rel, _ := filepath.Rel(filepath.Join(dir, "INIT-001", "it-records-and-then-something"), path); filepath.Dir(rel) != "." {
			t.Errorf("%s is in another folder", path)
		}
		if filepath.Base(path) == "journal.json" && !json.Valid(b) {
			t.Error("the journal is no JSON")
		}
		kinds = append(kinds, filepath.Ext(path))
	}
	if got := strings.Join(kinds, " "); !strings.HasPrefix(got, ".txt .json .ts") {
		t.Errorf("artefacts %s", got)
	}
}

func TestAGreenScenarioLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	recorded(t, dir, func(e *Env) { e.Fail("red at first") })
	o := recorded(t, dir, func(*Env) {})
	if len(o.Trace) > 0 || len(o.Artifacts) > 0 {
		t.Errorf("trace %v, artefacts %v", o.Trace, o.Artifacts)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "INIT-001", "*")); len(left) > 0 {
		t.Errorf("left of the red run before: %v", left)
	}
}

func TestALongTimeLineKeepsWhatIsAroundTheFindings(t *testing.T) {
	var line []verdict.Moment
	for i := range 1000 {
		line = append(line, verdict.Moment{AtMS: int64(i), Kind: verdict.RequestMoment})
	}
	line[500] = verdict.Moment{AtMS: 500, Kind: verdict.FindingMoment, What: "here"}
	short := abridge(line)
	if len(short) > mostMoments+10 {
		t.Errorf("%d moments", len(short))
	}
	shown := 0
	for _, m := range short {
		if m.Kind == verdict.GapMoment {
			shown += m.Times
			continue
		}
		shown++
	}
	if shown != len(line) {
		t.Errorf("accounts for %d of %d moments", shown, len(line))
	}
	at := 0
	for i, m := range short {
		if m.Kind == verdict.FindingMoment {
			at = i
		}
	}
	if at == 0 || short[at-beforeMoment].AtMS != 488 || short[at+afterMoment].AtMS != 503 || short[len(short)-1].AtMS != 999 {
		t.Errorf("%+v", short)
	}
}
