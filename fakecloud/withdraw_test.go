package fakecloud

import (
	"fmt"
	"net/http"
	"testing"
)

func TestOneFaultOfSeveralIsWithdrawn(t *testing.T) {
	b := newBench(t, WithToken(operatorToken), WithNetwork()).service()
	s, err := ParseScript([]byte("faults:\n- {on: plan, status: 503}\n- {on: event, status: 500}\n- {network: storage, refuse: true}\n- {network: storage, from: 1h, refuse: true}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.cloud.Inject(s); err != nil {
		t.Fatal(err)
	}
	all := b.cloud.Scripted()
	for _, i := range []int{0, 2, 3} {
		if r := b.operate("DELETE", fmt.Sprintf("/admin/faults/%d", all[i].ID), nil); r.status != http.StatusOK {
			t.Fatalf("withdraw %d: %d %s", all[i].ID, r.status, r.body)
		}
	}
	if left := b.cloud.Scripted(); len(left) != 1 || left[0].ID != all[1].ID {
		t.Errorf("left are %+v", left)
	}
	b.clock.Advance(2 * 3600e9)
	expect(t, "plan, PUT", b.asks("GET", "plan", nil)+b.stores(0), "200200")
	if err := b.cloud.Withdraw(all[0].ID); err == nil {
		t.Error("withdrawn twice")
	}
	req, err := http.NewRequest("DELETE", b.cloud.Endpoint()+"/admin/faults/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+operatorToken)
	if r := b.must(wrong(req)); r.status != http.StatusNotFound {
		t.Errorf("no number: %d", r.status)
	}
}
