package fakecloud

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
)

// BenchmarkGrantAndPut is what one segment of 300 KB costs the cloud and a client
// together: signed request, grant, PUT, time line, journal.
func BenchmarkGrantAndPut(b *testing.B) {
	const size = 300 << 10
	cloud := newBench(b).service()
	transport := &http.Transport{}
	b.Cleanup(transport.CloseIdleConnections)
	cloud.client = &http.Client{Transport: transport} // without openapi.yaml in between
	body := bytes.Repeat([]byte{0x47}, size)
	b.SetBytes(size)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r := cloud.must(cloud.signed(cloud.device, "POST", "/v1/devices/P1/cam-1/uploads", segment("r1", i*200, i*10, size)))
		var g grantAnswer
		if err := json.Unmarshal(r.body, &g); err != nil {
			b.Fatal(err)
		}
		if r := cloud.put(g, body); r.status != http.StatusOK {
			b.Fatalf("PUT: %d %s", r.status, r.body)
		}
	}
}
