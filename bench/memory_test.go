package bench

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/reference"
)

// BenchmarkMemory fills the buffers of devices whose store takes nothing. What the
// process has grown by, beside u32MaxGopSize for each of them, is to stay within
// note 7 of the specification: 100 KB, and 120 KB (mono) or 160 KB (stereo) more
// where sound has to be encoded.
func BenchmarkMemory(b *testing.B) {
	const devices, buffer = 32, 1 << 20
	for _, c := range []struct {
		name string
		av   reference.AVDataInfo
	}{{"aac", aac}, {"pcm mono", pcmMono}, {"pcm stereo", pcmStereo}} {
		b.Run("sound="+c.name, func(b *testing.B) {
			for b.Loop() {
				credentials := cloudApart(b, devices+1)
				all := []*reference.Device{deviceWith(b, credentials[devices], buffer, c.av)}
				fill(b, all[0], c.av) // what is allocated once in a process
				before := resident(b)
				for i := range devices {
					all = append(all, deviceWith(b, credentials[i], buffer, c.av))
					fill(b, all[i+1], c.av)
				}
				grown := resident(b) - before
				b.ReportMetric(float64(grown)/devices-buffer, "B-beside-buffer/device")
				var exits sync.WaitGroup // each waits for its uploads for a while
				for _, d := range all {
					exits.Go(func() { d.Exit() })
				}
				exits.Wait()
			}
		})
	}
}

// apart marks the process that is nothing but a cloud for so many devices.
const apart = "CONFORM_BENCH_CLOUD"

// TestMain is that process, too.
func TestMain(m *testing.M) {
	devices, err := strconv.Atoi(os.Getenv(apart))
	if err != nil {
		os.Exit(m.Run())
	}
	if err := serve(devices); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve prints the credentials of each device and keeps the cloud, which takes no
// segment, until its standard input ends.
func serve(devices int) error {
	cloud, err := fakecloud.New()
	if err != nil {
		return err
	}
	defer cloud.Close()
	cloud.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Hang: true})
	for i := range devices {
		account, err := cloud.Register("BENCH", fmt.Sprintf("camera-%d", i), "secret")
		if err != nil {
			return err
		}
		account.SetPlan(fakecloud.Plan{Switch: 1, Type: int(reference.PlanFullTime)})
		fmt.Println(account.Credentials().JSON())
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// cloudApart starts such a process, so that what the cloud takes is not counted.
func cloudApart(b *testing.B, devices int) (credentials []string) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), fmt.Sprintf("%s=%d", apart, devices)), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	for lines := bufio.NewScanner(out); len(credentials) < devices; credentials = append(credentials, lines.Text()) {
		if !lines.Scan() {
			b.Fatalf("the cloud has ended: %v", lines.Err())
		}
	}
	return credentials
}

// fill pushes until the buffer is full.
func fill(b *testing.B, d *reference.Device, av reference.AVDataInfo) {
	list := segment(10)
	var sound []byte
	if av.AudioType == reference.AudioPCM {
		sound = make([]byte, 2*av.SampleNumPerFrame)
	}
	for i := range 10_000 {
		f := list[i%len(list)]
		e := push(d, f, f.PTS+uint64(i/len(list))*10_000, i, sound)
		if e != reference.ErrNone && i > 100 {
			return
		}
	}
	b.Fatal("10,000 frames did not fill the buffer")
}

// resident is the memory of this process, the heap's free pages given back.
func resident(b *testing.B) int64 {
	b.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("no /proc to read the process's memory from")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// BenchmarkRetention keeps one device's stream of 10 s segments in a cloud that
// forgets after five minutes: what the cloud holds must not depend on for how long.
func BenchmarkRetention(b *testing.B) {
	body := make([]byte, 12<<10)
	for _, minutes := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("minutes=%d", minutes), func(b *testing.B) {
			for b.Loop() {
				k := new(clock.Clock)
				begin := k.Now()
				k.Freeze(begin)
				cloud, err := fakecloud.New(fakecloud.WithClock(k), fakecloud.WithRetention(5*time.Minute), fakecloud.WithJournalLimit(1000))
				if err != nil {
					b.Fatal(err)
				}
				account, err := cloud.Register("BENCH", "camera-1", "secret")
				if err != nil {
					b.Fatal(err)
				}
				account.SetPlan(fakecloud.Plan{Switch: 1, Type: 1})
				client := new(http.Client)
				before := live()
				for n := range minutes * 6 {
					if err := grantAndPutAt(client, account.Credentials(), k.Now(), k.Now().UnixMilli()-10_000, n, body); err != nil {
						b.Fatal(err)
					}
					k.Advance(10 * time.Second)
				}
				b.ReportMetric(float64(live()-before), "B")
				client.CloseIdleConnections()
				cloud.Close()
			}
		})
	}
}

// live is the heap in use.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
