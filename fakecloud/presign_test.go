package fakecloud

import (
	"net/http"
	"testing"
	"time"
)

// The example of "Authenticating Requests: Using Query Parameters" in the S3
// API reference.
func TestPresigningAgreesWithThePublishedExample(t *testing.T) {
	s := signer{accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1"}
	at := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	q := s.presign(http.MethodGet, "examplebucket.s3.amazonaws.com", "/test.txt", nil, at, 24*time.Hour)
	const want = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
	if got := q.Get("X-Amz-Signature"); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	expires, ok := s.verify(http.MethodGet, "examplebucket.s3.amazonaws.com", "/test.txt", q, nil)
	if !ok || !expires.Equal(at.Add(24*time.Hour)) {
		t.Errorf("own signature: ok %v, expires %v", ok, expires)
	}
}
