package main

import (
	"fmt"
	"slices"
	"strings"
)

// target is a figure that the project has set itself.
type target struct {
	what, want string
	bench      string // what -bench selects for it
	figure     func(*results) (float64, bool)
	format     string
	met        func(float64) bool
}

func ratioOf(a, b, unit string) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) { return r.ratio(a, b, unit) }
}

// figureOf is a figure in units of its own.
func figureOf(name, unit string, of float64) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) {
		v, ok := r.get(name, unit)
		return v / of, ok
	}
}

func atLeast(want float64) func(float64) bool { return func(v float64) bool { return v >= want } }
func atMost(want float64) func(float64) bool  { return func(v float64) bool { return v <= want } }
func below(want float64) func(float64) bool   { return func(v float64) bool { return v < want } }

var targets = []target{
	{"TS writer, beside mediacommon", "≥ 10 ×", "TSWriter", ratioOf("TSWriter/writer=conform", "TSWriter/writer=mediacommon", "MB/s"), "%.1f ×", atLeast(10)},
	{"TS writer, beside a warm copy of the same bytes", "≥ 0.3 ×", "TSWriter", ratioOf("TSWriter/writer=conform", "TSWriter/writer=copy", "MB/s"), "%.2f ×", atLeast(0.3)},
	{"TS writer, allocations a segment", "0", "TSWriter", figureOf("TSWriter/writer=conform", "allocs/op", 1), "%.0f", atMost(0)},
	{"TS writer, beside go-astits", "–", "TSWriter", ratioOf("TSWriter/writer=conform", "TSWriter/writer=astits", "MB/s"), "%.1f ×", nil},
	{"tscheck with all checks, beside a bare gots parse", "≥ 0.2 ×", "TSCheck", ratioOf("TSCheck/reader=conform", "TSCheck/reader=gots", "MB/s"), "%.2f ×", atLeast(0.2)},
	{"push with the network dead, 99.9 % within", "not longer than healthy", "Push", ratioOf("Push/network=dead", "Push/network=healthy", "p99.9-ns/push"), "%.2f × healthy", atMost(1.5)},
	{"push, allocations a call", "0", "PushAllocations", figureOf("PushAllocations", "allocs/push", 1), "%.0f", atMost(0)},
	{"grant and PUT, 1 client, beside raw gofakes3", "≥ 0.8 ×", "Store", ratioOf("Store/store=conform/clients=1", "Store/store=gofakes3/clients=1", "MB/s"), "%.2f ×", atLeast(0.8)},
	{"grant and PUT, 8 clients, beside raw gofakes3", "≥ 0.8 ×", "Store", ratioOf("Store/store=conform/clients=8", "Store/store=gofakes3/clients=8", "MB/s"), "%.2f ×", atLeast(0.8)},
	{"grant and PUT, 64 clients, beside raw gofakes3", "≥ 0.8 ×", "Store", ratioOf("Store/store=conform/clients=64", "Store/store=gofakes3/clients=64", "MB/s"), "%.2f ×", atLeast(0.8)},
	{"1,000 devices at 1 Mbit/s: segments and frames lost", "0", "Load", figureOf("Load/devices=1000", "lost", 1), "%.0f", atMost(0)},
	{"memory of a device beside u32MaxGopSize, AAC", "≤ 100 KB (note 7)", "Memory", figureOf("Memory/sound=aac", "B-beside-buffer/device", 1024), "%.0f KB", atMost(100)},
	{"memory of a device beside u32MaxGopSize, PCM mono", "≤ 220 KB (note 7)", "Memory", figureOf("Memory/sound=pcm_mono", "B-beside-buffer/device", 1024), "%.0f KB", atMost(220)},
	{"memory of a device beside u32MaxGopSize, PCM stereo", "≤ 260 KB (note 7)", "Memory", figureOf("Memory/sound=pcm_stereo", "B-beside-buffer/device", 1024), "%.0f KB", atMost(260)},
	{"a cloud that forgets: heap after 1,000 minutes, beside after 100", "flat", "Retention", ratioOf("Retention/minutes=1000", "Retention/minutes=100", "B"), "%.2f ×", atMost(1.1)},
	{"start of a shim", "< 20 ms", "Shim", figureOf("Shim/what=start", "ns/op", 1e6), "%.1f ms", below(20)},
	{"the suite: reference in this process", "< 15 s", "Suite", figureOf("Suite/library=reference_in_this_process", "s", 1), "%.0f s", below(15)},
	{"the suite: reference through its C ABI", "< 30 s", "Suite", figureOf("Suite/library=reference,_C_ABI", "s", 1), "%.0f s", below(30)},
	{"the suite: C port with hooks", "< 30 s", "Suite", figureOf("Suite/library=port,_hooks", "s", 1), "%.0f s", below(30)},
	{"the suite: C port without hooks, scaled ×20", "< 30 s", "Suite", figureOf("Suite/library=port,_no_hooks,_scaled", "s", 1), "%.0f s", below(30)},
	{"the suite: C port without hooks, real time", "< 150 s", "Suite", figureOf("Suite/library=port,_no_hooks,_real", "s", 1), "%.0f s", below(150)},
}

// targets writes what was aimed at and what was reached.
func (r *results) targets(b *strings.Builder) {
	fmt.Fprintf(b, "Measured on %s/%s, %s; each figure is the median of its runs. `-bench` is what `go test` in [bench](../bench) takes for it.\n\n",
		r.about["goos"], r.about["goarch"], r.about["cpu"])
	b.WriteString("| what | target | reached | | `-bench` |\n|---|---|---|---|---|\n")
	for _, t := range targets {
		v, ok := t.figure(r)
		reached, mark := "not measured", ""
		if ok {
			reached = fmt.Sprintf(t.format, v)
			switch {
			case t.met == nil:
			case t.met(v):
				mark = "met"
			default:
				mark = "[missed](#missed)"
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", t.what, t.want, reached, mark, t.bench)
	}
	b.WriteString("\n")
}

// table writes every figure.
func (r *results) table(b *strings.Builder) {
	b.WriteString("<details><summary>All figures</summary>\n\n| benchmark | figures |\n|---|---|\n")
	for _, name := range r.names {
		var units []string
		for unit := range r.values[name] {
			units = append(units, unit)
		}
		slices.Sort(units)
		var figures []string
		for _, unit := range units {
			figures = append(figures, fmt.Sprintf("%.4g %s", r.values[name][unit], unit))
		}
		fmt.Fprintf(b, "| %s | %s |\n", name, strings.Join(figures, ", "))
	}
	b.WriteString("\n</details>\n\n![TS writers](performance/ts.svg)\n![stores](performance/store.svg)\n![growth with devices](performance/devices.svg)\n![growth with minutes](performance/minutes.svg)\n![load](performance/load.svg)\n![a cloud that forgets](performance/retention.svg)\n\n")
}
