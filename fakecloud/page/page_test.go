package page

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ivcs/conform/fakecloud"
)

// jpeg is what a browser takes for a picture.
var jpeg = []byte("\xff\xd8\xff\xe0 a picture")

// contains tells which of the texts the page lacks.
func contains(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

func TestThePageShowsWhatADeviceHasStored(t *testing.T) {
	b := newBench(t, fakecloud.WithInspector(func(body []byte) []fakecloud.Finding {
		if body[0] == 'b' {
			return []fakecloud.Finding{{Code: "PCR", Text: "the clock <jumps>"}}
		}
		return nil
	}))
	b.record("r1", 0, []byte("good"))
	b.record("r1", 10, []byte("bad"))
	b.record("r2", 60, []byte("good"))
	b.event(7, 12, jpeg)
	b.wait("the inspection of all", func() bool {
		for _, u := range b.device.Uploads() {
			if u.Segment != nil && !u.Inspected {
				return false
			}
		}
		return true
	})
	page := b.page("from=1772355600000&to=1772355700000") // 100 s: a second is one percent
	contains(t, page,
		`<rect class="recorded" x="0%" width="10%"`, `<rect class="finding" x="10%" width="10%"`, `<rect class="gap" x="20%" width="40%"`,
		`<rect class="recorded" x="60%" width="10%"`, `<rect class="event" x="12%" width="6%"`,
		"<b>PCR</b> the clock &lt;jumps&gt;", "✓ in order", `title="2026-03-01 09:00:10 UTC, `, `data-play="1772355612000"`,
		"segments 3 · events 1 · pictures 1",
	)
	_, picture, _ := strings.Cut(page, `<img src="`)
	picture, _, _ = strings.Cut(picture, `"`)
	if status, body := b.do(b.request("GET", picture, "")); status != http.StatusOK || body != string(jpeg) {
		t.Errorf("picture %s: %d %q", picture, status, body)
	}
	if status, body := b.do(b.request("GET", "/page/recording/P1/cam-1?from=1772355605000&to=1772355661000", "")); status != http.StatusOK || body != "goodbadgood" {
		t.Errorf("recording: %d %q", status, body)
	}
}

func TestTheWholeDayIsShownByDefault(t *testing.T) {
	b := newBench(t)
	b.record("r1", 0, []byte("ts"))
	contains(t, b.page(""), "2026-03-01 00:00:00 – 2026-03-02 00:00:00 UTC", `<rect class="recorded" x="37.5%"`)
}

func TestAWindowThatIsNoneIsTheDay(t *testing.T) {
	b := newBench(t)
	for _, query := range []string{"from=5&to=4", "from=x&to=y", "from=0&to=100000000000000", "from=-9000000000000000000&to=9000000000000000000"} {
		contains(t, b.page(query), "2026-03-01 00:00:00 – 2026-03-02 00:00:00 UTC")
	}
}

func TestACorrectedClockShowsWhatItHides(t *testing.T) {
	b := newBench(t)
	b.record("r1", 0, []byte("older"))
	b.record("r2", 5, []byte("newer"))
	contains(t, b.page("from=1772355600000&to=1772355620000"), `<rect class="hidden" x="25%" width="25%"`, `<rect class="recorded" x="25%" width="50%"`)
}

func TestAClickChangesAPlan(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		name, value string
		want        fakecloud.Plan
	}{
		{"type", "2", fakecloud.Plan{Switch: 1, Type: fakecloud.PlanEvent}},
		{"switch", "0", fakecloud.Plan{Type: fakecloud.PlanEvent}},
		{"expire", "1", fakecloud.Plan{}},
		{"type", "1", fakecloud.Plan{Type: fakecloud.PlanFullTime}},
	} {
		status, _ := b.post("/page/plan?lang=zh", url.Values{"device": {"P1/cam-1"}, c.name: {c.value}})
		if got, _ := b.device.Plan(); status != http.StatusOK || got != c.want {
			t.Errorf("%s=%s: %d, %+v", c.name, c.value, status, got)
		}
	}
	for _, form := range []url.Values{
		{"device": {"P1/cam-1"}, "type": {"9"}}, {"device": {"P1/cam-1"}}, {"device": {"P1/gone"}, "type": {"1"}},
	} {
		if status, page := b.post("/page/plan", form); status != http.StatusBadRequest || !strings.Contains(page, "Not done:") {
			t.Errorf("%v: %d", form, status)
		}
	}
}

func TestFaultsAreSwitchedOnAndOff(t *testing.T) {
	b := newBench(t)
	for _, f := range readyFaults {
		if _, page := b.post("/page/faults", url.Values{"ready": {f.key}}); !strings.Contains(page, `data-ready="`+f.key+`" aria-pressed="true"`) {
			t.Errorf("%s is not on: %+v", f.key, b.cloud.Scripted())
		}
	}
	if n := len(b.cloud.Scripted()); n != len(readyFaults) || b.cloud.Scripted()[0].Device != "P1/cam-1" {
		t.Fatalf("in force: %+v", b.cloud.Scripted())
	}
	b.post("/page/faults", url.Values{"off": {"1"}})
	if n := len(b.cloud.Scripted()); n != len(readyFaults)-1 {
		t.Errorf("one was switched off, %d are left", n)
	}
	b.post("/page/faults", url.Values{"off": {"all"}})
	b.post("/page/faults", url.Values{"script": {"faults: [{on: plan, status: 503}]"}})
	if s := b.cloud.Scripted(); len(s) != 1 || s[0].Status != 503 {
		t.Errorf("in force: %+v", s)
	}
	status, page := b.post("/page/faults", url.Values{"script": {"faults:\n- on: <plan>\n  stauts: 5"}})
	if status != http.StatusBadRequest {
		t.Errorf("a script with an error: %d", status)
	}
	contains(t, page, `unknown key &#34;stauts&#34;: did you mean &#34;status&#34;?`, "- on: &lt;plan&gt;")
}

func TestTheLanguageIsThatOfTheBrowserOrOfTheLink(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct{ accept, query, want string }{
		{"", "", "en"}, {"zh-CN,zh;q=0.9,en;q=0.8", "", "zh"}, {"fr, en;q=0.5", "", "en"}, {"zh", "?lang=en", "en"}, {"en", "?lang=zh", "zh"},
	} {
		req := b.request("GET", "/"+c.query, "")
		req.Header.Set("Accept-Language", c.accept)
		if _, page := b.do(req); !strings.Contains(page, `<html lang="`+c.want+`">`) {
			t.Errorf("Accept-Language %q, %q: not %s", c.accept, c.query, c.want)
		}
	}
	contains(t, b.page("lang=zh"), "设备", "时间线", "English")
}

func TestWithoutTheTokenThePageIsForLookingOnly(t *testing.T) {
	b := newBench(t)
	status, page := b.do(b.request("GET", "/", ""))
	if status != http.StatusOK || !strings.Contains(page, "<fieldset disabled>") || strings.Contains(page, "data-ready") {
		t.Errorf("%d: it can be operated", status)
	}
	req := b.request("POST", "/page/plan", "device=P1/cam-1&type=0")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, _ := b.do(req); status != http.StatusUnauthorized {
		t.Errorf("a form without the token: %d", status)
	}
}

// What a device says is text on the page, wherever it stands.
func TestADeviceCannotInject(t *testing.T) {
	b := newBench(t)
	const evil = `"><script>alert(1)</script>`
	b.record(evil, 0, []byte("<html><script>"))
	b.event(1, 0, []byte("<html><script>alert(1)</script>"))
	page := b.page("device=" + url.QueryEscape(evil) + "&lang=" + url.QueryEscape(evil))
	if strings.Contains(page, "<script>") || strings.Contains(page, `"><script`) {
		t.Errorf("injected: %s", page)
	}
	picture := b.device.Pictures()[0]
	res, err := http.Get(b.cloud.Endpoint() + "/page/picture/P1/cam-1/" + picture.UploadID)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if h := res.Header; h.Get("Content-Type") != "application/octet-stream" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("a picture that is a page: %v", h)
	}
}

func TestTheJournalComesLive(t *testing.T) {
	b := newBench(t)
	b.record("r1", 0, []byte("ts"))
	for _, c := range []struct {
		name, token string
		want        string
	}{
		{"the operator", token, "event: requests"},
		{"somebody", "", "event: changed"},
	} {
		req := b.request("GET", "/page/live", "")
		req.Header.Set("Authorization", "Bearer "+c.token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewScanner(res.Body)
		var said []string
		for in.Scan() && in.Text() != "event: changed" {
			said = append(said, in.Text())
		}
		all := strings.Join(append(said, "event: changed"), "\n")
		_ = res.Body.Close()
		if !strings.HasPrefix(all, c.want) || strings.Contains(all, "Signature") {
			t.Errorf("%s is told %q", c.name, all)
		}
		if c.token != "" && strings.Index(all, "segment-put") > strings.Index(all, "grant-segment") {
			t.Errorf("the newest does not come first: %s", all)
		}
	}
}

func TestNothingComesFromElsewhere(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{"/?lang=en", "/page/style.css", "/page/page.js"} {
		_, text := b.do(b.request("GET", path, ""))
		text = strings.ReplaceAll(text, b.cloud.Endpoint(), "")
		for _, outside := range []string{"http://", "https://", "@import", "url(//"} {
			if strings.Contains(text, outside) {
				t.Errorf("%s has %s", path, outside)
			}
		}
	}
}

func TestARecordingInH265IsOfferedAsAFile(t *testing.T) {
	b := newBench(t)
	b.record("r1", 0, stream(0x1b))
	if strings.Contains(b.page(""), `id="h265"`) {
		t.Error("H.264 is said to be H.265")
	}
	b.record("r1", 10, stream(streamH265))
	contains(t, b.page(""), "Browsers play only its sound", `href="/page/recording/P1/cam-1?from=1772323200000&amp;to=1772409600000"`)
}
