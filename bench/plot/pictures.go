package main

import (
	"fmt"
	"image/color"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

var shades = []color.Color{
	color.RGBA{R: 0x1b, G: 0x6c, B: 0xa8, A: 0xff},
	color.RGBA{R: 0xe0, G: 0x7a, B: 0x1f, A: 0xff},
	color.RGBA{R: 0x7a, G: 0x7a, B: 0x7a, A: 0xff},
}

// pictures draws what tables show badly: peers side by side, and growth.
func (r *results) pictures(dir string) error {
	if err := r.bars(filepath.Join(dir, "ts.svg"), "Writing a segment of 10 s", "MB/s", []string{"conform", "copy", "mediacommon", "astits"},
		[]series{{"", func(i int, name string) string { return "TSWriter/writer=" + name }}}); err != nil {
		return err
	}
	clients := []string{"1", "8", "64"}
	var stores []series
	for _, store := range []string{"conform", "gofakes3", "handler"} {
		stores = append(stores, series{store, func(_ int, n string) string { return fmt.Sprintf("Store/store=%s/clients=%s", store, n) }})
	}
	if err := r.bars(filepath.Join(dir, "store.svg"), "Storing 300 KB, by clients at once", "MB/s", clients, stores); err != nil {
		return err
	}
	if err := r.bars(filepath.Join(dir, "devices.svg"), "A segment of 12 KB, by devices", "ns/segment", []string{"1", "10", "100", "1000"},
		[]series{{"", func(_ int, n string) string { return "Devices/devices=" + n }}}); err != nil {
		return err
	}
	if err := r.bars(filepath.Join(dir, "load.svg"), "Stored by devices of 1 Mbit/s (0.125 MB/s each)", "MB-stored/s", []string{"1", "10", "100", "1000"},
		[]series{{"", func(_ int, n string) string { return "Load/devices=" + n }}}); err != nil {
		return err
	}
	if err := r.bars(filepath.Join(dir, "retention.svg"), "Heap of a cloud that forgets after 5 minutes, by minutes", "B", []string{"10", "100", "1000"},
		[]series{{"", func(_ int, n string) string { return "Retention/minutes=" + n }}}); err != nil {
		return err
	}
	return r.bars(filepath.Join(dir, "minutes.svg"), "A minute written and judged, by length of the recording", "ns/minute", []string{"1", "10", "100"},
		[]series{{"", func(_ int, n string) string { return "Recording/minutes=" + n }}})
}

type series struct {
	name      string
	benchmark func(i int, label string) string
}

// bars draws a figure of each series for each label; benchmarks that were not run
// are left out.
func (r *results) bars(path, title, unit string, labels []string, all []series) error {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text, p.Y.Min = title, unit, 0
	width := vg.Points(36 / float64(len(all)))
	for i, s := range all {
		values := make(plotter.Values, len(labels))
		for j, label := range labels {
			values[j], _ = r.get(s.benchmark(j, label), unit)
		}
		chart, err := plotter.NewBarChart(values, width)
		if err != nil {
			return fmt.Errorf("%s: %w", title, err)
		}
		chart.Color, chart.LineStyle.Width = shades[i%len(shades)], 0
		chart.Offset = width * vg.Length(float64(i)-float64(len(all)-1)/2)
		p.Add(chart)
		if s.name != "" {
			p.Legend.Add(s.name, chart)
		}
	}
	p.Legend.Top = true
	p.NominalX(labels...)
	return p.Save(14*vg.Centimeter, 8*vg.Centimeter, path)
}
