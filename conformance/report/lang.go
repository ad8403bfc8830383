package report

import (
	"fmt"
	"slices"

	"github.com/ivcs/conform/conformance/verdict"
)

// Lang is the language of a report. The clauses of rules stand in both
// languages in each; findings are the suite's own, in English.
type Lang string

const (
	English Lang = "en"
	Chinese Lang = "zh"
)

// Languages lists them.
func Languages() []Lang { return []Lang{English, Chinese} }

// ParseLang refuses what is no language of the reports.
func ParseLang(s string) (Lang, error) {
	if l := Lang(s); slices.Contains(Languages(), l) {
		return l, nil
	}
	return "", fmt.Errorf("--lang %s: choose en or zh", s)
}

// words are all words of the reports in one language. Fields that end in F are
// formats.
type words struct {
	Clock, Seed, Shard, Note                                           string
	Promoted, SeenInPassing, DoesNotApply, DoesNotApplyShort           string
	Again, AgainHint, Observed, SpecF, RuledIn                         string
	SelectedF, Incomplete                                              string
	Conformant, NotConformant, IncompleteRun, Partial                  string
	StrictRun, WithWaiverF, WithWaiversF                               string
	WaivedF, WaiverTrouble, ExpiresSoonF                               string
	NothingRan, HarnessGapF, CoreGapF, DeclaredGapF                    string
	TimeLine, GapF, Artifacts, FilesF, Expected, Got                   string
	Report, Intro, Judged, Kind, Result, Summary, Chapter              string
	Rules, Rule, Level, WhatHolds, All, NotSelected                    string
	HowToRead, Legend, KillsLegend, Needs, NeedsShort, FailsAllTheSame string
	WarningStrict, InPassingTitle, InPassingText                       string
	LineF, SearchHint, NotPassed, NothingRed                           string
	Copy, Copied, Missing, Versions                                    string
	Observe, Caller, Library, Cloud, CoreWord, NoHit                   string
	SlowRules, SlowScenarios                                           string

	Status   map[verdict.Status]string
	Severity map[verdict.Severity]string
	Moment   map[verdict.MomentKind]string
}

// in returns the words of a language; English when none is given.
func in(l Lang) *words {
	if l == Chinese {
		return &chinese
	}
	return &english
}

var english = words{
	Clock: "clock", Seed: "seed", Shard: "shard", Note: "note",
	Promoted: "a warning; the run is strict", SeenInPassing: "not selected, seen in passing",
	DoesNotApply: "does not apply to this kind of target", DoesNotApplyShort: "does not apply",
	Again: "again", AgainHint: "run just this again", Observed: "observed", SpecF: "specification: %s, line %d", RuledIn: "ruled in:",
	SelectedF: "selected: %d, %s", Incomplete: "incomplete",
	Conformant: "conformant", NotConformant: "not conformant", IncompleteRun: "incomplete", Partial: "partial: what was judged conforms, and core rules are declared away",
	StrictRun: " (strict)", WithWaiverF: " with %d waiver", WithWaiversF: " with %d waivers",
	WaivedF: "waived until %s (%s): %s", WaiverTrouble: "waivers", ExpiresSoonF: "the waiver of %s (%s) ends in %d days, on %s",
	NothingRan:  "nothing ran: no scenario of a selected rule was carried out",
	HarnessGapF: "the harness could not judge %d rules: %s", CoreGapF: "%d core rules not judged: %s",
	DeclaredGapF: "%d core rules declared away: %s",
	TimeLine:     "time line (domain ms)", GapF: "%d left out", Artifacts: "artefacts", FilesF: "%d files", Expected: "expected", Got: "observed",
	Report: "Report",
	Intro: "The specification of the `iv_cs_*` interface as rules, and how each implementation fares. Where the specification is unclear,\n" +
		"[docs/interpretations.md](docs/interpretations.md) rules; \"observed\" says which of the permitted readings a library took.",
	Judged: "Judged", Kind: "kind", Result: "result", Summary: "Summary", Chapter: "chapter",
	Rules: "rules", Rule: "rule", Level: "level", WhatHolds: "what holds", All: "all", NotSelected: "not selected",
	HowToRead: "How to read it",
	Legend: `* **MUST** and **CALLER** rules fail when they are broken (CALLER: a duty of the caller; when it is neglected the library has to survive), **SHOULD** warns,
  **MAY** and **INFO** are recorded. **core** holds for every port: a run that could not judge it is incomplete.
* pass · fail · warn · recorded (a free choice was observed) · error (the harness could not judge) · not-judged (the target lacks what the rule needs,
  or a state that another rule owns was not reached) · untestable (INFO).`,
	KillsLegend: "**kills** counts the deliberate faults of the reference that the rule's own spec has been seen to notice: [docs/kill-matrix.md](docs/kill-matrix.md).",
	Needs:       "What a rule may need:", NeedsShort: "needs", FailsAllTheSame: "fails all the same",
	WarningStrict: "(warning, strict)", InPassingTitle: "Seen in passing", InPassingText: "Rules that were not selected and yet seen broken.",
	LineF: "%s, line %d (%s)", SearchHint: "search: rule, word, function …", NotPassed: "What did not pass", NothingRed: "Every judged rule passed.",
	Copy: "copy", Copied: "copied", Missing: "lacks", Versions: "versions",
	Observe: "what decides", Caller: "caller", Library: "library", Cloud: "cloud", CoreWord: "core", NoHit: "No rule matches.",
	SlowRules: "slowest rules", SlowScenarios: "slowest scenarios",
	Status: map[verdict.Status]string{
		verdict.Pass: "pass", verdict.Fail: "fail", verdict.Warn: "warn", verdict.Waived: "waived", verdict.Recorded: "recorded",
		verdict.Error: "error", verdict.NotJudged: "not-judged", verdict.Untestable: "untestable",
	},
	Severity: map[verdict.Severity]string{
		verdict.Plain: "plain", verdict.Hard: "hard", verdict.Soft: "soft", verdict.Crash: "crash",
		verdict.Blocked: "blocked", verdict.Lacking: "lacking", verdict.Harness: "harness",
	},
	Moment: map[verdict.MomentKind]string{
		verdict.CallMoment: "call", verdict.CallbackMoment: "callback", verdict.RequestMoment: "request", verdict.OutputMoment: "output",
		verdict.DeathMoment: "end", verdict.FindingMoment: "finding", verdict.GapMoment: "…",
	},
}

var chinese = words{
	Clock: "时钟", Seed: "随机种子", Shard: "分片", Note: "提示",
	Promoted: "本为警告，严格模式下算失败", SeenInPassing: "未选中，顺带发现",
	DoesNotApply: "不适用于此类目标", DoesNotApplyShort: "不适用",
	Again: "重跑", AgainHint: "只重跑这一条", Observed: "观察到", SpecF: "规范：%s，第 %d 行", RuledIn: "裁定见：",
	SelectedF: "共选中 %d 条，%s", Incomplete: "不完整",
	Conformant: "符合", NotConformant: "不符合", IncompleteRun: "不完整", Partial: "部分符合：已判定的都符合，但有核心规则被声明为不支持",
	StrictRun: "（严格）", WithWaiverF: "，有 %d 项豁免", WithWaiversF: "，有 %d 项豁免",
	WaivedF: "豁免至 %s（%s）：%s", WaiverTrouble: "豁免有误", ExpiresSoonF: "%s 的豁免（%s）还有 %d 天，于 %s 到期",
	NothingRan:  "什么都没有运行：选中的规则没有一个场景被执行",
	HarnessGapF: "测试工具未能判定 %d 条规则：%s", CoreGapF: "%d 条核心规则未判定：%s",
	DeclaredGapF: "%d 条核心规则被声明为不支持：%s",
	TimeLine:     "时间线（域内毫秒）", GapF: "略去 %d 项", Artifacts: "留存文件", FilesF: "%d 个文件", Expected: "期望", Got: "实际",
	Report: "报告",
	Intro: "`iv_cs_*` 接口规范逐条列为规则，以及各实现的表现。规范不明确之处以\n" +
		"[docs/interpretations.md](docs/interpretations.md) 的裁定为准；“观察到”表示该库采取了哪一种允许的做法。",
	Judged: "被测对象", Kind: "类型", Result: "结果", Summary: "汇总", Chapter: "章节",
	Rules: "规则数", Rule: "规则", Level: "级别", WhatHolds: "内容", All: "合计", NotSelected: "未选中",
	HowToRead: "如何阅读",
	Legend: `* **MUST** 与 **CALLER** 规则违反即失败（CALLER：调用者的义务，调用者未遵守时库也必须存活），**SHOULD** 违反为警告，
  **MAY** 与 **INFO** 只作记录。**core**（核心）规则对每个移植都成立：未能判定核心规则的运行是不完整的。
* 通过 · 失败 · 警告 · 记录（观察到自由选择）· 错误（测试工具未能判定）· 未判定（目标缺少规则所需的能力，
  或未到达由另一规则负责的状态）· 不可测（INFO）。`,
	KillsLegend: "**kills** 为该规则自身的测试已识别出的参考实现故意缺陷数：[docs/kill-matrix.md](docs/kill-matrix.md)。",
	Needs:       "规则可能需要的能力：", NeedsShort: "需要", FailsAllTheSame: "仍判失败",
	WarningStrict: "（警告，严格）", InPassingTitle: "顺带发现", InPassingText: "未选中、但被发现违反的规则。",
	LineF: "%s，第 %d 行（%s）", SearchHint: "搜索：规则、关键字、函数……", NotPassed: "未通过的规则", NothingRed: "所有已判定的规则都通过。",
	Copy: "复制", Copied: "已复制", Missing: "缺少", Versions: "版本",
	Observe: "判定依据", Caller: "调用者", Library: "库", Cloud: "云", CoreWord: "核心", NoHit: "没有匹配的规则。",
	SlowRules: "最慢的规则", SlowScenarios: "最慢的场景",
	Status: map[verdict.Status]string{
		verdict.Pass: "通过", verdict.Fail: "失败", verdict.Warn: "警告", verdict.Waived: "豁免", verdict.Recorded: "记录",
		verdict.Error: "错误", verdict.NotJudged: "未判定", verdict.Untestable: "不可测",
	},
	Severity: map[verdict.Severity]string{
		verdict.Plain: "不符", verdict.Hard: "硬性不符", verdict.Soft: "软性不符", verdict.Crash: "崩溃或挂起",
		verdict.Blocked: "受阻", verdict.Lacking: "缺少能力", verdict.Harness: "测试工具故障",
	},
	Moment: map[verdict.MomentKind]string{
		verdict.CallMoment: "调用", verdict.CallbackMoment: "回调", verdict.RequestMoment: "请求", verdict.OutputMoment: "输出",
		verdict.DeathMoment: "终止", verdict.FindingMoment: "发现", verdict.GapMoment: "…",
	},
}
