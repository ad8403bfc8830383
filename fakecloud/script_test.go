package fakecloud

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// examples cuts the examples out of docs/faults.md, by heading.
func examples(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		heading, rest, _ := strings.Cut(section, "\n")
		_, rest, ok := strings.Cut(rest, "```")
		text, _, ended := strings.Cut(rest, "```")
		if !ok || !ended {
			t.Errorf("%q has no example", heading)
			continue
		}
		_, found[heading], _ = strings.Cut(text, "\n")
	}
	return found
}

// stores puts the n-th segment and tells how it went: a status, or cut.
func (b *bench) stores(n int) string {
	b.t.Helper()
	return b.told(b.putRequest(b.grant(segment("r1", 1+200*n, 10*n, 1000)), media(byte(n), 1000)))
}

func (b *bench) told(req *http.Request) string {
	r, err := b.do(req)
	if err != nil {
		return "cut"
	}
	return fmt.Sprint(r.status)
}

func (b *bench) asks(method, below string, body any) string {
	return b.told(b.signed(b.device, method, "/v1/devices/"+b.device.id()+"/"+below, body))
}

// observed is what each example does, by its heading.
var observed = map[string]func(t *testing.T, b *bench){
	"The third segment breaks off": func(t *testing.T, b *bench) {
		expect(t, "PUTs", b.stores(0)+b.stores(1)+b.stores(2)+b.stores(3), "200200cut200")
		for _, u := range b.device.Uploads() {
			if u.State == UploadGranted && u.Received != 400 {
				t.Errorf("of the third %d bytes were taken", u.Received)
			}
		}
	},
	"A reply is lost": func(t *testing.T, b *bench) {
		expect(t, "the PUT", b.stores(0), "cut")
		if g := b.grant(segment("r1", 1, 0, 1000)); !g.Stored {
			t.Error("the work was not done")
		}
		expect(t, "the next", b.stores(1), "200")
	},
	"The store keeps half and says 200": func(t *testing.T, b *bench) {
		r := b.put(b.grant(segment("r1", 1, 0, 1000)), media(0, 1000))
		expect(t, "ETag", r.header.Get("ETag"), fmt.Sprintf("\"%x\"", md5.Sum(media(0, 500))))
		expect(t, "stored", fmt.Sprint(r.status, len(b.device.Segments())), "200 0")
	},
	"The store asks for patience": func(t *testing.T, b *bench) {
		r := b.put(b.grant(segment("r1", 1, 0, 1000)), media(0, 1000))
		expect(t, "the answer", fmt.Sprintf("%d %s", r.status, r.header.Get("Retry-After")), "503 10")
		b.clock.Advance(30 * time.Second)
		expect(t, "half a minute later", b.stores(0), "200")
	},
	"The store forbids the second picture": func(t *testing.T, b *bench) {
		got := ""
		for i := range 3 {
			got += b.told(b.putRequest(b.grant(picture(fmt.Sprint("e", i), 50, false)), media(0, 50)))
		}
		expect(t, "pictures", got, "200403200")
	},
	"A hotel's log-in page": func(t *testing.T, b *bench) {
		r := b.ask("GET", "plan", nil)
		if r.status != 200 || !bytes.Contains(r.body, []byte("Please log in")) {
			t.Errorf("plan: %d %s", r.status, r.body)
		}
	},
	"An answer comes late": func(t *testing.T, b *bench) {
		answered := b.try(b.signed(b.device, "POST", "/v1/devices/P1/cam-1/events", report("e1", EventStarted)))
		b.wait("the event", func() bool { return len(b.device.Events()) == 1 })
		select {
		case o := <-answered:
			t.Errorf("answered at once: %+v", o)
		default:
		}
		b.clock.Advance(5 * time.Second)
		expect(t, "the answer", fmt.Sprint((<-answered).status), "200")
	},
	"A black hole of half a minute": func(t *testing.T, b *bench) {
		// A plan would not do: net/http asks again when a GET is cut.
		expect(t, "before", b.asks("POST", "uploads", segment("r1", 1, 0, 1000)), "201")
		b.clock.Advance(10 * time.Second)
		answered := b.try(b.signed(b.device, "POST", "/v1/devices/P1/cam-1/uploads", segment("r1", 1, 0, 1000)))
		b.underway(ClassGrantSegment)
		b.clock.Advance(30 * time.Second)
		if o := <-answered; o.err == nil {
			t.Errorf("answered %d", o.status)
		}
		expect(t, "after", b.asks("POST", "uploads", segment("r1", 1, 0, 1000)), "201")
	},
	"A slow uplink": func(t *testing.T, b *bench) {
		answered := b.try(b.putRequest(b.grant(segment("r1", 1, 0, 20_000)), media(0, 20_000)))
		// It counts the time from when it begins to read.
		b.wait("the first bytes", func() bool { return b.device.Uploads()[0].Received > 0 })
		b.clock.Advance(time.Second)
		b.wait("half of it", func() bool { return b.device.Uploads()[0].Received >= 10_000 })
		if n := b.device.Uploads()[0].Received; n > 11_000 {
			t.Errorf("%d bytes within a second", n)
		}
		b.clock.Advance(time.Second)
		expect(t, "the PUT", fmt.Sprint((<-answered).status), "200")
	},
	"Grants break at once": func(t *testing.T, b *bench) {
		got := ""
		for range 3 {
			got += b.asks("POST", "uploads", segment("r1", 1, 0, 1000))
		}
		expect(t, "grants", got, "cutcut201")
	},
	"The store's host is down for a minute": func(t *testing.T, b *bench) {
		refuses := func() bool {
			u, err := url.Parse(b.grant(segment("r1", 1, 0, 1000)).URL)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := net.Dial("tcp", u.Host)
			if err == nil {
				_ = conn.Close()
			}
			return err != nil
		}
		b.wait("refusal", refuses)
		b.clock.Advance(time.Minute)
		expect(t, "a minute later", b.stores(0), "200")
	},
	"In JSON": func(t *testing.T, b *bench) {
		expect(t, "reports", b.asks("POST", "events", report("e1", EventStarted))+b.asks("POST", "events", report("e1", EventStarted)), "500200")
	},
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestEachExampleOfTheManualDoesWhatItSays(t *testing.T) {
	found := examples(t)
	for heading := range observed {
		if found[heading] == "" {
			t.Errorf("docs/faults.md has no example %q", heading)
		}
	}
	for heading, text := range found {
		t.Run(heading, func(t *testing.T) {
			observe := observed[heading]
			if observe == nil {
				t.Fatal("no test observes it")
			}
			script, err := ParseScript([]byte(text))
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			b := newBench(t, WithNetwork()).service()
			if err := b.cloud.Inject(script); err != nil {
				t.Fatal(err)
			}
			observe(t, b)
			if script.Faults[0].Network == "" && b.cloud.Scripted()[0].Struck == 0 {
				t.Error("the fault has met no request")
			}
		})
	}
}

func TestAWrongScriptIsToldWithItsLineAndTheRemedy(t *testing.T) {
	for _, c := range []struct{ script, says string }{
		{"faults:\n  - on: plan\n    stauts: 503\n", `line 3: unknown key "stauts": did you mean "status"?`},
		{"fault:\n  - on: plan\n", `line 1: unknown key "fault": did you mean "faults"?`},
		{"faults:\n  - on: segment-puts\n    status: 503\n", `line 2: on: "segment-puts" is no class of requests: did you mean "segment-put"?`},
		{"faults:\n  - status: 503\n    late: soon\n", `line 3: late: "soon" is no span of time: write 500ms, 10s or 2m`},
		{"faults:\n  - status: 5030\n", "line 2: status: 5030 is no status"},
		{"faults:\n  - status: 503\n    nth: 0\n", "line 3: nth"},
		{"faults:\n  - take: 140%\n", "line 2: take"},
		{"faults:\n  - bandwidth: fast\n", "line 2: bandwidth"},
		{"faults:\n  - on: plan\n", "nothing is to go wrong: add one of take"},
		{"faults:\n  - refuse: true\n", "add network"},
		{"faults:\n  - network: moon\n    refuse: true\n", "write control, storage or all"},
		{"faults:\n  - network: all\n    status: 503\n    refuse: true\n", "line 3: status: the network knows no requests"},
		{"faults: []\n", "no faults"},
		{"", "write faults:"},
		{"faults:\n  - on: [plan\n", "mend the YAML"},
	} {
		_, err := ParseScript([]byte(c.script))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v; it should say %s", c.script, err, c.says)
		}
	}
}

func TestAScriptThatCannotBeFollowedChangesNothing(t *testing.T) {
	b := newBench(t).service()
	for text, says := range map[string]string{
		"faults:\n  - status: 500\n  - device: P9/none\n    status: 500\n": `no device "P9/none"`,
		"faults:\n  - status: 500\n  - network: all\n    refuse: true\n":   "WithNetwork",
	} {
		s, err := ParseScript([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.cloud.Inject(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
		expect(t, "the plan", b.asks("GET", "plan", nil), "200")
	}
}

func TestTheOperatorInjectsReadsAndClearsFaults(t *testing.T) {
	b := newBench(t, WithToken(operatorToken)).service()
	if r := b.operate("POST", "/admin/faults", map[string]any{"faults": []map[string]any{{"on": []string{"plan"}, "nth": "2-", "status": 503}}}); r.status != http.StatusOK {
		t.Fatalf("inject: %d %s", r.status, r.body)
	}
	expect(t, "plans", b.asks("GET", "plan", nil)+b.asks("GET", "plan", nil)+b.asks("GET", "plan", nil), "200503503")
	r := b.operate("GET", "/admin/faults", nil)
	expect(t, "faults", strings.TrimSpace(string(r.body)), `{"faults":[{"id":1,"on":["plan"],"nth":"2-","status":503,"struck":2}]}`)
	b.operate("DELETE", "/admin/faults", nil)
	expect(t, "the plan", b.asks("GET", "plan", nil), "200")
	req, err := http.NewRequest("POST", b.cloud.Endpoint()+"/admin/faults", strings.NewReader("faults:\n  - stauts: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+operatorToken)
	req.Header.Set("Content-Type", "application/yaml")
	if r := b.must(wrong(req)); r.status != http.StatusBadRequest || !bytes.Contains(r.body, []byte("did you mean")) {
		t.Errorf("a wrong script: %d %s", r.status, r.body)
	}
}
