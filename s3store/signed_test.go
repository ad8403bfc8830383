package s3store

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
)

// signed sends a grant request as the binding has a device sign it.
func signed(t *testing.T, d *fakecloud.Device, request any) *http.Response {
	t.Helper()
	c := d.Credentials()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/v1/devices/%s/%s/uploads", c.ProductID, c.DeviceName)
	stamp, sum := fmt.Sprint(new(clock.Clock).Now().Unix()), sha256.Sum256(body)
	mac := hmac.New(sha256.New, []byte(c.DeviceSecret))
	fmt.Fprintf(mac, "POST\n%s\n%s\n%x", path, stamp, sum)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.Endpoint+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-IV-Timestamp", stamp)
	r.Header.Set("Authorization", fmt.Sprintf("IV-HMAC-SHA256 %s/%s:%s", c.ProductID, c.DeviceName, hex.EncodeToString(mac.Sum(nil))))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func listAll(prefix string) minio.ListObjectsOptions {
	return minio.ListObjectsOptions{Prefix: prefix, Recursive: true}
}
