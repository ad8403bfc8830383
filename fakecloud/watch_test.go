package fakecloud

import "testing"

func TestWhoWatchesSeesEachAnswerOnceAndEveryChange(t *testing.T) {
	b := newBench(t, WithInspector(func([]byte) []Finding { return nil })).service()
	b.ask("GET", "plan", nil)
	b.ask("GET", "plan", nil)
	first, next := b.cloud.Answered(-1)
	if len(first) != 1 || first[0].Seq != 2 {
		t.Errorf("the last one: %+v", first)
	}
	seen := b.cloud.Changes()
	b.put(b.grant(segment("r1", 1, 0, 100)), media(0, 100))
	more, _ := b.cloud.Answered(next)
	if len(more) != 2 || more[1].Class != ClassSegmentPUT {
		t.Errorf("since then: %+v", more)
	}
	if b.cloud.Changes() == seen {
		t.Error("storing a segment is no change")
	}
	b.wait("the segment to be inspected", func() bool { return b.device.Uploads()[0].Inspected })
}
