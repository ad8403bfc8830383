package target

import (
	"context"
	"runtime"
	"strings"

	"github.com/ivcs/conform/reference"
)

// Reference is the Go reference in this process: with the race detector, a
// debugger and virtual time, and without all that needs C or a process.
func Reference() Target { return inProcess{} }

type inProcess struct{}

func (inProcess) Name() string { return "reference" }

func (inProcess) Describe() Info {
	i := Info{
		Kind: "reference", Machine: runtime.GOARCH + ", in this process", GoRuntime: true,
		Symbols: map[string]bool{}, Hooks: map[string]bool{}, ABI: map[string]int{},
		ClockBlockers: []string{"it shares the process, and so the clock, of the harness"},
		Capabilities:  []string{CapHooks, CapClockHooks},
	}
	for _, f := range Functions() {
		i.Symbols[f.String()] = true
	}
	for _, f := range Hooks() {
		i.Hooks[f.String()] = true
	}
	return i
}

// Open makes a device of its own. It has its own clock, which the clock hooks
// move, and which is not Options.Clock.
func (t inProcess) Open(_ context.Context, o Options) (*Session, error) {
	if o.Scale != nil {
		return nil, &NotCapableError{Target: t.Name(), Need: CapScaledClock}
	}
	s := newSession(t.Name(), t.Describe(), o)
	s.driver = newInproc(reference.New(deviceConfig(o.Env)), s)
	if o.Config != "" {
		if err := s.Configure(o.Config); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

// deviceConfig is what a process would find in its environment.
func deviceConfig(env []string) reference.Config {
	var c reference.Config
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		switch name {
		case "IVCS_ENDPOINT":
			c.Endpoint = value
		case "IVCS_PRODUCT_ID":
			c.ProductID = value
		case "IVCS_DEVICE_NAME":
			c.DeviceName = value
		case "IVCS_DEVICE_SECRET":
			c.DeviceSecret = value
		case "IVCS_CA_FILE":
			c.CAFile = value
		}
	}
	return c
}

// stale is what comes over memory that the library has to give back.
const stale = 0xA5

func overwrite(b []byte) {
	for i := range b {
		b[i] = stale
	}
}
