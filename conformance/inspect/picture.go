package inspect

import (
	_ "embed"
	"fmt"
	"html"
	"html/template"
	"io"
	"strings"

	"github.com/ivcs/conform/conformance/tscheck"
)

// The picture: lanes for segments, key frames, pictures, sound and findings over
// one axis of seconds.
const (
	left, width, right     = 90, 1000, 20
	lane                   = 26
	laneSegment, laneKey   = 30, 30 + lane
	lanePicture, laneSound = 30 + 2*lane, 30 + 3*lane
	laneFinding, height    = 30 + 4*lane, 30 + 6*lane
)

// SVG draws the time line; it stands by itself.
func (r *Report) SVG(w io.Writer) error {
	_, err := io.WriteString(w, r.svg())
	return err
}

func (r *Report) svg() string {
	from, to := r.span()
	x := func(at float64) float64 { return left + (at-from)/(to-from)*width }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
<style>.seg{fill:#9bb8d3}.odd{fill:#c5d6e6}.key{stroke:#1b6e3c;stroke-width:2}.pic{stroke:#7a7a7a}.snd{fill:#d8b56a}.bad{fill:#c0392b}.warn{fill:#d98e04}text{fill:#777}.axis{stroke:#999}</style>
`, left+width+right, height)
	for i, name := range []string{"segments", "key frames", "pictures", "sound", "findings"} {
		fmt.Fprintf(&b, "<text x=\"4\" y=\"%d\">%s</text>\n", laneSegment+i*lane+14, name)
	}
	for i := range 11 {
		at := from + (to-from)*float64(i)/10
		fmt.Fprintf(&b, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"20\" y2=\"%d\" stroke-opacity=\".3\"/><text x=\"%.1f\" y=\"14\">%.3g s</text>\n", x(at), x(at), height-10, x(at), at)
	}
	for i, p := range r.Pieces {
		class := "seg"
		if i%2 == 1 {
			class = "odd"
		}
		rect(&b, class, x(p.Start), x(p.End), laneSegment, p.title()+": "+p.Summary())
		marks(&b, p, x)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%d\" r=\"5\"><title>%s</title></circle>\n",
			f.Mark, x(f.At), laneFinding+10, html.EscapeString(string(f.Code)+", "+f.Where()+f.Text))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// marks draws what the piece holds. Of many pictures as many are drawn as can be
// told apart.
func marks(b *strings.Builder, p *Piece, x func(float64) float64) {
	drawn := -1.0
	for _, f := range p.report.Video {
		if f.DTS == tscheck.NoTime {
			continue
		}
		at := x(p.at(f.DTS))
		if f.Key {
			fmt.Fprintf(b, "<line class=\"key\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", at, at, laneKey, laneKey+18)
		}
		if at-drawn >= 1 {
			fmt.Fprintf(b, "<line class=\"pic\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", at, at, lanePicture+4, lanePicture+18)
			drawn = at
		}
	}
	if sound := stamps(p.report.Audio); len(sound) > 0 {
		rect(b, "snd", x(p.at(sound[0])), x(p.at(sound[len(sound)-1])), laneSound, fmt.Sprintf("%d frames of sound", p.Sounds))
	}
}

func rect(b *strings.Builder, class string, from, to float64, y int, title string) {
	fmt.Fprintf(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"18\"><title>%s</title></rect>\n",
		class, from, y, max(to-from, 1), html.EscapeString(title))
}

// span is what the axis shows.
func (r *Report) span() (from, to float64) {
	for i, p := range r.Pieces {
		if i == 0 || p.Start < from {
			from = p.Start
		}
		to = max(to, p.End)
	}
	if to <= from {
		to = from + 1
	}
	return from, to
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// HTML writes the picture and the findings as one file that needs no other.
func (r *Report) HTML(w io.Writer) error {
	return page.Execute(w, struct {
		*Report
		Picture template.HTML
	}{r, template.HTML(r.svg())}) // svg escapes what comes from outside
}

// Of are the findings of the piece with this index, for the page.
func (r *Report) Of(i int) []*Finding {
	var out []*Finding
	for _, f := range r.Findings {
		if f.Piece == i {
			out = append(out, f)
		}
	}
	return out
}
