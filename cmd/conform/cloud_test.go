package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// aCloud is a conform cloud that runs in a process of its own.
type aCloud struct {
	t   *testing.T
	cmd *exec.Cmd
	announcement
	errs bytes.Buffer
}

// startCloud runs conform cloud --json on free ports.
func startCloud(t *testing.T, args ...string) *aCloud {
	t.Helper()
	c := &aCloud{t: t, cmd: exec.Command(command, append([]string{"cloud", "--json", "--listen", "127.0.0.1:0"}, args...)...)}
	c.cmd.Stderr = &c.errs
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.cmd.Process.Kill(); _, _ = c.cmd.Process.Wait() })
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&c.announcement); err != nil {
		_ = c.cmd.Wait()
		t.Fatalf("conform cloud %s said nothing: %v; %s", strings.Join(args, " "), err, c.errs.String())
	}
	return c
}

// end sends a signal and waits for the process to have gone.
func (c *aCloud) end(s os.Signal) (code int) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
	_ = c.cmd.Wait() // the exit code tells
	return c.cmd.ProcessState.ExitCode()
}

func (c *aCloud) get(path string) (int, []byte) {
	c.t.Helper()
	req, err := http.NewRequest("GET", c.Endpoint+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, body
}

func TestACloudAloneTellsWhatADeviceIsGivenAndEndsInGoodOrder(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		c := startCloud(t, "--device", "P1/door:s3cret", "--device", "P1/yard", "--plan", "event")
		if len(c.Devices) != 2 || c.Devices[0].DeviceSecret != "s3cret" || c.Devices[1].DeviceSecret == "" || c.Devices[1].Endpoint != c.Endpoint {
			t.Errorf("devices %+v", c.Devices)
		}
		if !strings.HasPrefix(c.Page, c.Endpoint+"/?token=") || c.Playback[0] != c.Endpoint+"/play/P1/door/timeshift.m3u8" {
			t.Errorf("page %s, playback %v", c.Page, c.Playback)
		}
		status, body := c.get("/admin/devices")
		if status != http.StatusOK || !bytes.Contains(body, []byte(`"cs_type":2`)) {
			t.Errorf("operator: %d %s", status, body)
		}
		if status, body := c.get("/"); status != http.StatusOK || !bytes.Contains(body, []byte("P1/door")) {
			t.Errorf("the page: %d %s", status, body)
		}
		if code := c.end(s); code != 0 || c.errs.Len() > 0 {
			t.Errorf("%v: exit code %d, %s", s, code, c.errs.String())
		}
	}
}

func TestTheAnnouncementCanBeSourced(t *testing.T) {
	dir := t.TempDir()
	script := `"$1" cloud --listen 127.0.0.1:0 --device "P1/door:it's" --tls "$2/ca.pem" >"$2/env" & pid=$!
until grep -q CA_FILE "$2/env"; do :; done
. "$2/env"; kill $pid; wait $pid; echo "$IVCS_PRODUCT_ID $IVCS_DEVICE_NAME $IVCS_DEVICE_SECRET $IVCS_ENDPOINT $IVCS_CA_FILE"`
	out, err := exec.Command("sh", "-c", script, "sh", command, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := strings.TrimSpace(string(out))
	if !strings.HasPrefix(got, "P1 door it's https://127.0.0.1:") || !strings.HasSuffix(got, filepath.Join(dir, "ca.pem")) {
		t.Errorf("sourced: %q", got)
	}
}

func TestAWrongFlagOfTheCloudIsAUsageError(t *testing.T) {
	taken := startCloud(t)
	script := filepath.Join(t.TempDir(), "faults.yaml")
	if err := os.WriteFile(script, []byte("faults:\n  - on: plan\n    stauts: 503\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ says, flag, value string }{
		{"PRODUCT/NAME", "--device", "nonsense"},
		{"must match", "--device", "P_1/x:y"},
		{"none, full-time, event", "--plan", "gold"},
		{"host:port", "--listen", "8480"},
		{"--listen 127.0.0.1:0 takes a free port", "--listen", strings.TrimPrefix(taken.Endpoint, "http://")},
		{`line 3: unknown key "stauts": did you mean "status"?`, "--faults", script},
		{"no such file", "--faults", script + ".gone"},
		{"writable file", "--tls", "/no/such/folder/ca.pem"},
	} {
		args := []string{"cloud", "--listen", "127.0.0.1:0", c.flag, c.value}
		code, _, stderr := conform(t, args...)
		if code != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit code %d, %q; it should say %q", args, code, stderr, c.says)
		}
	}
}

func TestAnotherAddressThanLoopbackWantsTheToken(t *testing.T) {
	c := startCloud(t, "--listen", "0.0.0.0:0", "--name", "127.0.0.1")
	res, err := http.Get(c.Playback[0])
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("playback without the token: %d", res.StatusCode)
	}
	if status, _ := c.get("/play/PLAY1/cam-1/timeshift.m3u8"); status != http.StatusOK {
		t.Errorf("playback with the token: %d", status)
	}
}

func TestACloudBeginsWithTheFaultsOfAFile(t *testing.T) {
	script := filepath.Join(t.TempDir(), "faults.yaml")
	if err := os.WriteFile(script, []byte("faults:\n  - on: time\n    nth: 2\n    status: 503\n    retry_after: 3s\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := startCloud(t, "--faults", script)
	for i, want := range []int{http.StatusOK, http.StatusServiceUnavailable, http.StatusOK} {
		if status, body := c.get("/v1/time"); status != want {
			t.Errorf("request %d: %d %s", i+1, status, body)
		}
	}
}
