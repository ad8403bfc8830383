package fakecloud

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// at is the moment s seconds after the epoch of the tests.
func at(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }

// painted is the time line by brute force: second by second, later paint wins.
func painted(ranges [][2]int, seconds int) string {
	line := slices.Repeat([]string{"."}, seconds)
	for i, r := range ranges {
		for s := r[0]; s < r[1]; s++ {
			line[s] = string(rune('a' + i))
		}
	}
	return strings.Join(line, "")
}

// shown is the same picture of the device's time line.
func shown(t *testing.T, d *Device, from, to, seconds int) string {
	t.Helper()
	line := slices.Repeat([]string{"."}, seconds)
	var last time.Time
	for _, span := range d.Timeline(at(from), at(to)) {
		if span.From.Before(last) || !span.From.Before(span.To) {
			t.Fatalf("spans overlap or are empty: %+v", span)
		}
		last = span.To
		for s := int(span.From.Sub(epoch) / time.Second); at(s).Before(span.To); s++ {
			line[s] = span.UploadID
		}
	}
	return strings.Join(line, "")
}

func TestTheTimeLineShowsWhatWasStoredLast(t *testing.T) {
	cases := []struct {
		name       string
		ranges     [][2]int
		want       string
		overwrites string // hidden<by[from,to)
	}{
		{"one after the other", [][2]int{{0, 5}, {5, 10}}, "aaaaabbbbb..", ""},
		{"with a gap", [][2]int{{0, 3}, {5, 8}}, "aaa..bbb....", ""},
		{"stored out of order", [][2]int{{5, 8}, {0, 3}}, "bbb..aaa....", ""},
		{"the tail is hidden", [][2]int{{0, 5}, {3, 8}}, "aaabbbbb....", "a<b[3,5)"},
		{"the head is hidden", [][2]int{{3, 8}, {0, 5}}, "bbbbbaaa....", "a<b[3,5)"},
		{"the middle is hidden", [][2]int{{0, 9}, {3, 6}}, "aaabbbaaa...", "a<b[3,6)"},
		{"all is hidden", [][2]int{{3, 6}, {0, 9}}, "bbbbbbbbb...", "a<b[3,6)"},
		{"the same range", [][2]int{{0, 5}, {0, 5}}, "bbbbb.......", "a<b[0,5)"},
		{"several are hidden", [][2]int{{0, 3}, {3, 6}, {7, 9}, {2, 8}}, "aaddddddc...", "a<d[2,3) b<d[3,6) c<d[7,8)"},
		{"an empty segment hides nothing", [][2]int{{0, 5}, {3, 3}}, "aaaaa.......", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			for i, r := range c.ranges {
				b.device.cover(Span{From: at(r[0]), To: at(r[1]), UploadID: string(rune('a' + i))}, epoch)
			}
			if got := shown(t, b.device, 0, 12, 12); got != c.want {
				t.Errorf("time line %s, want %s", got, c.want)
			}
			var hidden []string
			for _, o := range b.device.Overwrites() {
				hidden = append(hidden, fmt.Sprintf("%s<%s[%.0f,%.0f)", o.Hidden, o.By, o.From.Sub(epoch).Seconds(), o.To.Sub(epoch).Seconds()))
			}
			if got := strings.Join(hidden, " "); got != c.overwrites {
				t.Errorf("overwrites %q, want %q", got, c.overwrites)
			}
		})
	}
}

func TestTheTimeLineAgreesWithBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const seconds = 60
	b := newBench(t)
	for range 2000 {
		d := &Device{c: b.cloud}
		var ranges [][2]int
		hidden := 0
		for i := range 1 + random.IntN(20) {
			from := random.IntN(seconds)
			to := from + random.IntN(min(20, seconds-from))
			hidden += len(strings.ReplaceAll(painted(ranges, seconds)[from:to], ".", ""))
			ranges = append(ranges, [2]int{from, to})
			d.cover(Span{From: at(from), To: at(to), UploadID: string(rune('a' + i))}, epoch)
		}
		if got, want := shown(t, d, 0, seconds, seconds), painted(ranges, seconds); got != want {
			t.Fatalf("%v\nshown   %s\npainted %s", ranges, got, want)
		}
		for _, o := range d.Overwrites() {
			hidden -= int(o.To.Sub(o.From) / time.Second)
		}
		if hidden != 0 {
			t.Fatalf("%v: %d s more were hidden than recorded", ranges, hidden)
		}
		if got, want := shown(t, d, 20, 40, seconds), painted(ranges, seconds)[20:40]; strings.Trim(got[20:40], "") != want || strings.Trim(got[:20]+got[40:], ".") != "" {
			t.Fatalf("%v: clipped to [20,40): %s", ranges, got)
		}
	}
}

// view fetches a viewer's page; it is held against openapi.yaml on the way.
func (b *bench) view(path string) reply {
	b.t.Helper()
	req, err := http.NewRequest("GET", b.cloud.Endpoint()+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.must(req)
}

// store puts one segment of the given seconds on the time line.
func (b *bench) store(recording string, from, to int) {
	b.t.Helper()
	request := segment(recording, from, from, 100)
	request["end_utc_ms"] = at(to).UnixMilli()
	if r := b.put(b.grant(request), media(byte(from), 100)); r.status != http.StatusOK {
		b.t.Fatalf("store [%d,%d): %d %s", from, to, r.status, r.body)
	}
}

// Note 15 with its own times: an event 09:00:40 to 09:00:50 is stored; the clock
// is corrected; the next, 09:00:30 to 09:01:00, hides it.
func TestNote15AnEventAfterACorrectionHidesTheOneBefore(t *testing.T) {
	b := newBench(t).service()
	b.store("before", 40, 50)
	b.store("after", 30, 60)
	line := b.device.Timeline(time.Time{}, time.Time{})
	if len(line) != 1 || line[0].Recording != "after" || !line[0].From.Equal(at(30)) || !line[0].To.Equal(at(60)) {
		t.Errorf("time line %+v", line)
	}
	o := b.device.Overwrites()
	if len(o) != 1 || !o[0].From.Equal(at(40)) || !o[0].To.Equal(at(50)) {
		t.Errorf("overwrites %+v", o)
	}
	list := string(b.view("/play/P1/cam-1/timeshift.m3u8").body)
	if strings.Count(list, "#EXTINF") != 1 || !strings.Contains(list, "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T09:00:30.000Z\n#EXTINF:30.000,") {
		t.Errorf("playlist:\n%s", list)
	}
}

func TestThePlaylistMarksGapsAndNewRecordings(t *testing.T) {
	b := newBench(t).service()
	b.store("r1", 0, 10)
	b.store("r1", 10, 20)
	b.store("r1", 21, 30) // a hole of one second is none
	b.store("r1", 32, 40) // a gap
	b.store("r2", 40, 50) // a new recording
	list := string(b.view("/play/P1/cam-1/timeshift.m3u8").body)
	var shape []string
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		switch {
		case line == "#EXT-X-DISCONTINUITY":
			shape = append(shape, "|")
		case strings.HasPrefix(line, "#EXT-X-PROGRAM-DATE-TIME:"):
			shape = append(shape, line[len(line)-7:len(line)-5])
		case strings.HasPrefix(line, "http"):
			req, err := http.NewRequest("GET", line, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r := b.must(req); r.status != http.StatusOK || len(r.body) != 100 {
				t.Errorf("GET of a listed segment: %d, %d bytes", r.status, len(r.body))
			}
		}
	}
	if got := strings.Join(shape, " "); got != "00 10 21 | 32 | 40" {
		t.Errorf("playlist has the shape %q:\n%s", got, list)
	}
	for _, want := range []string{"#EXTM3U\n", "#EXT-X-TARGETDURATION:10\n", "#EXT-X-PLAYLIST-TYPE:VOD\n", "#EXT-X-ENDLIST\n"} {
		if !strings.Contains(list, want) {
			t.Errorf("playlist lacks %q", want)
		}
	}
	part := string(b.view(fmt.Sprintf("/play/P1/cam-1/timeshift.m3u8?starttime_epoch=%d&endtime_epoch=%d", at(19).Unix(), at(22).Unix())).body)
	if strings.Count(part, "#EXTINF") != 2 {
		t.Errorf("a range that overlaps two segments lists:\n%s", part)
	}
}

func TestAViewersLinkIsForReadingAndForAnHour(t *testing.T) {
	b := newBench(t).service()
	b.store("r1", 0, 10)
	var view struct{ Segments []viewedSegment }
	b.view("/v1/viewer/devices/P1/cam-1/segments").json(t, &view)
	get := func(method, header, value string) (*http.Request, reply) {
		req, err := http.NewRequest(method, view.Segments[0].URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(header, value)
		if method != "GET" {
			req = wrong(req)
		}
		return req, b.must(req)
	}
	if _, r := get("GET", "Range", "bytes=10-19"); r.status != http.StatusPartialContent || len(r.body) != 10 {
		t.Errorf("GET of ten bytes: %d, %d bytes", r.status, len(r.body))
	}
	if _, r := get("PUT", "X", "y"); r.status != http.StatusForbidden {
		t.Errorf("PUT to a viewer's link: %d", r.status)
	}
	b.clock.Advance(linkLifetime)
	if _, r := get("GET", "X", "y"); r.status != http.StatusForbidden {
		t.Errorf("GET after an hour: %d", r.status)
	}
}

func TestAViewersListsAreOfTheRangeItAsksFor(t *testing.T) {
	b := newBench(t).service()
	b.store("r1", 0, 10)
	b.store("r1", 10, 20)
	b.store("r2", 5, 15)
	cases := []struct {
		name, query                    string
		segments, timeline, overwrites int
	}{
		{"all", "", 3, 3, 2},
		{"from 15 s on", fmt.Sprintf("?from=%d", at(15).UnixMilli()), 1, 1, 0},
		{"up to 5 s", fmt.Sprintf("?to=%d", at(5).UnixMilli()), 1, 1, 0},
		{"between 6 s and 8 s", fmt.Sprintf("?from=%d&to=%d", at(6).UnixMilli(), at(8).UnixMilli()), 2, 1, 1},
		{"long after", fmt.Sprintf("?from=%d", at(100).UnixMilli()), 0, 0, 0},
	}
	for _, c := range cases {
		var view struct {
			Segments   []viewedSegment
			Timeline   []viewedSpan
			Overwrites []viewedOverwrite
		}
		b.view("/v1/viewer/devices/P1/cam-1/segments"+c.query).json(t, &view)
		if len(view.Segments) != c.segments || len(view.Timeline) != c.timeline || len(view.Overwrites) != c.overwrites {
			t.Errorf("%s: %d segments, %d spans, %d overwrites", c.name, len(view.Segments), len(view.Timeline), len(view.Overwrites))
		}
	}
	for path, status := range map[string]int{
		"/v1/viewer/devices/P1/nobody/segments":         404,
		"/v1/viewer/devices/P1/cam-1/segments?from=x":   400,
		"/v1/viewer/devices/P1/cam-1/events?to=x":       400,
		"/play/P1/cam-1/timeshift.m3u8?endtime_epoch=0": 200,
		"/no/such/path": 404,
	} {
		req, err := http.NewRequest("GET", b.cloud.Endpoint()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status >= 400 {
			req = wrong(req)
		}
		if r := b.must(req); r.status != status {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

func TestTheDescriptionIsServed(t *testing.T) {
	b := newBench(t)
	res, err := http.Get(b.cloud.Endpoint() + "/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if got, err := io.ReadAll(res.Body); err != nil || string(got) != string(OpenAPI()) {
		t.Errorf("served %d bytes, %v", len(got), err)
	}
}
