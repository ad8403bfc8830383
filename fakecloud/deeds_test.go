package fakecloud

import (
	"reflect"
	"testing"
	"time"
)

func TestAFaultIsWrittenAsAScriptReadsIt(t *testing.T) {
	for _, f := range []Fault{
		{Status: 503, RetryAfter: 10 * time.Second, Times: 2},
		{ResetAfter: -1, Skip: 2, Times: 1},
		{ResetAfter: 2000, From: 10 * time.Second, For: time.Minute},
		{TakePercent: 40}, {KeepPercent: 50}, {Truncate: -1}, {Truncate: 1000, Skip: 3},
		{Body: "<html>\n\"hotel\"</html>"}, {Hang: true}, {LoseReply: true}, {Delay: 1500 * time.Millisecond},
		{Bandwidth: 20_000},
	} {
		s := Script{Faults: []Misbehaviour{f.Written("P1/cam-1", ClassSegmentPUT, ClassEvent), f.Written("", ClassPlan), f.Written("")}}
		again, err := ParseScript([]byte(s.YAML()))
		if err != nil {
			t.Errorf("%+v: %v\n%s", f, err, s.YAML())
			continue
		}
		for i, m := range again.Faults {
			if m.fault != f || m.Device != s.Faults[i].Device || !reflect.DeepEqual(m.On, s.Faults[i].On) {
				t.Errorf("%+v was read as %+v from\n%s", f, m, s.YAML())
			}
		}
	}
}

func TestWhatIsDoneToACloudIsKept(t *testing.T) {
	c, err := New(WithDeeds(), WithNetwork())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d, err := c.Register("P1", "cam-1", "secret")
	if err != nil {
		t.Fatal(err)
	}
	d.SetPlan(Plan{Switch: 1, Type: PlanEvent})
	d.Faults().Set(ClassEvent, Fault{Status: 500})
	c.Network().Storage.Bandwidth(1000)
	if err := c.Network().Storage.Heal(); err != nil {
		t.Fatal(err)
	}
	d.Faults().ClearAll()
	deeds := c.Deeds()
	if len(deeds) != 5 {
		t.Fatalf("%d deeds: %+v", len(deeds), deeds)
	}
	if p := deeds[0].Plan; p == nil || p.Type != PlanEvent || deeds[0].Device != "P1/cam-1" {
		t.Errorf("the plan: %+v", deeds[0])
	}
	if f := deeds[1]; f.Class != ClassEvent || f.Fault == nil || f.Fault.Status != 500 {
		t.Errorf("the fault: %+v", f)
	}
	if w := deeds[2].Weather; deeds[2].Link != "storage" || w == nil || w.Bandwidth != "1000" {
		t.Errorf("the bandwidth: %+v", deeds[2])
	}
	if h := deeds[3]; h.Link != "storage" || h.Weather != nil {
		t.Errorf("healed: %+v", h)
	}
	if cl := deeds[4]; cl.Class != ClassEvent || cl.Fault != nil {
		t.Errorf("cleared: %+v", cl)
	}
	for i := 1; i < len(deeds); i++ {
		if deeds[i].Mono < deeds[i-1].Mono {
			t.Errorf("deed %d stands before the one that it follows", i)
		}
	}
}
