package fakecloud

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// admin is one request of the operator. It stands outside the journal, which
// is about devices and viewers and would otherwise tell of its own readers.
type admin struct {
	c    *Cloud
	r    *http.Request
	body []byte
}

// adminHandler routes the operator side, /admin/….
func (c *Cloud) adminHandler() http.Handler {
	mux := http.NewServeMux()
	does := func(pattern string, do func(*admin) answer) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if !c.enter() {
				panic(http.ErrAbortHandler)
			}
			defer c.working.Done()
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControlBody))
			if err != nil {
				write(w, refuse(http.StatusRequestEntityTooLarge, "bad_request", "the body was not read: %v", err))
				return
			}
			a := do(&admin{c, r, body})
			if err := c.commit(); err != nil {
				a = refuse(http.StatusInternalServerError, "storage", "the data folder: %v", err)
			}
			write(w, a)
		})
	}
	const device = "/admin/devices/{product}/{device}"
	does("GET /admin/devices", (*admin).devices)
	does("POST /admin/devices", (*admin).register)
	does("GET "+device, one((*admin).credentials))
	does("PUT "+device+"/plan", one((*admin).setPlan))
	does("DELETE "+device+"/plan", one((*admin).expirePlan))
	does("GET /admin/journal", (*admin).journal)
	does("GET /admin/findings", (*admin).findings)
	does("GET /admin/faults", (*admin).readFaults)
	does("POST /admin/faults", (*admin).addFaults)
	does("DELETE /admin/faults", (*admin).clearFaults)
	does("DELETE /admin/faults/{id}", (*admin).withdrawFault)
	does("POST /admin/clock", (*admin).stepClock)
	does("/admin/", func(a *admin) answer {
		return refuse(http.StatusNotFound, "not_found", "%s %s is no request of the operator side; see /openapi.yaml", a.r.Method, a.r.URL.Path)
	})
	mux.HandleFunc("GET /admin/journal/stream", c.streamJournal)
	return c.operator(mux)
}

// one looks the device of the path up.
func one(do func(*admin, *Device) answer) func(*admin) answer {
	return func(a *admin) answer {
		p, n := a.r.PathValue("product"), a.r.PathValue("device")
		d := a.c.Device(p, n)
		if d == nil {
			return refuse(http.StatusNotFound, "not_found", "no device %s/%s is registered; POST /admin/devices registers one", p, n)
		}
		return do(a, d)
	}
}

// read takes the JSON body, strictly: an operator's slip of the pen is told.
func (a *admin) read(v any) *answer {
	in := json.NewDecoder(strings.NewReader(string(a.body)))
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		no := refuse(http.StatusBadRequest, "bad_request", "the body: %v", err)
		return &no
	}
	return nil
}

type adminDevice struct {
	ProductID  string    `json:"product_id"`
	DeviceName string    `json:"device_name"`
	Plan       adminPlan `json:"plan"`
	Segments   int       `json:"segments"`
	Pictures   int       `json:"pictures"`
	Events     int       `json:"events"`
}

type adminPlan struct {
	Rev          int   `json:"rev"`
	Switch       int   `json:"cs_switch"`
	Type         int   `json:"cs_type"`
	ExpiresUTCms int64 `json:"expires_utc_ms"` // 0: never
}

func (d *Device) adminPlan() adminPlan {
	p, rev := d.Plan()
	return adminPlan{Rev: rev, Switch: p.Switch, Type: p.Type, ExpiresUTCms: unixMilli(p.Expires)}
}

func (a *admin) devices() answer {
	list := struct {
		Devices []adminDevice `json:"devices"`
	}{[]adminDevice{}}
	for _, d := range a.c.Devices() {
		list.Devices = append(list.Devices, adminDevice{
			ProductID: d.product, DeviceName: d.name, Plan: d.adminPlan(),
			Segments: len(d.Segments()), Pictures: len(d.Pictures()), Events: len(d.Events()),
		})
	}
	return jsonAnswer(http.StatusOK, list)
}

func (a *admin) register() answer {
	var in struct {
		ProductID    string `json:"product_id"`
		DeviceName   string `json:"device_name"`
		DeviceSecret string `json:"device_secret"`
	}
	if bad := a.read(&in); bad != nil {
		return *bad
	}
	if in.DeviceSecret == "" {
		in.DeviceSecret = NewSecret()
	}
	if a.c.Device(in.ProductID, in.DeviceName) != nil {
		return refuse(http.StatusConflict, "exists", "%s/%s is registered already; GET /admin/devices/%[1]s/%[2]s tells its credentials", in.ProductID, in.DeviceName)
	}
	d, err := a.c.Register(in.ProductID, in.DeviceName, in.DeviceSecret)
	if err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "%v", err)
	}
	return jsonAnswer(http.StatusCreated, d.Credentials())
}

func (a *admin) credentials(d *Device) answer { return jsonAnswer(http.StatusOK, d.Credentials()) }

func (a *admin) setPlan(d *Device) answer {
	var in struct {
		Switch       *int   `json:"cs_switch"`
		Type         *int   `json:"cs_type"`
		ExpiresUTCms int64  `json:"expires_utc_ms"`
		ExpiresInS   *int64 `json:"expires_in_s"`
	}
	if bad := a.read(&in); bad != nil {
		return *bad
	}
	// What is not said stays as it is.
	p, _ := d.Plan()
	if in.Switch != nil {
		p.Switch = *in.Switch
	}
	if in.Type != nil {
		p.Type = *in.Type
	}
	switch {
	case p.Switch != 0 && p.Switch != 1:
		return refuse(http.StatusBadRequest, "bad_request", "cs_switch %d: must be 0 or 1", p.Switch)
	case p.Type < PlanNone || p.Type > PlanEvent:
		return refuse(http.StatusBadRequest, "bad_request", "cs_type %d: must be %d (none), %d (full-time) or %d (event)", p.Type, PlanNone, PlanFullTime, PlanEvent)
	case in.ExpiresInS != nil:
		p.Expires = a.c.clock.Now().Add(time.Duration(*in.ExpiresInS) * time.Second)
	default:
		p.Expires = millis(in.ExpiresUTCms)
	}
	d.SetPlan(p)
	return jsonAnswer(http.StatusOK, d.adminPlan())
}

// expirePlan ends the plan now, as if its time were over.
func (a *admin) expirePlan(d *Device) answer {
	p, _ := d.Plan()
	d.SetPlan(Plan{Switch: p.Switch})
	return jsonAnswer(http.StatusOK, d.adminPlan())
}

// stepClock moves the cloud's wall clock: a correction, as NTP makes them.
func (a *admin) stepClock() answer {
	var in struct {
		StepMS int64 `json:"step_ms"`
	}
	if bad := a.read(&in); bad != nil {
		return *bad
	}
	a.c.clock.Step(time.Duration(in.StepMS) * time.Millisecond)
	return jsonAnswer(http.StatusOK, timeAnswer{a.c.clock.Now().UnixMilli()})
}

func (a *admin) findings() answer {
	list := struct {
		Findings []Finding `json:"findings"`
	}{[]Finding{}}
	for _, f := range a.c.Findings() {
		if device := a.r.URL.Query().Get("device"); device == "" || device == f.Device {
			list.Findings = append(list.Findings, f)
		}
	}
	return jsonAnswer(http.StatusOK, list)
}

// count reads a number of the query; absent means otherwise.
func count(r *http.Request, name string, otherwise int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s=%q: must be a whole number, 0 or more", name, text)
	}
	return n, nil
}

// Devices returns all registered devices, in the order of their names.
func (c *Cloud) Devices() []*Device {
	all := locked(c, func() []*Device {
		var all []*Device
		for _, d := range c.devices {
			all = append(all, d)
		}
		return all
	})
	slices.SortFunc(all, func(a, b *Device) int { return strings.Compare(a.ID(), b.ID()) })
	return all
}
