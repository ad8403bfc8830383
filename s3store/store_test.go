package s3store

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/ivcs/conform/fakecloud"
)

// elsewhere is a store reached over HTTP alone. closing it takes it away.
func elsewhere(t *testing.T) (Config, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	t.Cleanup(server.Close)
	return Config{URL: server.URL, Bucket: "recordings", AccessKey: "access", SecretKey: "secretsecret", Region: "us-east-1"}, server
}

func TestACloudKeepsItsObjectsInTheStore(t *testing.T) {
	config, _ := elsewhere(t)
	store, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	TryCloud(t, store)
	TryCloud(t, store.Fresh()) // the same names, and no object is overwritten
	names := 0
	for o := range store.client.ListObjectsIter(t.Context(), store.bucket, listAll(store.prefix)) {
		if o.Err != nil || !strings.HasSuffix(o.Key, ".jpg") {
			t.Errorf("in the bucket: %q, %v", o.Key, o.Err)
		}
		names++
	}
	if names != 1 {
		t.Errorf("%d objects in the bucket, want 1", names)
	}
}

// TestAStoreThatIsGone: nothing counts as stored, and the device is told to try again.
func TestAStoreThatIsGone(t *testing.T) {
	config, server := elsewhere(t)
	store, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	_, d, grant := granted(t, store, 3)
	if res := put(t, grant, []byte("abc")); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("PUT without a store behind: %s", res.Status)
	}
	if len(d.Pictures()) != 0 || d.Uploads()[0].State == fakecloud.UploadStored {
		t.Error("it counts as stored")
	}
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	good, server := elsewhere(t)
	for want, change := range map[string]func(*Config){
		"http://host:port":  func(c *Config) { c.URL = "localhost:9000" },
		"all needed":        func(c *Config) { c.SecretKey = "" },
		"check the address": func(*Config) { server.Close() },
	} {
		c := good
		change(&c)
		if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want an error with %q", c, err, want)
		}
	}
}

// grant is the part of a grant that the tests use.
type grant struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Stored  bool              `json:"stored"`
}

// granted is a cloud with the store behind it, and a grant for one picture.
func granted(t *testing.T, store *Store, size int) (*fakecloud.Cloud, *fakecloud.Device, grant) {
	t.Helper()
	c, err := fakecloud.New(fakecloud.WithObjects(store))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := c.Register("P1", "cam", "secret")
	if err != nil {
		t.Fatal(err)
	}
	return c, d, ask(t, d, size)
}

// put sends an object as a device does.
func put(t *testing.T, g grant, body []byte) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, g.URL, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range g.Headers {
		r.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res
}

// TryCloud puts an object through the storage plane and holds it to the binding:
// size, ETag, 409 for the second PUT, truncation, and reading back.
func TryCloud(t *testing.T, store *Store) {
	t.Helper()
	body := bytes.Repeat([]byte("a picture "), 20_000)
	c, d, g := granted(t, store, len(body))
	if res := put(t, g, body[:100]); res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusForbidden {
		t.Errorf("a PUT of another size: %s", res.Status)
	}
	c.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Truncate: 1000, Times: 1})
	half := md5.Sum(body[:1000])
	if res := put(t, g, body); res.StatusCode != http.StatusOK || tag(res) != hex.EncodeToString(half[:]) || len(d.Pictures()) != 0 {
		t.Errorf("a store that keeps 1000 bytes: %s, ETag %q, %d pictures stored", res.Status, tag(res), len(d.Pictures()))
	}
	whole := md5.Sum(body)
	if res := put(t, g, body); res.StatusCode != http.StatusOK || tag(res) != hex.EncodeToString(whole[:]) {
		t.Errorf("PUT: %s, ETag %q, want %x", res.Status, tag(res), whole)
	}
	if res := put(t, g, body); res.StatusCode != http.StatusConflict {
		t.Errorf("the second PUT: %s, want 409", res.Status)
	}
	if n := len(d.Pictures()); n != 1 {
		t.Fatalf("%d pictures stored, want 1", n)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/ivcs/P1/cam/pictures/"+d.Uploads()[0].ID+".jpg", nil)
	r.Header.Set("Range", "bytes=2-8")
	store.ServeHTTP(w, r)
	if w.Code != http.StatusPartialContent || w.Body.String() != "picture" {
		t.Errorf("a range of it: %d %q", w.Code, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "image/jpeg" {
		t.Errorf("its content type: %q", got)
	}
}

func tag(res *http.Response) string { return strings.Trim(res.Header.Get("ETag"), `"`) }

// ask asks for a grant of a direct report's picture, which needs no plan.
func ask(t *testing.T, d *fakecloud.Device, size int) (g grant) {
	t.Helper()
	res := signed(t, d, map[string]any{
		"kind": "picture", "event_id": 1, "event_utc_s": 1, "size": size, "content_type": "image/jpeg", "direct": true,
	})
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&g); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("grant: %s, %v", res.Status, err)
	}
	return g
}
