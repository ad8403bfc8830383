package inspect

import (
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/tscheck"
)

// recording is 2 s of H.264 with sound a segment, one after the other.
func recording(n int) [][]byte {
	m := &mux{video: tscheck.TypeH264, audio: tscheck.TypeAAC, start: 900000}
	return segments(m, n, nil)
}

func segments(m *mux, n int, edit func([]sample) []sample) [][]byte {
	all := withAudio(clipSamples(fixtures.H264(), 0, 40*n), fixtures.AAC())
	if edit != nil {
		all = edit(all)
	}
	out := make([][]byte, n)
	for i := range n {
		var part []sample
		for _, s := range all {
			if s.ms/2000 == int64(i) {
				part = append(part, s)
			}
		}
		out[i] = m.segment(part)
	}
	return out
}

// store writes segments to a folder.
func store(t *testing.T, parts [][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for i, b := range parts {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.ts", i)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func video(edit func(i int, s sample) (sample, bool)) func([]sample) []sample {
	return func(all []sample) []sample {
		var out []sample
		i := 0
		for _, s := range all {
			keep := true
			if s.video {
				s, keep = edit(i, s)
				i++
			}
			if keep {
				out = append(out, s)
			}
		}
		return out
	}
}

// packetOf is the n-th packet of a PID that begins a unit, or does not.
func packetOf(b []byte, pid uint16, start bool, n int) int {
	for i := 0; i < len(b); i += 188 {
		if binary.BigEndian.Uint16(b[i+1:])&0x1fff == pid && (b[i+1]&0x40 != 0) == start {
			if n == 0 {
				return i
			}
			n--
		}
	}
	panic("no such packet")
}

func TestEachDamageIsFoundAndSaidInPlainWords(t *testing.T) {
	none := func(all []sample) []sample {
		return slices.DeleteFunc(all, func(s sample) bool { return !s.video })
	}
	for _, c := range []struct {
		name  string
		mux   mux
		edit  func([]sample) []sample
		hurt  func([][]byte) [][]byte
		code  tscheck.Code // "": nothing is wrong
		says  string
		alone bool // the first segment is decodable alone
	}{
		{name: "nothing", alone: true},
		{name: "the clock wraps", mux: mux{start: 1<<33 - 100000}, alone: true},
		{name: "times are numbers of frames", mux: mux{time: func(ms int64) int64 { return ms / 50 }}, code: CodeUnit, says: "the number of the frame", alone: true},
		{name: "times are milliseconds", mux: mux{time: func(ms int64) int64 { return ms }}, code: CodeUnit, says: "milliseconds that were not multiplied by 90", alone: true},
		{name: "times are microseconds", mux: mux{time: func(ms int64) int64 { return ms * 1000 }}, code: CodeUnit, says: "microseconds that were not converted", alone: true},
		{name: "microseconds for milliseconds", mux: mux{time: func(ms int64) int64 { return ms * 1000 * 90 }}, code: CodeUnit, says: "microseconds that were taken for milliseconds", alone: true},
		{name: "microseconds for milliseconds, without sound", mux: mux{audio: 0xff, time: func(ms int64) int64 { return ms * 1000 * 90 }}, edit: none, code: CodeUnit, says: "microseconds that were taken for milliseconds", alone: true},
		{name: "a P frame is lost", edit: video(func(i int, s sample) (sample, bool) { return s, i != 10 }), code: tscheck.CodeFrameNum, says: "frame_num", alone: true},
		{name: "the picture stands for a second", edit: video(func(i int, s sample) (sample, bool) {
			if i >= 30 && i < 40 {
				s.ms += 400
			}
			return s, s.ms < 2000 || i >= 40
		}), code: CodeGap, says: "usual", alone: true},
		{name: "the sound runs too fast", edit: func(all []sample) []sample {
			for i := range all {
				if !all[i].video {
					all[i].ms = all[i].ms * 4 / 5
				}
			}
			slices.SortStableFunc(all, func(a, b sample) int { return int(a.ms - b.ms) })
			return all
		}, code: CodeDrift, says: "too fast", alone: true},
		{name: "the sound begins late", edit: func(all []sample) []sample {
			return slices.DeleteFunc(all, func(s sample) bool { return !s.video && s.ms < 700 })
		}, code: CodeDrift, says: "the sound begins 7", alone: true},
		{name: "sound is announced and does not come", edit: none, code: tscheck.CodePIDs, says: "no sample", alone: true},
		{name: "cut before a P frame", edit: video(func(i int, s sample) (sample, bool) { return s, i != 0 }), code: tscheck.CodeKeyFrame, says: "not a key frame"},
		{name: "a packet is lost", hurt: func(b [][]byte) [][]byte {
			at := packetOf(b[0], testVideo, false, 30)
			b[0] = slices.Delete(b[0], at, at+188)
			return b
		}, code: tscheck.CodeContinuity, says: "1 packet is missing", alone: true},
		{name: "a segment is twice there", hurt: func(b [][]byte) [][]byte { return [][]byte{b[0], b[0], b[1]} }, code: tscheck.CodeChainTime, says: "before the last one", alone: true},
		{name: "a segment is missing", hurt: func(b [][]byte) [][]byte { return [][]byte{b[0], b[2]} }, code: tscheck.CodeChainTime, says: "after the last one", alone: true},
		{name: "it is encrypted", hurt: func(b [][]byte) [][]byte { return [][]byte{fixtures.JPEG()} }, code: CodeOpaque, says: "no MPEG transport stream"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := c.mux
			m.video = tscheck.TypeH264
			if m.audio == 0xff {
				m.audio = 0
			} else {
				m.audio = tscheck.TypeAAC
			}
			parts := segments(&m, 3, c.edit)
			if c.hurt != nil {
				parts = c.hurt(parts)
			}
			r, err := Examine(context.Background(), store(t, parts))
			if err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(r.Findings, func(f *Finding) bool {
				return f.Code == c.code && strings.Contains(f.Text, c.says) && f.Meaning != ""
			})
			if c.code == "" && len(r.Findings) > 0 || c.code != "" && !found || r.Pieces[0].Alone != c.alone {
				var b strings.Builder
				_ = r.Text(&b, false)
				t.Errorf("want %q saying %q, alone %v:\n%s", c.code, c.says, c.alone, b.String())
			}
		})
	}
}

func TestSegmentsStandOnOneTimeLine(t *testing.T) {
	r, err := Examine(context.Background(), store(t, recording(3)))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range r.Pieces {
		if got, want := p.Start, 2*float64(i); got < want-0.1 || got > want+0.1 || p.GOP != 40 || p.Keys != 1 || p.Pictures != 40 {
			t.Errorf("segment %d: %+v, want it to begin near %v s with one GOP of 40", i, p, want)
		}
	}
}

func TestAPlaylistIsFollowed(t *testing.T) {
	dir := store(t, recording(3))
	list := "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.000,\n000.ts\n#EXTINF:5.000,\n001.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:2.000,\n000.ts?x=1\n#EXTINF:2,\nlost.ts\n"
	if err := os.WriteFile(filepath.Join(dir, "timeshift.m3u8"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	r, err := Examine(context.Background(), server.URL+"/timeshift.m3u8?starttime_epoch=0")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Findings {
		got = append(got, fmt.Sprint(f.Piece, " ", f.Code))
	}
	if want := []string{"1 extinf", "3 unread"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if p := r.Pieces[2]; p.Start < r.Pieces[1].End {
		t.Errorf("behind a discontinuity a segment begins at %v s, before %v s", p.Start, r.Pieces[1].End)
	}
}

func TestWhatIsNothingToLookAt(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.m3u8")
	master := filepath.Join(dir, "master.m3u8")
	for name, text := range map[string]string{empty: "#EXTM3U\n", master: "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nx.m3u8\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for source, says := range map[string]string{
		filepath.Join(dir, "none.ts"): "no such file", dir: "no segment in it", empty: "empty", master: "master playlist", "http://127.0.0.1:1/x.ts": "refused",
	} {
		if _, err := Examine(context.Background(), source); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want an error that says %q", source, err, says)
		}
	}
}

func TestWhateverTheBytesNothingPanics(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	silent := recording(1)[0]
	for i := 0; i < len(silent); i++ { // sound without one ADTS header
		if silent[i] == 0xff && i+1 < len(silent) && silent[i+1]&0xf6 == 0xf0 {
			silent[i] = 0
		}
	}
	objects := [][]byte{silent}
	for range 60 {
		b := recording(1)[0]
		for range 1 + random.IntN(200) {
			b[random.IntN(len(b))] ^= byte(1 + random.IntN(255))
		}
		objects = append(objects, b[:random.IntN(len(b))+1])
	}
	for _, b := range objects {
		r, err := Examine(context.Background(), store(t, [][]byte{b}))
		if err == nil {
			err = errors.Join(r.Text(io.Discard, false), r.SVG(io.Discard), r.HTML(io.Discard), r.JSON(io.Discard))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestThePictureIsWellFormedAndEscapes(t *testing.T) {
	parts := recording(2)
	parts[1] = parts[1][:len(parts[1])-50]
	dir := filepath.Join(store(t, nil), "<a & b>")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, b := range parts {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("<i>%d.ts", i)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Examine(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var svg, html strings.Builder
	if err := r.SVG(&svg); err != nil {
		t.Fatal(err)
	}
	if err := r.HTML(&html); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(svg.String()))
	for err == nil {
		_, err = d.Token()
	}
	if err != io.EOF {
		t.Errorf("the SVG is no XML: %v", err)
	}
	for _, want := range []string{"class=\"key\"", "class=\"bad\"", "class=\"snd\""} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the SVG has no %s", want)
		}
	}
	if strings.Contains(html.String(), "<i>") || !strings.Contains(html.String(), "the last packet has") {
		t.Error("the page does not escape names, or does not hold the finding")
	}
}
