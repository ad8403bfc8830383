package fakecloud

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
)

// maxHole is the longest hole between two segments of one recording that the
// playlist plays over (ruling 9 of the binding).
const maxHole = time.Second

// playlist answers GET /play/…/timeshift.m3u8?starttime_epoch=&endtime_epoch=
// (unix seconds): HLS VOD of every segment of which something shows in the
// range, whole, in the order in which they begin to show. HLS cannot play a part
// of a segment, so one that is hidden in part is played whole; one that is
// hidden altogether is left out (note 15).
func (x *exchange) playlist() answer {
	d, from, to, refused := x.viewed("starttime_epoch", "endtime_epoch", time.Second)
	if refused != nil {
		return *refused
	}
	stored := make(map[string]Segment)
	for _, s := range d.Segments() {
		stored[s.UploadID] = s
	}
	listed, links := make(map[string]bool), make(map[string]string)
	var play []Segment
	for _, span := range d.Timeline(from, to) {
		if listed[span.UploadID] {
			continue
		}
		listed[span.UploadID] = true
		// A player stops for good at a segment that is not there.
		if links[span.UploadID] = x.link(d, span.UploadID); links[span.UploadID] != "" {
			play = append(play, stored[span.UploadID])
		}
	}
	return answer{
		status: http.StatusOK,
		header: http.Header{"Content-Type": {"application/vnd.apple.mpegurl"}, "Cache-Control": {"no-store"}},
		body:   []byte(renderPlaylist(play, func(s Segment) string { return links[s.UploadID] })),
	}
}

// renderPlaylist writes the HLS playlist (RFC 8216) of segments in order of play.
func renderPlaylist(play []Segment, link func(Segment) string) string {
	longest := 1.0
	for _, s := range play {
		longest = max(longest, math.Round(s.End.Sub(s.Start).Seconds()))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:%.0f\n#EXT-X-MEDIA-SEQUENCE:0\n", longest)
	for i, s := range play {
		if i > 0 {
			last := play[i-1]
			if last.Recording != s.Recording || s.Start.Sub(last.End).Abs() > maxHole {
				b.WriteString("#EXT-X-DISCONTINUITY\n")
			}
		}
		fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:%.3f,\n%s\n",
			s.Start.UTC().Format("2006-01-02T15:04:05.000Z"), s.End.Sub(s.Start).Seconds(), link(s))
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return b.String()
}
