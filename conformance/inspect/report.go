package inspect

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
)

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// Text writes the report for people; color paints the marks.
func (r *Report) Text(w io.Writer, color bool) error {
	var b strings.Builder
	for i, p := range r.Pieces {
		fmt.Fprintf(&b, "%s  %s\n", p.title(), p.Summary())
		for _, f := range r.Findings {
			if f.Piece != i {
				continue
			}
			fmt.Fprintf(&b, "  %s %s%s\n", paint(f.Mark, color), f.Where(), f.Text)
			if f.Meaning != "" {
				fmt.Fprintf(&b, "       -> %s\n", f.Meaning)
			}
		}
	}
	fmt.Fprintf(&b, "\n%s\n", r.Verdict())
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *Piece) title() string {
	name, _, _ := strings.Cut(p.Name, "?")
	return path.Base(name)
}

// Summary is what the piece holds, in one line.
func (p *Piece) Summary() string {
	var parts []string
	parts = append(parts, fmt.Sprintf("%.3f s to %.3f s", p.Start, p.End))
	if p.Video != "" {
		parts = append(parts, fmt.Sprintf("%s: %d pictures, %d key frames, GOP %d", p.Video, p.Pictures, p.Keys, p.GOP))
	}
	if p.Audio != "" {
		parts = append(parts, fmt.Sprintf("%s: %d frames", p.Audio, p.Sounds))
	}
	if p.Alone {
		parts = append(parts, "decodable alone")
	} else {
		parts = append(parts, "NOT decodable alone")
	}
	return strings.Join(parts, "; ")
}

// Where is the place of the finding, as a hex editor and a packet viewer find it.
func (f *Finding) Where() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.3f s", f.At)
	if f.Offset >= 0 {
		fmt.Fprintf(&b, ", byte %d (packet %d)", f.Offset, f.Packet)
	}
	if f.PID > 0 {
		fmt.Fprintf(&b, ", PID 0x%04X", f.PID)
	}
	return b.String() + ": "
}

// Verdict is the report in one line.
func (r *Report) Verdict() string {
	bad := 0
	for _, f := range r.Findings {
		if f.Mark == Bad {
			bad++
		}
	}
	switch {
	case len(r.Findings) == 0:
		return fmt.Sprintf("%s: %d segments, nothing wrong", r.Source, len(r.Pieces))
	case bad == 0:
		return fmt.Sprintf("%s: %d segments, %d warnings", r.Source, len(r.Pieces), len(r.Findings))
	}
	return fmt.Sprintf("%s: %d segments, %d faults, %d warnings", r.Source, len(r.Pieces), bad, len(r.Findings)-bad)
}

func paint(m Mark, color bool) string {
	text := fmt.Sprintf("%-4s", m)
	if !color {
		return text
	}
	return map[Mark]string{Warn: "\x1b[33m", Bad: "\x1b[31m"}[m] + text + "\x1b[0m"
}
