package reference

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// sign puts the signature of a control request on r ("Signature of a control
// request" of the binding). now is the cloud's time as far as the device knows it.
func (c *Config) sign(r *http.Request, body []byte, now time.Time) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	digest := sha256.Sum256(body)
	mac := hmac.New(sha256.New, []byte(c.DeviceSecret))
	mac.Write([]byte(r.Method + "\n" + r.URL.RequestURI() + "\n" + stamp + "\n" + hex.EncodeToString(digest[:])))
	r.Header.Set("X-IV-Timestamp", stamp)
	r.Header.Set("Authorization", "IV-HMAC-SHA256 "+c.ProductID+"/"+c.DeviceName+":"+hex.EncodeToString(mac.Sum(nil)))
}
