package fakecloud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxClockSkew is how far a device's clock may be off before its requests are
// answered with clock_skew.
const MaxClockSkew = 15 * time.Minute

const signatureScheme = "IV-HMAC-SHA256"

// Signature is the hex signature of a control request (cloud-binding.md): of its
// method, its request-target exactly as sent, the value of X-IV-Timestamp and
// its body.
func Signature(secret, method, requestTarget, timestamp string, body []byte) string {
	sum := sha256.Sum256(body)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(method + "\n" + requestTarget + "\n" + timestamp + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(mac.Sum(nil))
}

// authenticate tells whose request it is. The device is returned as soon as its
// signature holds, also when the request is refused for another reason.
func (c *Cloud) authenticate(r *http.Request, body []byte) (*Device, *answer) {
	no := func(status int, code, format string, args ...any) *answer {
		a := refuse(status, code, format, args...)
		return &a
	}
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	id, signature, ok := strings.Cut(rest, ":")
	if scheme != signatureScheme || !ok {
		return nil, no(http.StatusUnauthorized, "bad_signature",
			"the request is not signed: send Authorization: %s <product_id>/<device_name>:<hex>", signatureScheme)
	}
	c.mu.Lock()
	d := c.devices[id]
	c.mu.Unlock()
	if d == nil {
		return nil, no(http.StatusUnauthorized, "unknown_device", "no device %q is registered", id)
	}
	stamp := r.Header.Get("X-IV-Timestamp")
	want := Signature(d.secret, r.Method, r.RequestURI, stamp, body)
	if !hmac.Equal([]byte(want), []byte(strings.ToLower(signature))) {
		return nil, no(http.StatusUnauthorized, "bad_signature",
			"the signature does not match; string to sign: %q, %q, %q, hex SHA-256 of %d body bytes", r.Method, r.RequestURI, stamp, len(body))
	}
	now := c.clock.Now()
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return d, no(http.StatusUnauthorized, "bad_signature", "X-IV-Timestamp %q: must be unix seconds", stamp)
	}
	if skew := time.Unix(seconds, 0).Sub(now).Abs(); skew > MaxClockSkew {
		a := jsonAnswer(http.StatusUnauthorized, refusal{
			Error:   "clock_skew",
			Message: "the device's clock is off by " + skew.String() + ", more than " + MaxClockSkew.String(),
			UTCms:   now.UnixMilli(),
		})
		a.note = "clock_skew: off by " + skew.String()
		return d, &a
	}
	if path := r.PathValue("product") + "/" + r.PathValue("device"); path != d.id() {
		return d, no(http.StatusForbidden, "other_device", "%s may not use the path of %s", d.id(), path)
	}
	return d, nil
}
