package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
)

const segmentBytes = 300 << 10

// BenchmarkStore stores segments of 300 KB with 1, 8 and 64 clients: the cloud's
// whole path (a signed grant request, then the PUT), gofakes3 alone, and a handler
// that reads the body and forgets it.
func BenchmarkStore(b *testing.B) {
	body := bytes.Repeat([]byte{0x47}, segmentBytes)
	for _, clients := range []int{1, 8, 64} {
		name := func(store string) string { return fmt.Sprintf("store=%s/clients=%d", store, clients) }
		b.Run(name("conform"), func(b *testing.B) {
			cloud, err := fakecloud.New()
			if err != nil {
				b.Fatal(err)
			}
			defer cloud.Close()
			accounts := make([]*fakecloud.Device, clients)
			for i := range accounts {
				if accounts[i], err = cloud.Register("BENCH", fmt.Sprintf("camera-%d", i), "secret"); err != nil {
					b.Fatal(err)
				}
				accounts[i].SetPlan(fakecloud.Plan{Switch: 1, Type: 1})
			}
			each(b, clients, func(client *http.Client, who, n int) error {
				return grantAndPut(client, accounts[who].Credentials(), n, body)
			})
		})
		b.Run(name("gofakes3"), func(b *testing.B) {
			backend := s3mem.New()
			if err := backend.CreateBucket("segments"); err != nil {
				b.Fatal(err)
			}
			server := httptest.NewServer(gofakes3.New(backend).Server())
			defer server.Close()
			each(b, clients, func(client *http.Client, who, n int) error {
				return put(client, fmt.Sprintf("%s/segments/%d-%d.ts", server.URL, who, n), nil, body)
			})
		})
		b.Run(name("handler"), func(b *testing.B) {
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
			defer server.Close()
			each(b, clients, func(client *http.Client, who, n int) error {
				return put(client, fmt.Sprintf("%s/%d-%d.ts", server.URL, who, n), nil, body)
			})
		})
	}
}

// each stores b.N segments with so many clients at once.
func each(b *testing.B, clients int, store func(client *http.Client, who, n int) error) {
	b.SetBytes(segmentBytes)
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for who := range clients {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > b.N {
					return
				}
				if err := store(client, who, n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func put(client *http.Client, url string, headers map[string]string, body []byte) error {
	r, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	_, err = do(client, r, http.StatusOK)
	return err
}

func do(client *http.Client, r *http.Request, want int) ([]byte, error) {
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s %s: %s: %s", r.Method, r.URL.Path, answer.Status, text)
	}
	return text, err
}

// grantAndPut is what a device does with a segment, the nth since an hour ago.
func grantAndPut(client *http.Client, c fakecloud.Credentials, n int, body []byte) error {
	now := new(clock.Clock).Now()
	return grantAndPutAt(client, c, now, now.UnixMilli()+int64(n)*10_000-3_600_000, n, body)
}

// grantAndPutAt does so with a segment that begins at begin.
func grantAndPutAt(client *http.Client, c fakecloud.Credentials, now time.Time, begin int64, n int, body []byte) error {
	request, err := json.Marshal(map[string]any{
		"kind": "segment", "start_utc_ms": begin, "end_utc_ms": begin + 10_000, "first_pts_ms": n * 10_000, "last_pts_ms": n*10_000 + 9950,
		"first_seq": n * 200, "last_seq": n*200 + 199, "size": len(body), "content_type": "video/mp2t", "recording": "bench",
	})
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/v1/devices/%s/%s/uploads", c.ProductID, c.DeviceName)
	r, err := http.NewRequest(http.MethodPost, c.Endpoint+path, bytes.NewReader(request))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-IV-Timestamp", stamp)
	r.Header.Set("Authorization", fmt.Sprintf("IV-HMAC-SHA256 %s/%s:%s", c.ProductID, c.DeviceName,
		fakecloud.Signature(c.DeviceSecret, r.Method, path, stamp, request)))
	text, err := do(client, r, http.StatusCreated)
	if err != nil {
		return err
	}
	var grant struct {
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(text, &grant); err != nil {
		return err
	}
	return put(client, grant.URL, grant.Headers, body)
}

// storeEach stores six segments of each device, with eight clients.
func storeEach(b *testing.B, accounts []*fakecloud.Device, body []byte) {
	const clients = 8
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var wg sync.WaitGroup
	for who := range clients {
		wg.Go(func() {
			for i := who; i < len(accounts); i += clients {
				for n := range perDevice {
					if err := grantAndPut(client, accounts[i].Credentials(), n, body); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}
