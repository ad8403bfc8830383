package scenario

import (
	"fmt"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
)

// ProbeProfiles sees what a library refuses of the profiles that a vendor may
// declare: for each capability in what words. It refuses a medium when iv_cs_init or the
// push of a first frame returns an error, and the same with H.264 and AAC does
// not. A plan it is said to lack when no start_cb comes under it; plans and pushes are
// tried only when the library reaches the cloud. What cannot be told, because the
// library dies or refuses everything, is not in the answer.
func ProbeProfiles(cfg Config, cloud bool) map[rules.Capability]string {
	lacks := make(map[rules.Capability]string)
	note := func(c rules.Capability, why string) {
		if why != "" {
			lacks[c] = why
		}
	}
	plain, ok := probeMedia(cfg, cloud, fixtures.H264(), fixtures.AAC())
	if !ok {
		return lacks
	}
	if !plain.started && cloud {
		note(rules.FullTime, fmt.Sprintf("no iv_cs_push_stream_start_cb came within %v of iv_cs_init under a full-time plan", StartWithin))
	}
	if plain.refused == "" {
		for c, media := range map[rules.Capability]struct {
			video *fixtures.Clip
			sound *fixtures.Audio
		}{
			rules.H265:     {fixtures.H265(), fixtures.AAC()},
			rules.AudioPCM: {fixtures.H264(), fixtures.PCM(8000, 1)},
		} {
			if m, ok := probeMedia(cfg, cloud && plain.started, media.video, media.sound); ok {
				note(c, m.refused)
			}
		}
	}
	if cloud {
		note(rules.Event, probeEvent(cfg))
	}
	return lacks
}

type mediaProbe struct {
	refused string // by what call, with which code; "": nothing was
	started bool   // start_cb came
}

// probed runs f in a fresh library; false: the library, or the harness, did not live
// through it.
func probed(cfg Config, f func(*Env)) bool {
	cfg.Missing = func(rules.Capability) string { return "" }
	cfg.Done, cfg.Recorded, cfg.Artifacts = nil, nil, ""
	e := newEnv(NewSuite(cfg).cfg, rules.Rule{ID: "probe"}, "probe", options{})
	e.guard(func() {
		e.open()
		f(e)
		e.checkAlive()
	})
	e.shut()
	return len(e.outcome.Findings) == 0
}

// probeMedia initialises the library for a format and, with a cloud, pushes a
// first frame of each kind.
func probeMedia(cfg Config, cloud bool, video *fixtures.Clip, sound *fixtures.Audio) (m mediaProbe, ok bool) {
	ok = probed(cfg, func(e *Env) {
		cam := e.Camera(video, sound)
		e.Device.SetPlan(FullTime)
		if code := e.Lib.Init(ParmFor(video, sound)); code != target.ErrNone {
			m.refused = fmt.Sprintf("iv_cs_init returned %v", code)
			return
		}
		if !cloud {
			return
		}
		if m.started = e.AwaitCallback(target.CBStart, 1, StartWithin) != nil; !m.started {
			return
		}
		for name, code := range map[string]target.Code{video.Name: cam.PushVideo(), sound.Name: cam.PushAudio()} {
			if code != target.ErrNone {
				m.refused = fmt.Sprintf("iv_cs_push_stream of %s returned %v", name, code)
			}
		}
	})
	return m, ok
}

// probeEvent says why events are not recorded; "" when they are, or it cannot be told.
func probeEvent(cfg Config) (why string) {
	ok := probed(cfg, func(e *Env) {
		e.Device.SetPlan(EventPlan)
		if e.Lib.Init(e.Parm()) != target.ErrNone {
			return
		}
		known := e.Await(StartWithin, func() bool {
			b, code := e.Lib.GetBalance(0)
			return code == target.ErrNone && b.Type == target.PlanEvent
		})
		code := e.Lib.EventStart(1)
		switch {
		case code != target.ErrNone && known:
			why = fmt.Sprintf("iv_cs_event_start returned %v under an event plan", code)
		case code == target.ErrNone && e.AwaitCallback(target.CBStart, 1, StartWithin) == nil:
			why = fmt.Sprintf("no iv_cs_push_stream_start_cb came within %v of iv_cs_event_start under an event plan", StartWithin)
		}
	})
	if !ok {
		return ""
	}
	return why
}
