package scenario

import (
	"fmt"
	"time"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/target"
)

// Camera pushes a clip and its sound as a device does: video and audio in the
// order of their time stamps, in real time, and keeps a ledger of what it
// pushed. The specification's sample loop is its model.
type Camera struct {
	// Video and Sound are what is pushed; nil leaves one of them out.
	Video *fixtures.Clip
	Sound *fixtures.Audio
	// PTSBase and the sequence bases are what the first packs carry.
	PTSBase            uint64 // ms
	VideoSeq, AudioSeq uint32
	// Edit, if set, may change a pack before it is pushed, or drop it by
	// returning false.
	EditVideo func(i int, p *target.VencPack) bool
	EditAudio func(i int, p *target.AencPack) bool
	// KeepGoing pushes on after a refused key frame; without it, as in the
	// vendor's sample, P frames are dropped until the next key frame is taken.
	KeepGoing bool
	// Threads of the library's process that push in turn; none: thread 0.
	Threads []int

	// Ledger is every pack pushed so far, in order.
	Ledger []Pushed

	env      *Env
	started  bool
	origin   time.Time     // domain time of the first pack
	media    time.Duration // media time pushed so far
	video    int           // next video frame
	audio    int           // next audio frame
	waitsKey bool
}

// Pushed is one pack in the ledger.
type Pushed struct {
	Video, Key bool
	PTS        uint64 // ms, as pushed
	Seq        uint32
	Data       []byte
	Code       target.Code
	At         time.Time // domain time of the call
}

// Accepted reports whether the library took the pack.
func (p Pushed) Accepted() bool { return p.Code == target.ErrNone }

// GomegaString is how a finding shows the pack: without its bytes.
func (p Pushed) GomegaString() string {
	kind := "audio"
	switch {
	case p.Key:
		kind = "key frame"
	case p.Video:
		kind = "P frame"
	}
	return fmt.Sprintf("%s %d (PTS %d ms, %d bytes): %v", kind, p.Seq, p.PTS, len(p.Data), p.Code)
}

// Camera makes a camera with a clip and a sound, either of which may be nil.
// Audio numbers begin far from video numbers, so that a library that mixes them
// up shows it (UPL-002). A scenario's next camera goes on where the ones before
// it ended, in times and numbers, unless it is told otherwise before its first
// pack: so no frame is taken for another.
func (e *Env) Camera(video *fixtures.Clip, sound *fixtures.Audio) *Camera {
	c := &Camera{Video: video, Sound: sound, env: e, AudioSeq: audioSeqBase}
	e.cameras = append(e.cameras, c)
	return c
}

// audioSeqBase is where audio numbers begin.
const audioSeqBase = 1_000_000

// begin lets the camera go on where others ended; called before the first pack.
func (c *Camera) begin() {
	if c.started {
		return
	}
	c.started, c.origin = true, c.env.Now()
	next := c.env.next
	if c.PTSBase == 0 && next.pts > 0 {
		c.PTSBase = max(next.pts, uint64(c.env.Since(c.env.began).Milliseconds()))
	}
	if c.VideoSeq == 0 {
		c.VideoSeq = next.video
	}
	if c.AudioSeq == audioSeqBase {
		c.AudioSeq = max(next.audio, audioSeqBase)
	}
}

// unused is what no pack of a scenario has carried yet.
type unused struct {
	pts          uint64 // ms, a second after the last
	video, audio uint32 // numbers
}

func (u *unused) use(p Pushed) {
	u.pts = max(u.pts, p.PTS+1000)
	if p.Video {
		u.video = max(u.video, p.Seq+1)
	} else {
		u.audio = max(u.audio, p.Seq+1)
	}
}

// Run pushes d of media at the pace of domain time.
func (c *Camera) Run(d time.Duration) { c.push(d, true) }

// Burst pushes d of media at once: pre-recorded video that catches up.
func (c *Camera) Burst(d time.Duration) { c.push(d, false) }

// Pause lets media time stand still while domain time passes: the device
// records nothing, and its frames afterwards are stamped as its clock says.
func (c *Camera) Pause(d time.Duration) {
	c.env.Advance(d)
	c.skip(d)
}

// skip moves media time on without a frame.
func (c *Camera) skip(d time.Duration) {
	c.media += d
	if c.Video != nil {
		for c.videoTime(c.video) < c.media {
			c.video++
		}
		for !c.Video.At(c.video).Key { // a camera begins anew with a key frame
			c.video++
		}
	}
	if c.Sound != nil {
		for c.audioTime(c.audio) < c.media {
			c.audio++
		}
	}
}

func (c *Camera) videoTime(i int) time.Duration {
	return time.Duration(i) * time.Second / time.Duration(c.Video.FPS)
}

func (c *Camera) audioTime(i int) time.Duration {
	return time.Duration(i) * fixtures.FrameSamples * time.Second / time.Duration(c.Sound.Rate)
}

func (c *Camera) push(d time.Duration, paced bool) {
	e := c.env
	c.begin()
	if !paced {
		// What is pushed at once has been recorded before: it ends now.
		c.origin = e.Now().Add(-c.media - d)
	}
	end := c.media + d
	within := fine
	if d >= hours {
		within = longest
	}
	for c.pushNext(end, within, paced) {
	}
	c.media = end
	if paced {
		c.pace(end)
	}
}

// pace waits until domain time has reached the media time at.
func (c *Camera) pace(at time.Duration) {
	if wait := c.origin.Add(at).Sub(c.env.Now()); wait > 0 {
		// The clock hooks count in whole milliseconds.
		c.env.advance((wait + time.Millisecond - 1).Truncate(time.Millisecond), coarse)
	}
}

// next tells which pack is due before end.
func (c *Camera) next(end time.Duration) (at time.Duration, video, ok bool) {
	v, a := end, end
	if c.Video != nil {
		v = c.videoTime(c.video)
	}
	if c.Sound != nil {
		a = c.audioTime(c.audio)
	}
	switch {
	case min(v, a) >= end:
		return 0, false, false
	case v <= a:
		return v, true, true
	default:
		return a, false, true
	}
}

// PushVideo pushes the next video frame now and returns the library's answer.
func (c *Camera) PushVideo() target.Code {
	c.begin()
	return c.pushNow(c.takeVideo())
}

// PushAudio pushes the next audio frame now and returns the library's answer.
func (c *Camera) PushAudio() target.Code {
	c.begin()
	return c.pushNow(c.takeAudio())
}

func (c *Camera) pushNow(p *pack) target.Code {
	if p == nil || c.dropped(p) {
		return target.ErrNone
	}
	return c.enter(p, c.call(p.call))
}

// pack is what is about to be pushed: its entry in the ledger, and the call.
type pack struct {
	Pushed
	call target.Call
	at   time.Duration // media time
}

// takeVideo makes the next video frame a pack; nil: the scenario drops it.
func (c *Camera) takeVideo() *pack {
	i := c.video
	c.video++
	f := c.Video.At(i)
	p := target.VencPack{
		Data:      f.Data,
		PTS:       c.PTSBase + uint64(c.videoTime(i).Milliseconds()),
		FrameType: target.FrameP,
		Seq:       c.VideoSeq + uint32(i),
	}
	if f.Key {
		p.FrameType = target.FrameI
	}
	if c.waitsKey && !f.Key || c.EditVideo != nil && !c.EditVideo(i, &p) {
		return nil
	}
	return &pack{
		Pushed: Pushed{Video: true, Key: f.Key, PTS: p.PTS, Seq: p.Seq, Data: p.Data},
		call:   target.PushVideoCall(p),
	}
}

// takeAudio makes the next audio frame a pack; nil: the scenario drops it.
func (c *Camera) takeAudio() *pack {
	i := c.audio
	c.audio++
	p := target.AencPack{
		Data: c.Sound.At(i),
		PTS:  c.PTSBase + uint64(c.audioTime(i).Milliseconds()),
		Seq:  c.AudioSeq + uint32(i),
	}
	if c.EditAudio != nil && !c.EditAudio(i, &p) {
		return nil
	}
	return &pack{Pushed: Pushed{PTS: p.PTS, Seq: p.Seq, Data: p.Data}, call: target.PushAudioCall(p)}
}

// dropped reports whether a P frame has nothing left to refer to: the key frame
// before it was refused.
func (c *Camera) dropped(p *pack) bool { return c.waitsKey && p.Video && !p.Key }

// call pushes on the thread whose turn it is.
func (c *Camera) call(push target.Call) target.Code {
	if n := len(c.Threads); n > 0 {
		push = push.On(c.Threads[len(c.Ledger)%n])
	}
	return c.env.Lib.Call(push).Code
}

// DropVideo leaves out the next n video frames.
func (c *Camera) DropVideo(n int) {
	c.video += n
	c.media = max(c.media, c.videoTime(c.video))
}

// enter writes the pack and the library's answer into the ledger.
func (c *Camera) enter(p *pack, code target.Code) target.Code {
	p.Code = code
	if p.At.IsZero() {
		p.At = c.env.Now()
	}
	if p.Video {
		c.waitsKey = code != target.ErrNone && !c.KeepGoing
	}
	c.Ledger = append(c.Ledger, p.Pushed)
	c.env.next.use(p.Pushed)
	return code
}

// NextIsKey reports whether the next video frame is a key frame.
func (c *Camera) NextIsKey() bool { return c.Video.At(c.video).Key }

// Frames returns the ledger's video or audio packs that the library accepted.
func (c *Camera) Frames(video bool) []Pushed {
	var out []Pushed
	for _, p := range c.Ledger {
		if p.Video == video && p.Accepted() {
			out = append(out, p)
		}
	}
	return out
}

// Refused returns the packs that the library did not accept.
func (c *Camera) Refused() []Pushed {
	var out []Pushed
	for _, p := range c.Ledger {
		if !p.Accepted() {
			out = append(out, p)
		}
	}
	return out
}

// Bytes is the sum of the accepted packs' sizes.
func (c *Camera) Bytes() int64 {
	var n int64
	for _, p := range c.Ledger {
		if p.Accepted() {
			n += int64(len(p.Data))
		}
	}
	return n
}

// ToKey drops video up to the next key frame, as a device does before it
// records again.
func (c *Camera) ToKey() {
	for !c.NextIsKey() {
		c.video++
	}
	c.media = max(c.media, c.videoTime(c.video))
	c.origin = c.env.Now().Add(-c.media)
	if c.Sound != nil {
		for c.audioTime(c.audio) < c.media {
			c.audio++
		}
	}
}
