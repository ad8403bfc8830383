package main

import (
	"encoding/json"
	"math"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// TestARecordingPlaysThrough has a library record and ffprobe play what the
// cloud lists: every picture is there, in its size, and the time adds up. The
// recording is interrupted, so the playlist has a discontinuity to pass.
func TestARecordingPlaysThrough(t *testing.T) {
	if _, err := exec.LookPath("ffprobe"); err != nil {
		t.Fatal("ffprobe is missing; ./do test installs Debian's package ffmpeg")
	}
	cfg, err := fuzzConfig(defaults())
	if err != nil {
		t.Fatal(err)
	}
	outcomes := scenario.RunOnce(cfg, rules.Rule{ID: "PLAY", Level: rules.Must}, "a recording", func(e *scenario.Env) {
		cam := e.Camera(fixtures.H264(), fixtures.AAC())
		for range 2 {
			e.StartFullTime(cam)
			cam.ToKey()
			cam.Run(24 * time.Second)
			e.Lib.Go(0, target.ExitCall())
			if !e.Await(time.Minute, func() bool { return len(cam.Unreported()) == 0 }) {
				e.Fail("frames without a slice result: %v", cam.Unreported())
			}
			e.Advance(time.Minute)
		}
		pushed := 0
		for _, p := range cam.Frames(true) {
			if p.Accepted() {
				pushed++
			}
		}
		checkPlayback(t, e, pushed)
	})
	for _, o := range outcomes {
		for _, f := range o.Findings {
			t.Errorf("%s: %s", o.Rule, f.Text)
		}
	}
}

// checkPlayback decodes the whole playlist.
func checkPlayback(t *testing.T, e *scenario.Env, pictures int) {
	t.Helper()
	url := e.Cloud.Endpoint() + "/play/" + e.Device.ID() + "/timeshift.m3u8"
	out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-show_entries",
		"stream=codec_name,width,height,nb_read_frames:format=duration", "-of", "json", url).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v %s", url, err, out)
	}
	var played struct {
		Streams []struct {
			Codec         string `json:"codec_name"`
			Width, Height int
			Frames        string `json:"nb_read_frames"`
		}
		Format struct{ Duration string }
	}
	if err := json.Unmarshal(out, &played); err != nil {
		t.Fatal(err)
	}
	var listed time.Duration
	for _, s := range e.Device.Segments() {
		listed += s.End.Sub(s.Start)
	}
	seen := false
	for _, s := range played.Streams {
		if s.Codec != "h264" {
			continue
		}
		seen = true
		if s.Width != 320 || s.Height != 180 || s.Frames != strconv.Itoa(pictures) {
			t.Errorf("played %d × %d, %s pictures; pushed were 320 × 180, %d pictures", s.Width, s.Height, s.Frames, pictures)
		}
	}
	seconds, err := strconv.ParseFloat(played.Format.Duration, 64)
	if err != nil || !seen || math.Abs(seconds-listed.Seconds()) > 0.5 {
		t.Errorf("played %s: %v s of %v", out, seconds, listed)
	}
}
