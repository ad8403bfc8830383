package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/load"
)

// runTestLoad runs conform load in this process.
func runTestLoad(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	var w bytes.Buffer
	root := rootCommand()
	root.SetOut(&w)
	root.SetErr(&w)
	root.SetArgs(append([]string{"load"}, args...))
	err = root.ExecuteContext(t.Context())
	return w.String(), err
}

func TestLoadAgainstItsOwnCloud(t *testing.T) {
	out, err := runTestLoad(t, "--devices", "2", "--bitrate", "200k", "--for", "2s", "--ramp", "0s", "--json")
	var r load.Result
	if jsonErr := json.Unmarshal([]byte(out), &r); jsonErr != nil || err != nil || r.StoredSegments < 2 || !r.Complete() {
		t.Errorf("err %v, json %v:\n%s", err, jsonErr, out)
	}
}

// operatorSide stands before a cloud as its /admin side does.
func operatorSide(t *testing.T) (c *fakecloud.Cloud, url string) {
	t.Helper()
	c, err := fakecloud.New()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/devices", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var in struct {
			Product string `json:"product_id"`
			Name    string `json:"device_name"`
			Secret  string `json:"device_secret"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		d, err := c.Register(in.Product, in.Name, in.Secret)
		if err != nil {
			t.Error(err)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(d.Credentials())
	})
	mux.HandleFunc("PUT /admin/devices/{product}/{device}/plan", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Switch int `json:"cs_switch"`
			Type   int `json:"cs_type"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		c.Device(r.PathValue("product"), r.PathValue("device")).SetPlan(fakecloud.Plan{Switch: in.Switch, Type: in.Type})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, server.URL
}

func TestLoadAgainstARunningCloud(t *testing.T) {
	_, url := operatorSide(t)
	out, err := runTestLoad(t, "--devices", "2", "--bitrate", "200k", "--for", "2s", "--ramp", "0s", "--cloud", url, "--token", "t0ken")
	if err != nil || !strings.Contains(out, "0 not in the cloud") {
		t.Errorf("err %v:\n%s", err, out)
	}
	if _, err := runTestLoad(t, "--devices", "1", "--for", "2s", "--ramp", "0s", "--cloud", url, "--token", "wrong"); err == nil || !strings.Contains(err.Error(), "refuses the token") {
		t.Errorf("a wrong token: %v", err)
	}
}

func TestLoadExitsWith1OnLoss(t *testing.T) {
	c, url := operatorSide(t)
	c.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: http.StatusServiceUnavailable})
	_, err := runTestLoad(t, "--devices", "1", "--for", "2s", "--ramp", "0s", "--cloud", url, "--token", "t0ken")
	var code exitCode
	if !errors.As(err, &code) || int(code) != verdict.ExitNotConformant {
		t.Errorf("a store that takes nothing: %v, want exit code 1", err)
	}
}

func TestLoadRefusesBadFlags(t *testing.T) {
	for want, o := range map[string]loadOptions{
		"--devices":     {bitrate: "1M", duration: time.Minute},
		"--for":         {devices: 1, bitrate: "1M"},
		"--ramp":        {devices: 1, bitrate: "1M", duration: time.Second, ramp: time.Second},
		"give at least": {devices: 1, bitrate: "1k", duration: time.Second},
		"--cloud":       {devices: 1, bitrate: "1M", duration: time.Second, token: "x"},
	} {
		if _, err := o.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want an error that names %s", o, err, want)
		}
	}
}
