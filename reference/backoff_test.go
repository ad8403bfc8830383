package reference

import (
	"net/http"
	"testing"
	"time"
)

func TestWaitsDoubleUpToTheCap(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer *answer
		first  time.Duration
		limit  time.Duration
	}{
		{"no answer", nil, time.Second, time.Minute},
		{"500", &answer{status: 500}, time.Second, time.Minute},
		{"401", &answer{status: 401}, 10 * time.Second, 5 * time.Minute},
		{"403", &answer{status: 403}, 10 * time.Second, 5 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := backoff{jitter: newJitter("device")}
			want := c.first
			for i := range 40 {
				d := b.next(c.answer)
				if d > want || d < want*3/4 {
					t.Fatalf("wait %d is %v, want between %v and %v", i, d, want*3/4, want)
				}
				want = min(2*want, c.limit)
			}
			b.reset()
			if d := b.next(c.answer); d > c.first {
				t.Errorf("after a success the first wait is %v", d)
			}
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	date := time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, value string
		want        time.Duration
	}{
		{"seconds", "120", 120 * time.Second},
		{"a date of the cloud's", date.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		{"too far ahead", "86400", 300 * time.Second},
		{"the past", date.Add(-time.Hour).Format(http.TimeFormat), 0},
		{"negative", "-5", 0},
		{"nonsense", "soon", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &answer{status: 503, header: http.Header{"Retry-After": {c.value}, "Date": {date.Format(http.TimeFormat)}}}
			if got := a.retryAfter(); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
			b := backoff{jitter: newJitter("device")}
			if got := b.next(a); got < c.want {
				t.Errorf("waits only %v", got)
			}
		})
	}
}

func TestJitterDiffersBetweenDevices(t *testing.T) {
	a, b := newJitter("p/one"), newJitter("p/two")
	for range 5 {
		if a.spread(time.Minute) != b.spread(time.Minute) {
			return
		}
	}
	t.Error("two devices wait alike five times in a row")
}
