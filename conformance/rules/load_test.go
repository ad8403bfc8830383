package rules_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ivcs/conform/conformance/rules"
)

const goodAmbiguities = `ambiguities:
  - {id: AMB-01, title: "Exactly 300"}
`

const goodChapter = `chapter: INIT
title_en: "Initialisation"
title_zh: "初始化"
rules:
  - id: INIT-001
    level: MUST
    basis: explicit
    tier: A
    core: true
    needs: []
    source:
      section: "iv_cs_init"
      line: 83
      quote: "云存储模块初始化"
    statement_en: "iv_cs_init initialises the module."
    statement_zh: "完成初始化。"
    observe: "Return code."
    scenarios:
      - "pos: minimal valid struct"
    time: "none"
    mutant: "init returns -1"
    ambiguities: [AMB-01]
  - id: INIT-002
    level: SHOULD
    basis: field
    tier: B
    core: false
    needs: [cloud-binding]
    hard: [crash]
    statement_en: "It survives."
    statement_zh: "不崩溃。"
    observe: "Signal."
    scenarios:
      - "neg: anything"
    time: "none"
    mutant: "it crashes"
    ambiguities: []
`

// folder is a good catalogue of two rules with some files replaced; an empty
// text removes the file.
func folder(replaced map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{
		"ambiguities.yaml": {Data: []byte(goodAmbiguities)},
		"03-init.yaml":     {Data: []byte(goodChapter)},
	}
	for name, text := range replaced {
		if text == "" {
			delete(fsys, name)
			continue
		}
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestAGoodCatalogueLoads(t *testing.T) {
	cat, err := rules.LoadFS(folder(nil))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := cat.Rule("INIT-001")
	if !ok || r.Chapter != "INIT" || r.Level != rules.Must || r.Source.Line != 83 || r.ZH != "完成初始化。" {
		t.Errorf("INIT-001 was read as %+v", r)
	}
	if r, _ := cat.Rule("INIT-002"); len(r.Hard) != 1 || r.Hard[0] != rules.CrashPart || r.Testable() != true {
		t.Errorf("INIT-002 was read as %+v", r)
	}
	if a, ok := cat.Ambiguity("AMB-01"); !ok || a.Title != "Exactly 300" {
		t.Errorf("AMB-01 was read as %+v", a)
	}
	if _, ok := cat.Ambiguity("AMB-02"); ok {
		t.Error("AMB-02 was found, and is not there")
	}
}

func TestTheLoaderRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new string // in 03-init.yaml, once
		want     string // the whole line of the refusal up to the remedy
	}{
		{"an unknown field", "    time: \"none\"", "    colour: red\n    time: \"none\"", `03-init.yaml:20: unknown field "colour"`},
		{"a field twice in a rule", "    core: true", "    core: true\n    core: true", "03-init.yaml:10: "},
		{"what is not YAML", "rules:", "rules: [", "03-init.yaml:"},
		{"two documents in a file", "chapter: INIT", "a: b\n---\nchapter: INIT", "03-init.yaml:1: is not one YAML document"},
		{"a text where a number belongs", "line: 83", "line: many", "03-init.yaml:13: "},
		{"a duplicate id", "id: INIT-002", "id: INIT-001", "03-init.yaml:23: duplicate id INIT-001 (first in 03-init.yaml:5)"},
		{"an id of another chapter", "id: INIT-002", "id: EXIT-002", "03-init.yaml:23: EXIT-002 is not of chapter INIT"},
		{"an id of a longer chapter", "id: INIT-002", "id: INIT-X-002", "03-init.yaml:23: INIT-X-002 is not of chapter INIT"},
		{"an id without three digits", "id: INIT-002", "id: INIT-2", `03-init.yaml:23: "INIT-2" is no id of a rule`},
		{"a chapter that is not the file's", "chapter: INIT", "chapter: EXIT", `03-init.yaml:1: chapter "EXIT" in the file of INIT`},
		{"a chapter without a Chinese title", "title_zh: \"初始化\"", "title_zh: \"Init\"", "03-init.yaml:1: chapter INIT has no title in both languages"},
		{"a wrong level", "level: MUST", "level: MUSTN'T", `03-init.yaml:6: INIT-001 has level "MUSTN'T"`},
		{"a wrong basis", "basis: explicit", "basis: guess", `03-init.yaml:7: INIT-001 has basis "guess"`},
		{"a wrong tier", "tier: A", "tier: C", `03-init.yaml:8: INIT-001 has tier "C"`},
		{"tier B without the cloud", "tier: A", "tier: B", "03-init.yaml:8: INIT-001 is of tier B and needs nothing"},
		{"tier A with the cloud", "needs: []", "needs: [cloud-binding]", "03-init.yaml:8: INIT-001 is of tier A and needs cloud-binding"},
		{"no word on core", "    core: true\n", "", "03-init.yaml:5: INIT-001 does not say core"},
		{"no word on needs", "    needs: []\n", "", "03-init.yaml:5: INIT-001 does not say needs"},
		{"no word on ambiguities", "    ambiguities: [AMB-01]\n", "", "03-init.yaml:5: INIT-001 does not say ambiguities"},
		{"an unknown capability", "needs: []", "needs: [telepathy]", `03-init.yaml:10: INIT-001 needs "telepathy", which is no capability`},
		{"a capability twice", "needs: []", "needs: [c-abi, c-abi]", "03-init.yaml:10: INIT-001 needs c-abi twice"},
		{"a core rule that needs what a port may lack", "needs: []", "needs: [h265]", "03-init.yaml:9: INIT-001 is core and needs h265, which a port may lack"},
		{"a core rule that is a SHOULD", "core: false", "core: true", "03-init.yaml:27: INIT-002 is core and only SHOULD"},
		{"no English text", "statement_en: \"iv_cs_init initialises the module.\"", "statement_en: \" \"", "03-init.yaml:15: INIT-001 has no statement_en"},
		{"no Chinese text", "    statement_zh: \"完成初始化。\"\n", "", "03-init.yaml:5: INIT-001 has no statement_zh"},
		{"English in the place of Chinese", "statement_zh: \"完成初始化。\"", "statement_zh: \"It initialises.\"", "03-init.yaml:16: INIT-001 has no Chinese in statement_zh"},
		{"no observation", "observe: \"Return code.\"", "observe: \"\"", "03-init.yaml:17: INIT-001 has no observe"},
		{"no mutant", "mutant: \"init returns -1\"", "mutant: \"\"", "03-init.yaml:21: INIT-001 has no mutant"},
		{"no time", "time: \"none\"", "time: \"\"", "03-init.yaml:20: INIT-001 has no time"},
		{"an empty scenario", "- \"pos: minimal valid struct\"", "- \"\"", "03-init.yaml:18: INIT-001 has no scenarios, or an empty one"},
		{"a sentence without its place", "line: 83", "line: 0", "03-init.yaml:11: INIT-001 does not say where it stands"},
		{"a sentence without its words", "quote: \"云存储模块初始化\"", "quote: \"\"", "03-init.yaml:11: INIT-001 does not say where it stands"},
		{"a sentence without its section", "section: \"iv_cs_init\"", "section: \"\"", "03-init.yaml:11: INIT-001 does not say where it stands"},
		{"a core rule that is a MAY", "level: MUST", "level: MAY", "03-init.yaml:9: INIT-001 is core and only MAY"},
		{"a core rule that is an INFO", "level: MUST", "level: INFO", "03-init.yaml:9: INIT-001 is core and only INFO"},
		{"a check from the field with a place", "basis: explicit", "basis: field", "03-init.yaml:11: INIT-001 comes from the field and has a source"},
		{"a check from the field without a hard part", "    hard: [crash]\n", "", "03-init.yaml:23: INIT-002 comes from the field and names no hard part"},
		{"an unknown hard part", "hard: [crash]", "hard: [rust]", `03-init.yaml:29: INIT-002 has the hard part "rust"`},
		{"an unknown ambiguity", "[AMB-01]", "[AMB-77]", "03-init.yaml:22: INIT-001 cites AMB-77, which ambiguities.yaml does not have"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(goodChapter, c.old) < 1 {
				t.Fatalf("the good chapter has no %q", c.old)
			}
			_, err := rules.LoadFS(folder(map[string]string{"03-init.yaml": strings.Replace(goodChapter, c.old, c.new, 1)}))
			wantRefusal(t, err, c.want)
		})
	}
}

func TestTheLoaderRefusesFiles(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"whose name does not tell the chapter", map[string]string{"init.yaml": goodChapter}, "init.yaml:1: the file's name does not tell its chapter"},
		{"whose rules stand in another one already", map[string]string{"04-init.yaml": goodChapter}, "04-init.yaml:5: duplicate id INIT-001 (first in 03-init.yaml:5)"},
		{"that are empty", map[string]string{"04-exit.yaml": "# nothing\n"}, "04-exit.yaml:1: is not one YAML document"},
		{"without any rule", map[string]string{"03-init.yaml": ""}, ":0: no rules at all"},
		{"when the list of ambiguities is missing", map[string]string{"ambiguities.yaml": ""}, "ambiguities.yaml:0: cannot be read"},
		{"with an ambiguity that has no number", map[string]string{"ambiguities.yaml": goodAmbiguities + "  - {id: AMB-X, title: t}\n"}, `ambiguities.yaml:3: "AMB-X" is no id of an ambiguity`},
		{"with an ambiguity twice", map[string]string{"ambiguities.yaml": goodAmbiguities + "  - {id: AMB-01, title: t}\n"}, "ambiguities.yaml:3: duplicate id AMB-01"},
		{"with an ambiguity without a title", map[string]string{"ambiguities.yaml": goodAmbiguities + "  - {id: AMB-02, title: \"\"}\n"}, "ambiguities.yaml:3: AMB-02 has no title"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rules.LoadFS(folder(c.files))
			wantRefusal(t, err, c.want)
		})
	}
}

func TestAllRefusalsComeAtOnce(t *testing.T) {
	text := strings.NewReplacer("level: MUST", "level: WILL", "tier: B", "tier: Z", "mutant: \"it crashes\"", "mutant: \"\"").Replace(goodChapter)
	_, err := rules.LoadFS(folder(map[string]string{"03-init.yaml": text}))
	if err == nil {
		t.Fatal("nothing was refused")
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != 3 {
		t.Errorf("%d refusals, want 3:\n%v", got, err)
	}
}

// wantRefusal demands a refusal that begins so, is one line, and names a remedy.
func wantRefusal(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("loaded, want %q", want)
	}
	var r *rules.Refusal
	if !errors.As(err, &r) || r.Remedy == "" {
		t.Fatalf("%T is no refusal with a remedy: %v", err, err)
	}
	for line := range strings.Lines(err.Error()) {
		if strings.HasPrefix(line, want) {
			return
		}
	}
	t.Errorf("refused with\n%v\nwant a line that begins\n%s", err, want)
}
