package inspect

import (
	"context"
	"fmt"

	"github.com/ivcs/conform/conformance/tscheck"
)

// Mark is how grave a finding is.
type Mark string

// A bad finding breaks playing; a warning breaks it in some players, or tells of
// something that is missing.
const (
	Bad  Mark = "bad"
	Warn Mark = "warn"
)

// The kinds of finding that inspect has beside those of tscheck.
const (
	CodeUnread tscheck.Code = "unread"   // the object cannot be had
	CodeOpaque tscheck.Code = "opaque"   // no transport stream
	CodeUnit   tscheck.Code = "pts-unit" // times in another unit
	CodeGap    tscheck.Code = "gap"      // a hole in the times
	CodeDrift  tscheck.Code = "drift"    // sound and picture run apart
	CodeExtinf tscheck.Code = "extinf"   // the playlist tells another length
)

// Finding is a fault and its place.
type Finding struct {
	Mark    Mark         `json:"mark"`
	Code    tscheck.Code `json:"code"`
	Piece   int          `json:"piece"`             // index in Pieces
	Offset  int64        `json:"offset"`            // byte in the object; -1: of no place
	Packet  int64        `json:"packet"`            // -1: of no place
	PID     int          `json:"pid,omitempty"`     // 0: of no PID
	At      float64      `json:"at"`                // seconds on the time line; that of the piece if not known better
	Text    string       `json:"text"`              // what is wrong
	Meaning string       `json:"meaning,omitempty"` // what comes of it
}

// Piece is an object of the recording.
type Piece struct {
	Name     string  `json:"name"`
	Bytes    int     `json:"bytes"`
	Packets  int     `json:"packets"`
	Video    string  `json:"video,omitempty"` // "H.264"
	Pictures int     `json:"pictures"`
	Keys     int     `json:"keys"`
	GOP      int     `json:"gop"`             // pictures from one key frame to the next, the longest
	Audio    string  `json:"audio,omitempty"` // "AAC"
	Sounds   int     `json:"sounds"`          // ADTS frames
	Alone    bool    `json:"alone"`           // decodable without the others
	Start    float64 `json:"start"`           // seconds on the time line
	End      float64 `json:"end"`
	Restarts bool    `json:"restarts,omitempty"` // a discontinuity stands before it

	report   *tscheck.Report
	declared float64
	base     int64 // the time stamp that stands at Start
	frame    float64
}

// Report is what a recording is and what is wrong with it.
type Report struct {
	Source   string     `json:"source"`
	Pieces   []*Piece   `json:"pieces"`
	Findings []*Finding `json:"findings"`
}

// Examine looks at a recording. The error is a matter of usage: there is nothing
// to look at.
func Examine(ctx context.Context, source string) (*Report, error) {
	list, err := pieces(ctx, source)
	if err != nil {
		return nil, err
	}
	r := &Report{Source: source}
	var chain tscheck.Chain
	for _, p := range list {
		data, err := read(ctx, p.name)
		if err != nil && len(list) == 1 {
			return nil, err
		}
		r.take(p, data, err, &chain)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return r, nil
}

// take looks at the next object.
func (r *Report) take(p piece, data []byte, unread error, chain *tscheck.Chain) {
	it := &Piece{Name: p.name, Bytes: len(data), Restarts: p.restarts, declared: p.seconds, report: &tscheck.Report{}}
	r.Pieces = append(r.Pieces, it)
	if last := r.last(); last != nil {
		it.Start = last.End
	}
	it.End = it.Start
	if unread != nil {
		r.find(it, Bad, CodeUnread, -1, fmt.Sprint(unread))
		return
	}
	t := tscheck.Check(data)
	it.report, it.Packets = t, t.Packets
	if t.Opaque {
		r.find(it, Bad, CodeOpaque, -1, "this is no MPEG transport stream: encrypted, cut at the front, or another container")
		return
	}
	if p.restarts {
		*chain = tscheck.Chain{} // a player begins anew here, and so does what is expected
	}
	it.measure(r.last())
	for _, f := range append(t.Findings, chain.Add(t)...) {
		r.told(it, f)
	}
	it.Alone = alone(t)
	r.unit(it)
	r.gaps(it)
	r.drift(it)
	r.length(it)
}

// last is the piece before the newest, if it holds anything.
func (r *Report) last() *Piece {
	for i := len(r.Pieces) - 2; i >= 0; i-- {
		if r.Pieces[i].report.Packets > 0 {
			return r.Pieces[i]
		}
	}
	return nil
}

// told takes a finding of tscheck over.
func (r *Report) told(p *Piece, f tscheck.Finding) {
	mark := Bad
	if f.Soft && !broken[f.Code] {
		mark = Warn
	}
	out := r.find(p, mark, f.Code, f.Offset, f.Text)
	const noPID = 0x1FFF
	if f.PID != noPID {
		out.PID = int(f.PID)
	}
	if f.Frame >= 0 {
		switch t := p.report; {
		case f.PID == t.VideoPID && f.Frame < len(t.Video):
			out.At = p.at(t.Video[f.Frame].DTS)
		case f.PID == t.AudioPID && f.Frame < len(t.Audio):
			out.At = p.at(t.Audio[f.Frame].DTS)
		}
	}
}

func (r *Report) find(p *Piece, mark Mark, code tscheck.Code, offset int64, text string) *Finding {
	f := &Finding{Mark: mark, Code: code, Piece: len(r.Pieces) - 1, Offset: offset, Packet: -1, At: p.Start, Text: text, Meaning: meanings[code]}
	if offset >= 0 {
		f.Packet = offset / 188
	}
	r.Findings = append(r.Findings, f)
	return f
}

// alone tells whether a player that has only this object shows a picture from
// its beginning on.
func alone(t *tscheck.Report) bool {
	if len(t.Video) == 0 {
		return len(t.Audio) > 0
	}
	return len(t.Find(tscheck.CodeKeyFrame, tscheck.CodeTables, tscheck.CodeCRC, tscheck.CodeStreamType)) == 0 &&
		t.Video[0].Key && !t.Video[0].Damaged && !lacksSets(t)
}

// lacksSets: the first key frame has not all its parameter sets.
func lacksSets(t *tscheck.Report) bool {
	for _, f := range t.Find(tscheck.CodeParameterSets) {
		if f.Frame == 0 {
			return true
		}
	}
	return false
}
