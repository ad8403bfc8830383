package main

import (
	"fmt"
	"slices"
	"strings"
)

// target is a figure that the project has set itself.
type target struct {
	what, want string
	figure     func(*results) (float64, bool)
	format     string
	met        func(float64) bool
}

func ratioOf(a, b, unit string) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) { return r.ratio(a, b, unit) }
}

func figureOf(name, unit string) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) { return r.get(name, unit) }
}

func atLeast(want float64) func(float64) bool { return func(v float64) bool { return v >= want } }
func atMost(want float64) func(float64) bool  { return func(v float64) bool { return v <= want } }

var targets = []target{
	{"TS writer, beside mediacommon", "≥ 10 ×", ratioOf("TSWriter/writer=conform", "TSWriter/writer=mediacommon", "MB/s"), "%.1f ×", atLeast(10)},
	{"TS writer, beside a warm copy of the same bytes", "≥ 0.3 ×", ratioOf("TSWriter/writer=conform", "TSWriter/writer=copy", "MB/s"), "%.2f ×", atLeast(0.3)},
	{"TS writer, allocations a segment", "0", figureOf("TSWriter/writer=conform", "allocs/op"), "%.0f", atMost(0)},
	{"TS writer, beside go-astits", "–", ratioOf("TSWriter/writer=conform", "TSWriter/writer=astits", "MB/s"), "%.1f ×", nil},
	{"tscheck with all checks, beside a bare gots parse", "≥ 0.2 ×", ratioOf("TSCheck/reader=conform", "TSCheck/reader=gots", "MB/s"), "%.2f ×", atLeast(0.2)},
	{"push with the network dead, 99.9 % within", "not longer than healthy", ratioOf("Push/network=dead", "Push/network=healthy", "p99.9-ns/push"), "%.2f × healthy", atMost(1.5)},
	{"grant and PUT, 1 client, beside raw gofakes3", "≥ 0.8 ×", ratioOf("Store/store=conform/clients=1", "Store/store=gofakes3/clients=1", "MB/s"), "%.2f ×", atLeast(0.8)},
	{"grant and PUT, 8 clients, beside raw gofakes3", "≥ 0.8 ×", ratioOf("Store/store=conform/clients=8", "Store/store=gofakes3/clients=8", "MB/s"), "%.2f ×", atLeast(0.8)},
	{"grant and PUT, 64 clients, beside raw gofakes3", "≥ 0.8 ×", ratioOf("Store/store=conform/clients=64", "Store/store=gofakes3/clients=64", "MB/s"), "%.2f ×", atLeast(0.8)},
	{"start of a shim", "< 20 ms", figureOf("Shim/what=start", "ns/op"), "%.3g ns", atMost(20e6)},
}

// targets writes what was aimed at and what was reached.
func (r *results) targets(b *strings.Builder) {
	fmt.Fprintf(b, "Measured on %s/%s, %s; each figure is the median of its runs.\n\n", r.about["goos"], r.about["goarch"], r.about["cpu"])
	b.WriteString("| what | target | reached | |\n|---|---|---|---|\n")
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
				mark = "missed"
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", t.what, t.want, reached, mark)
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
	b.WriteString("\n</details>\n\n![TS writers](performance/ts.svg)\n![stores](performance/store.svg)\n![growth with devices](performance/devices.svg)\n![growth with minutes](performance/minutes.svg)\n\n")
}
