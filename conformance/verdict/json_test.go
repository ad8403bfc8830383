package verdict_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

var update = flag.Bool("update", false, "write the golden files anew")

// example is a run with a bit of everything.
func example(t *testing.T) *verdict.Run {
	t.Helper()
	cat := catalogue(t)
	about := lacking(library(), rules.Headers)
	about.Target.Machine = "EM_X86_64, 64 bit"
	about.Target.Notes = []string{"exports iv_cs_resource_destroy"}
	about.Clock, about.Rate, about.Seed = "scaled", 20, 7
	about.Args = append(about.Args, "--clock", "scaled")
	about.Versions = map[string]string{"conform": "v0.1.0", "catalogue": ""}
	passed := outcome(must, "800 KiB, a multiple of 4096 > 0 & accepted")
	passed.Records = []verdict.Record{{Key: "4096", Value: "接受"}}
	passed.DomainMS, passed.RealMS, passed.Worker = 1500, 75, 2
	run := verdict.Judge(cat, pick(t, cat, must, should, info, "ABI-055"), []verdict.Outcome{
		passed,
		outcome(should, "a second init is refused", verdict.Plain),
		outcome(cloud, "invariant, seen in INIT-004", verdict.Hard),
	}, about)
	run.Versions["catalogue"] = "0123456789ab" // the digests change with every rule
	for _, list := range [][]verdict.Verdict{run.Verdicts, run.InPassing} {
		for i := range list {
			list[i].Digest = "01234567"
		}
	}
	return run
}

func TestJSONIsAsDocumentedAndReadsBack(t *testing.T) {
	const golden = "testdata/run.json"
	got := encode(t, example(t))
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the JSON has changed: if this is meant, run go test -update, and raise Schema if a reader of the old one could stumble\n%s", got)
	}
	back, err := verdict.Decode(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if again := encode(t, back); again != got {
		t.Errorf("read and written again it is\n%s", again)
	}
	if back.ExitCode() != verdict.ExitNotConformant {
		t.Errorf("exit code %d after the round trip", back.ExitCode())
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, example(t))
	for _, c := range []struct {
		name     string
		old, new string
		want     string
	}{
		{"another schema, fields unseen", `"schema": 2,`, `"schema": 3, "novelty": true,`, "schema 3, this program reads 2: use the same version"},
		{"a field it does not know", `"schema": 2,`, `"schema": 2, "novelty": true,`, `unknown field "novelty"`},
		{"a status that does not exist", `"status": "untestable"`, `"status": "splendid"`, `DOC-002 has the unknown status "splendid"`},
		{"a severity that does not exist", `"severity": "hard"`, `"severity": "grave"`, `FLOW-003 has a finding of the unknown severity "grave"`},
		{"what is not JSON", `{`, `<`, "this is no run in JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("the example has no %s", c.old)
			}
			_, err := verdict.Decode(strings.NewReader(strings.Replace(good, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
