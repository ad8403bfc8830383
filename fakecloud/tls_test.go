package fakecloud

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestBothPlanesSpeakTLS(t *testing.T) {
	for _, network := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "ca.pem")
		opts := []Option{WithTLS(file)}
		if network {
			opts = append(opts, WithNetwork())
		}
		b := newBench(t, opts...).service()
		given := b.device.Credentials()
		if given.CAFile != file || !strings.HasPrefix(given.Endpoint, "https://") || !slices.Contains(given.Env(), "IVCS_CA_FILE="+file) {
			t.Fatalf("credentials %+v", given)
		}
		pem, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
		b.client = &http.Client{Transport: held{t, transport}}
		t.Cleanup(transport.CloseIdleConnections)
		g := b.grant(segment("r1", 1, 0, 1000))
		if !strings.HasPrefix(g.URL, "https://") {
			t.Errorf("grant leads to %s", g.URL)
		}
		if r := b.put(g, media(0, 1000)); r.status != http.StatusOK {
			t.Errorf("PUT: %d %s", r.status, r.body)
		}
		b.device.Faults().Set(ClassPlan, Fault{ResetAfter: -1})
		if r, err := b.do(b.signed(b.device, "GET", "/v1/devices/P1/cam-1/plan", nil)); err == nil {
			t.Errorf("a cut connection has answered %d", r.status)
		}
		if _, err := http.Get(given.Endpoint + "/v1/time"); err == nil {
			t.Error("a client that does not know the authority has trusted it")
		}
	}
}

func TestCredentialsComeInBothForms(t *testing.T) {
	c := Credentials{Endpoint: "http://h:1", ProductID: "P1", DeviceName: "cam", DeviceSecret: "s"}
	if got, want := c.JSON(), `{"endpoint":"http://h:1","product_id":"P1","device_name":"cam","device_secret":"s"}`; got != want {
		t.Errorf("JSON %s, want %s", got, want)
	}
	want := []string{"IVCS_ENDPOINT=http://h:1", "IVCS_PRODUCT_ID=P1", "IVCS_DEVICE_NAME=cam", "IVCS_DEVICE_SECRET=s"}
	if got := c.Env(); !slices.Equal(got, want) {
		t.Errorf("Env %q, want %q", got, want)
	}
}
