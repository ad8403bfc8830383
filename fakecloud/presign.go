package fakecloud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// signer makes and checks presigned URLs: AWS Signature Version 4 in the query,
// as every S3 store takes them.
type signer struct {
	accessKey, secretKey, region string
}

const (
	sigAlgorithm = "AWS4-HMAC-SHA256"
	sigTime      = "20060102T150405Z"
)

// presign returns the query that lets its bearer do method on path at host until
// life (whole seconds) after now. headers are signed beside the host and must be
// sent as they are given.
func (s signer) presign(method, host, path string, headers http.Header, now time.Time, life time.Duration) url.Values {
	q := url.Values{
		"X-Amz-Algorithm":     {sigAlgorithm},
		"X-Amz-Credential":    {s.accessKey + "/" + s.scope(now)},
		"X-Amz-Date":          {now.UTC().Format(sigTime)},
		"X-Amz-Expires":       {strconv.FormatInt(int64(life/time.Second), 10)},
		"X-Amz-SignedHeaders": {strings.Join(signedNames(headers), ";")},
	}
	q.Set("X-Amz-Signature", s.sign(method, host, path, q, headers, now))
	return q
}

// verify tells whether q carries the signature for just this request, and until
// when it may be used.
func (s signer) verify(method, host, path string, q url.Values, headers http.Header) (expires time.Time, ok bool) {
	at, err := time.Parse(sigTime, q.Get("X-Amz-Date"))
	if err != nil {
		return time.Time{}, false
	}
	life, err := strconv.ParseUint(q.Get("X-Amz-Expires"), 10, 31)
	if err != nil {
		return time.Time{}, false
	}
	unsigned := url.Values{}
	for name, values := range q {
		if name != "X-Amz-Signature" {
			unsigned[name] = values
		}
	}
	want := s.sign(method, host, path, unsigned, headers, at)
	ok = hmac.Equal([]byte(want), []byte(q.Get("X-Amz-Signature")))
	return at.Add(time.Duration(life) * time.Second), ok
}

func (s signer) scope(at time.Time) string {
	return at.UTC().Format("20060102") + "/" + s.region + "/s3/aws4_request"
}

func signedNames(headers http.Header) []string {
	names := []string{"host"}
	for name := range headers {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	return names
}

// sign computes the signature over the canonical request. Paths and values hold
// no character that S3 and net/url escape differently.
func (s signer) sign(method, host, path string, q url.Values, headers http.Header, at time.Time) string {
	names := signedNames(headers)
	var canonical strings.Builder
	canonical.WriteString(method + "\n" + path + "\n" + q.Encode() + "\n")
	for _, name := range names {
		value := host
		if name != "host" {
			value = headers.Get(name)
		}
		canonical.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical.WriteString("\n" + strings.Join(names, ";") + "\nUNSIGNED-PAYLOAD")
	sum := sha256.Sum256([]byte(canonical.String()))

	toSign := sigAlgorithm + "\n" + at.UTC().Format(sigTime) + "\n" + s.scope(at) + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + s.secretKey)
	for _, part := range append(strings.Split(s.scope(at), "/"), toSign) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}
