package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/fakecloud/page"
)

const pageToken = "token-of-the-page"

// portC builds the example port in C.
func portC(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("make", "-s", "-C", "../../ci/port-c", "BUILD="+dir, filepath.Join(dir, "libivcs.so")).CombinedOutput()
	if err != nil {
		t.Fatalf("make: %v (./do port installs what it needs)\n%s", err, out)
	}
	return filepath.Join(dir, "libivcs.so")
}

// TestAPersonWatchesADeviceRecord lets the library in C record in real time
// while a browser has the page of the cloud open, plays the recording there and
// switches things.
func TestAPersonWatchesADeviceRecord(t *testing.T) {
	b := browse(t)
	o := defaults()
	o.library.Path, o.clock = portC(t), "real"
	cfg, err := fuzzConfig(o)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Cloud = []fakecloud.Option{
		fakecloud.WithToken(pageToken), fakecloud.WithNetwork(), fakecloud.WithInspector(inspectSegment), fakecloud.WithRoot(page.Handler),
	}
	outcomes := scenario.RunOnce(cfg, rules.Rule{ID: "PLAY", Level: rules.Must}, "a page", func(e *scenario.Env) {
		b.do("open the page", chromedp.Navigate(e.Cloud.Endpoint()+"/?token="+pageToken))
		b.shows("#state", "live")
		b.shows("#notes", "Nothing is recorded yet")
		pictures := recordAnEvent(e)
		if t.Failed() {
			return
		}
		watchItArrive(b, e)
		playItThrough(b, pictures)
		seekToTheEvent(b, e)
		zoomTheTimeLine(b)
		switchPlanAndFault(b, e)
		lookAtIt(b, e)
	})
	for _, f := range outcomes[0].Findings { // the others tell of the damaged segments
		t.Error(f.Text)
	}
}

// recordAnEvent records twelve seconds and an event within, and returns how many
// pictures were pushed.
func recordAnEvent(e *scenario.Env) (pictures int) {
	e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	e.StartFullTime(cam)
	cam.Run(4 * time.Second)
	e.Lib.EventStart(1)
	cam.Run(5 * time.Second)
	e.Lib.EventStop(1)
	cam.Run(3 * time.Second)
	e.Lib.Go(0, target.ExitCall())
	if !e.Await(time.Minute, func() bool {
		ev := e.Device.Events()
		return len(cam.Unreported()) == 0 && len(ev) == 1 && ev[0].State == fakecloud.EventFinished
	}) {
		e.Fail("frames without a slice result: %v; events %+v", cam.Unreported(), e.Device.Events())
	}
	for _, p := range cam.Frames(true) {
		if p.Accepted() {
			pictures++
		}
	}
	return pictures
}

// watchItArrive finds on the open page, without loading it anew, what came.
func watchItArrive(b *aBrowser, e *scenario.Env) {
	n := len(e.Device.Segments())
	b.shows("#devicelist", fmt.Sprintf("segments %d · events 1 · pictures 1", n))
	b.until("each segment to be in order", fmt.Sprintf("document.querySelectorAll('#segmentlist .good').length === %d", n),
		"document.querySelector('#segmentlist').innerText")
	b.until("the event's picture", "document.querySelector('#eventlist img')?.naturalWidth > 0", "document.querySelector('#eventlist').innerHTML")
	b.shows("#requests", "segment-put")
	b.until("a bar on the time line", "document.querySelectorAll('#drawing rect.recorded').length > 0", "document.querySelector('#drawing').innerHTML")
}

const videoState = `(() => { const v = document.querySelector('video'); return JSON.stringify({t: v.currentTime, of: v.duration, paused: v.paused,
	ready: v.readyState, error: v.error?.message, width: v.videoWidth, frames: v.getVideoPlaybackQuality().totalVideoFrames}); })()`

// playItThrough plays the recording from its begin to its end.
func playItThrough(b *aBrowser, pictures int) {
	b.click("#notes [data-play]")
	b.until("the time to advance", "document.querySelector('video').currentTime > 1", videoState)
	b.until("the end", "document.querySelector('video').ended", videoState)
	type size struct{ Width, Height, Frames int }
	got := ask[size](b, `(() => { const v = document.querySelector('video'), q = v.getVideoPlaybackQuality();
		return {width: v.videoWidth, height: v.videoHeight, frames: q.totalVideoFrames}; })()`)
	if want := (size{320, 180, pictures}); got != want {
		b.t.Errorf("played %+v, want %+v", got, want)
	}
}

// seekToTheEvent clicks the event and finds the player there.
func seekToTheEvent(b *aBrowser, e *scenario.Env) {
	event, first := e.Device.Events()[0], e.Device.Segments()[0]
	b.click("#eventlist a.event")
	at := max(0, event.Start.Sub(first.Start).Seconds())
	b.until("the player to play on from the event", fmt.Sprintf("!document.querySelector('video').paused && "+
		"document.querySelector('video').currentTime > %f && document.querySelector('video').currentTime < %f", at+0.5, at+8), videoState)
	b.shows("#playing", "Playing "+event.Start.Format("2006-01-02 15:04"))
	b.until("the head on the time line", "!document.querySelector('#head').hidden", "document.querySelector('#head').outerHTML")
	b.run("pause", "document.querySelector('video').pause()")
}

// zoomTheTimeLine zooms, pans and clicks it.
func zoomTheTimeLine(b *aBrowser) {
	const width = "(document.querySelector('#drawing svg').dataset.to - document.querySelector('#drawing svg').dataset.from)"
	const box = "document.querySelector('#line').getBoundingClientRect()"
	b.click("#zoom a:nth-child(5)")
	b.until("a day", width+" === 86400000", width)
	b.click("#zoom a:nth-child(6)")
	b.until("the recording to fill the line", width+" < 30000", width)
	before := ask[float64](b, width)
	b.run("wheel", "document.querySelector('#line').dispatchEvent(new WheelEvent('wheel', "+
		"{deltaY: -100, clientX: "+box+".left + "+box+".width / 2, bubbles: true, cancelable: true}))")
	b.until("a narrower window", fmt.Sprintf("%s < %f", width, before), width)
	from := ask[float64](b, "Number(document.querySelector('#drawing svg').dataset.from)")
	b.click("#zoom a:nth-child(4)")
	b.until("a later window", fmt.Sprintf("document.querySelector('#drawing svg').dataset.from > %f", from), "location.search")
	b.click("#zoom a:nth-child(6)")
	b.until("the recording to fill the line again", fmt.Sprintf("%s === %f", width, before), width)
	point := ask[struct{ X, Y float64 }](b, "(() => { scrollTo(0, 0); document.querySelector('#line').scrollIntoView({block: 'center'}); const r = "+
		box+"; return {x: r.left + r.width * 0.75, y: r.top + 45}; })()")
	b.do("click the time line", chromedp.MouseClickXY(point.X, point.Y))
	b.until("the player to be in the last third", "document.querySelector('video').currentTime > 7", videoState)
	b.run("pause", "document.querySelector('video').pause()")
}

// switchPlanAndFault switches both by click, and looks into the cloud.
func switchPlanAndFault(b *aBrowser, e *scenario.Env) {
	row := fmt.Sprintf("[data-device=%q] ", e.Device.ID())
	for _, c := range []struct {
		button string
		want   fakecloud.Plan
	}{
		{"[name=type][value='2']", fakecloud.Plan{Switch: 1, Type: fakecloud.PlanEvent}},
		{"[name=expire]", fakecloud.Plan{Switch: 1}},
		{"[name=type][value='1']", fakecloud.Plan{Switch: 1, Type: fakecloud.PlanFullTime}},
	} {
		b.click(row + c.button)
		b.until("the plan to be shown", fmt.Sprintf("document.querySelector(%q)?.ariaPressed === 'true'", row+fmt.Sprintf("[name=type][value='%d']", c.want.Type)),
			"document.querySelector('#devicelist').innerText")
		if got, _ := e.Device.Plan(); got != c.want {
			b.t.Errorf("after a click on %s the cloud has the plan %+v", c.button, got)
		}
	}
	for _, pressed := range []string{"true", "false"} {
		b.click("[data-ready=patience]")
		b.until("the fault to be switched", "document.querySelector('[data-ready=patience]').ariaPressed === '"+pressed+"'", "document.querySelector('#faultlist').innerText")
		if n := len(e.Cloud.Scripted()); (n == 1) != (pressed == "true") {
			b.t.Errorf("pressed: %s, in force: %+v", pressed, e.Cloud.Scripted())
		}
	}
	b.run("write a script", "document.querySelector('#script').value = 'faults: [{on: plan, stauts: 503}]'")
	b.click("button.main")
	b.shows("#wrong", `did you mean "status"?`)
	b.run("mend it", "document.querySelector('#script').value = 'faults: [{on: event, nth: 1, late: 5s}]'")
	b.click("button.main")
	b.shows("#faultlist", "late: 5s")
	b.until("the error to go", "document.querySelector('#wrong').textContent === ''", "document.querySelector('#wrong').textContent")
}

// lookAtIt lets a damaged segment arrive that hides the end of the recording,
// and looks at the page on a desk and on a phone, by day and by night.
func lookAtIt(b *aBrowser, e *scenario.Env) {
	all := e.Device.Segments()
	storeDamaged(b.t, e, all[len(all)-1], -time.Second)
	storeDamaged(b.t, e, all[len(all)-1], 6*time.Second)
	b.until("its findings", "document.querySelectorAll('#segmentlist .hard').length > 0", "document.querySelector('#segmentlist').innerText")
	b.click("#zoom a:nth-child(6)")
	b.until("what it hides", "document.querySelectorAll('#drawing rect.hidden').length > 0 && document.querySelectorAll('#drawing rect.gap').length > 0",
		"document.querySelector('#drawing').innerHTML")
	event := e.Device.Events()[0]
	b.run("play from the event", fmt.Sprintf("play(%d)", event.Start.UnixMilli()+2000))
	b.until("the picture", "document.querySelector('video').readyState >= 2 && !document.querySelector('video').seeking", videoState)
	b.run("pause", "document.querySelector('video').pause()")
	for _, c := range []struct {
		name, scheme, ground string
		width, height        int64
	}{
		{"page.png", "light", "rgb(245, 246, 248)", 1280, 900},
		{"page-dark.png", "dark", "rgb(17, 20, 27)", 1280, 900},
		{"page-phone.png", "light", "rgb(245, 246, 248)", 390, 844},
		{"page-phone-dark.png", "dark", "rgb(17, 20, 27)", 390, 844},
	} {
		b.screen(c.width, c.height, c.scheme)
		b.until("the colours", "getComputedStyle(document.body).backgroundColor === '"+c.ground+"'", "getComputedStyle(document.body).backgroundColor")
		b.fits()
		png := b.picture(c.name)
		if *update && c.name == "page.png" {
			if err := os.WriteFile("../../docs/page.png", png, 0o644); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	b.click("#language")
	b.shows("#timeline", "时间线")
	b.fits()
}

// storeDamaged stores a segment once more, so much later and with bytes amiss, as
// its device.
func storeDamaged(t *testing.T, e *scenario.Env, s fakecloud.Segment, later time.Duration) {
	t.Helper()
	body := bytes.Clone(s.Body)
	clear(body[len(body)/2 : len(body)/2+2*188])
	ask, err := json.Marshal(map[string]any{
		"kind": "segment", "start_utc_ms": s.Start.Add(later).UnixMilli(), "end_utc_ms": s.End.Add(later).UnixMilli(), "first_pts_ms": s.FirstPTS, "last_pts_ms": s.LastPTS,
		"first_seq": s.FirstSeq, "last_seq": s.LastSeq, "size": len(body), "content_type": s.ContentType, "recording": "damaged",
	})
	if err != nil {
		t.Fatal(err)
	}
	path, stamp := "/v1/devices/"+e.Device.ID()+"/uploads", strconv.FormatInt(e.Now().Unix(), 10)
	var grant struct{ URL string }
	request := func(method, url string, body []byte, header http.Header) {
		t.Helper()
		req, err := http.NewRequest(method, url, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode/100 != 2 {
			t.Fatalf("%s %s: %d %s, %v", method, url, res.StatusCode, answer, err)
		}
		if method == http.MethodPost {
			if err := json.Unmarshal(answer, &grant); err != nil {
				t.Fatal(err)
			}
		}
	}
	secret := e.Device.Credentials().DeviceSecret
	request(http.MethodPost, e.Cloud.Endpoint()+path, ask, http.Header{
		"Content-Type": {"application/json"}, "X-Iv-Timestamp": {stamp},
		"Authorization": {"IV-HMAC-SHA256 " + e.Device.ID() + ":" + fakecloud.Signature(secret, http.MethodPost, path, stamp, ask)},
	})
	request(http.MethodPut, grant.URL, body, http.Header{"Content-Type": {s.ContentType}})
}
