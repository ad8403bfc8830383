package fakecloud

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAPutThatIsNotAsGrantedIsRefusedAndStoresNothing(t *testing.T) {
	body := func(n int) (io.ReadCloser, int64) { return io.NopCloser(bytes.NewReader(media(0, n))), int64(n) }
	query := func(r *http.Request, name, value string) {
		q := r.URL.Query()
		q.Set(name, value)
		r.URL.RawQuery = q.Encode()
	}
	cases := []struct {
		name   string
		spoil  func(b *bench, g grantAnswer, r *http.Request)
		status int
		code   string
	}{
		{"one byte short", func(_ *bench, _ grantAnswer, r *http.Request) { r.Body, r.ContentLength = body(999) }, 400, "IncorrectSize"},
		{"one byte long", func(_ *bench, _ grantAnswer, r *http.Request) { r.Body, r.ContentLength = body(1001) }, 400, "IncorrectSize"},
		{"empty", func(_ *bench, _ grantAnswer, r *http.Request) { r.Body, r.ContentLength = http.NoBody, 0 }, 400, "IncorrectSize"},
		{"of unknown length", func(_ *bench, _ grantAnswer, r *http.Request) {
			r.ContentLength, r.GetBody = -1, nil
		}, 400, "MissingContentLength"},
		{"after its time", func(b *bench, _ grantAnswer, _ *http.Request) { b.clock.Advance(DefaultGrantLifetime) }, 403, "AccessDenied"},
		{"with a later date", func(_ *bench, _ grantAnswer, r *http.Request) {
			query(r, "X-Amz-Date", epoch.Add(time.Hour).Format(sigTime))
		}, 403, "SignatureDoesNotMatch"},
		{"with a longer life", func(_ *bench, _ grantAnswer, r *http.Request) { query(r, "X-Amz-Expires", "86400") }, 403, "SignatureDoesNotMatch"},
		{"with a life that is no number", func(_ *bench, _ grantAnswer, r *http.Request) { query(r, "X-Amz-Expires", "long") }, 403, "SignatureDoesNotMatch"},
		{"with another signature", func(_ *bench, _ grantAnswer, r *http.Request) {
			query(r, "X-Amz-Signature", strings.Repeat("0", 64))
		}, 403, "SignatureDoesNotMatch"},
		{"without a signature", func(_ *bench, _ grantAnswer, r *http.Request) { r.URL.RawQuery = "" }, 403, "SignatureDoesNotMatch"},
		{"with one more parameter", func(_ *bench, _ grantAnswer, r *http.Request) { query(r, "uploads", "") }, 403, "SignatureDoesNotMatch"},
		{"with another content type", func(_ *bench, _ grantAnswer, r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 403, "SignatureDoesNotMatch"},
		{"to another host name", func(_ *bench, _ grantAnswer, r *http.Request) { r.Host = "elsewhere" }, 403, "SignatureDoesNotMatch"},
		{"to another object's path", func(b *bench, _ grantAnswer, r *http.Request) {
			other, err := url.Parse(b.grant(segment("r9", 1, 60, 1000)).URL)
			if err != nil {
				b.t.Fatal(err)
			}
			r.URL.Path = other.Path
		}, 403, "SignatureDoesNotMatch"},
		{"to a path that was never granted", func(_ *bench, _ grantAnswer, r *http.Request) { r.URL.Path += "x" }, 403, "AccessDenied"},
		{"to the bucket", func(_ *bench, _ grantAnswer, r *http.Request) { r.URL.Path = "/" + bucket }, 403, "AccessDenied"},
		{"as POST", func(_ *bench, _ grantAnswer, r *http.Request) { r.Method = "POST" }, 403, "AccessDenied"},
		{"as DELETE", func(_ *bench, _ grantAnswer, r *http.Request) { r.Method = "DELETE" }, 403, "AccessDenied"},
		{"as GET", func(_ *bench, _ grantAnswer, r *http.Request) {
			r.Method, r.Body, r.ContentLength = "GET", http.NoBody, 0
		}, 403, "SignatureDoesNotMatch"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t).service()
			g := b.grant(segment("r1", 1, 0, 1000))
			req := wrong(b.putRequest(g, media(0, 1000)))
			c.spoil(b, g, req)
			before := b.state()
			r := b.must(req)
			if r.status != c.status || !strings.Contains(string(r.body), "<Code>"+c.code+"</Code>") {
				t.Errorf("answered %d %s, want %d %s", r.status, r.body, c.status, c.code)
			}
			if after := b.state(); after != before {
				t.Errorf("a refused PUT has changed the cloud:\n%s\nto\n%s", before, after)
			}
			again := b.grant(segment("r1", 1, 0, 1000))
			if r := b.put(again, media(0, 1000)); again.Stored || r.status != http.StatusOK {
				t.Errorf("the grant was used up: stored %v, PUT answered %d %s", again.Stored, r.status, r.body)
			}
		})
	}
}

func TestASecondPutIsRefusedAndTheFirstObjectStays(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 1000))
	first := b.put(g, media(0, 1000))
	if want := fmt.Sprintf(`"%x"`, md5.Sum(media(0, 1000))); first.status != http.StatusOK || first.header.Get("ETag") != want {
		t.Fatalf("first PUT: %d, ETag %s, want %s", first.status, first.header.Get("ETag"), want)
	}
	before := b.state()
	if r := b.put(g, media(1, 1000)); r.status != http.StatusConflict {
		t.Errorf("second PUT: %d %s", r.status, r.body)
	}
	b.clock.Advance(time.Hour)
	if r := b.put(g, media(1, 1000)); r.status != http.StatusConflict {
		t.Errorf("second PUT, an hour later: %d %s", r.status, r.body)
	}
	if after := b.state(); after != before {
		t.Errorf("the second PUT has changed the cloud:\n%s\nto\n%s", before, after)
	}
}

func TestAGrantIsGoodUntilItsLastMillisecond(t *testing.T) {
	b := newBench(t).service()
	b.device.SetGrantLifetime(30 * time.Second)
	b.clock.Advance(400 * time.Millisecond)
	g := b.grant(segment("r1", 1, 0, 10))
	if g.ExpiresInMS != 29_600 || g.ExpiresUTCms != epoch.UnixMilli()+30_000 {
		t.Fatalf("grant %+v: a presigned URL counts from the whole second", g)
	}
	b.clock.Advance(29_600*time.Millisecond - time.Nanosecond)
	if r := b.put(g, media(0, 10)); r.status != http.StatusOK {
		t.Errorf("PUT just before the expiry: %d %s", r.status, r.body)
	}
	late := b.grant(segment("r1", 2, 10, 10))
	b.clock.Advance(30 * time.Second)
	if u := b.device.Uploads(); u[0].State != UploadStored || u[1].State != UploadExpired {
		t.Errorf("states %s, %s", u[0].State, u[1].State)
	}
	if r := b.put(late, media(0, 10)); r.status != http.StatusForbidden {
		t.Errorf("PUT at the expiry: %d %s", r.status, r.body)
	}
}

// dial opens a bare connection to the storage plane, for what no client does.
func (b *bench) dial(g grantAnswer, sent int, length int) net.Conn {
	b.t.Helper()
	u, err := url.Parse(g.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = c.Close() })
	if _, err := fmt.Fprintf(c, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Type: video/mp2t\r\nContent-Length: %d\r\n\r\n%s",
		u.RequestURI(), u.Host, length, media(0, sent)); err != nil {
		b.t.Fatal(err)
	}
	return c
}

func TestAPartialPutDoesNotUseAGrantUp(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 1000))
	before := b.state()
	for _, sent := range []int{0, 1, 999} {
		c := b.dial(g, sent, 1000)
		if err := b.cloud.Wait(within(t, 10*time.Second), "the bytes to arrive", func() bool {
			u := b.device.Uploads()[0]
			return u.Puts > 0 && (sent == 0 || u.Received == int64(sent))
		}); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
	}
	if err := b.cloud.Wait(within(t, 10*time.Second), "the cut PUTs to end", func() bool {
		for _, e := range b.device.Journal() {
			if !e.Done {
				return false
			}
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if after := b.state(); after != before {
		t.Errorf("a partial PUT has changed the cloud:\n%s\nto\n%s", before, after)
	}
	if r := b.put(g, media(0, 1000)); r.status != http.StatusOK {
		t.Errorf("PUT to the same grant: %d %s", r.status, r.body)
	}
	if u := b.device.Uploads()[0]; u.Puts != 4 || u.Received != 1000 {
		t.Errorf("upload %+v", u)
	}
}

func TestOfPutsAtOnceOneIsStored(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 100_000))
	var wg sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		req := b.putRequest(g, media(byte(i), 100_000))
		wg.Go(func() {
			if r, err := b.do(req); err == nil {
				statuses[i] = r.status
			}
		})
	}
	wg.Wait()
	stored := b.device.Segments()
	if len(stored) != 1 {
		t.Fatalf("%d segments, statuses %v", len(stored), statuses)
	}
	for i, status := range statuses {
		mine := bytes.Equal(stored[0].Body, media(byte(i), 100_000))
		if mine != (status == http.StatusOK) || !mine && status != http.StatusConflict {
			t.Errorf("PUT %d answered %d, its bytes stored: %v", i, status, mine)
		}
	}
}

func TestAClientThatAsksFirstIsRefusedBeforeItSends(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 1000))
	u, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := fmt.Fprintf(c, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Type: video/mp2t\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", u.RequestURI(), u.Host); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 12)
	if _, err := io.ReadFull(c, line); err != nil || string(line) != "HTTP/1.1 400" {
		t.Errorf("answered %q, %v", line, err)
	}
}

func TestAPictureIsStoredWithItsEvent(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(picture("e1", 500, true))
	req := b.putRequest(g, media(2, 500))
	if r := b.must(req); r.status != http.StatusOK {
		t.Fatalf("PUT: %d %s", r.status, r.body)
	}
	p := b.device.Pictures()
	if len(p) != 1 || p[0].EventID != 3 || !p[0].Direct || !p[0].EventTime.Equal(epoch) || p[0].ReportID != "e1" || !bytes.Equal(p[0].Body, media(2, 500)) {
		t.Errorf("pictures %+v", p)
	}
	if len(b.device.Timeline(time.Time{}, time.Time{})) != 0 {
		t.Error("a picture lies on the time line")
	}
}
