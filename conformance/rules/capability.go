package rules

import "slices"

// Capability is something that a target, or the harness around it, can do and a
// rule may need.
type Capability string

const (
	CloudBinding  Capability = "cloud-binding"
	CABI          Capability = "c-abi"
	Headers       Capability = "headers"
	Event         Capability = "event"
	FullTime      Capability = "full-time"
	H265          Capability = "h265"
	AudioPCM      Capability = "audio-pcm"
	ClockControl  Capability = "clock-control"
	ClockStep     Capability = "clock-step"
	HeapCount     Capability = "heap-count"
	AllocFaults   Capability = "alloc-faults"
	Processes     Capability = "processes"
	NetworkFaults Capability = "network-faults"
	Isolation     Capability = "isolation"
)

// Kinds of targets, as the verdict and the report name them.
const (
	KindLibrary   = "library"   // a shared library in a process of its own
	KindReference = "reference" // Go code in the harness's own process
)

type capability struct {
	name Capability
	text string
	// optional: a port may lack it, or a machine may not offer it, and the
	// library conforms all the same. No core rule needs such a one.
	optional bool
	// ownProcess: it cannot apply to Go code in the harness's own process.
	ownProcess bool
	// stated is the rule that says the library has it, which is judged although
	// the library refuses (RULED-22).
	stated string
}

// capabilities is the closed list, in the order in which people read it.
var capabilities = []capability{
	{name: CloudBinding, text: "The library speaks the cloud binding: with the credentials it is given it reaches the cloud under test."},
	{name: CABI, text: "The target is a C library: it has symbols, structures in memory and raw pointers.", ownProcess: true},
	{name: Headers, text: "The vendor's own headers are given along with the library.", optional: true, ownProcess: true},
	{name: Event, text: "The library records events under an event plan."},
	{name: FullTime, text: "The library records all the time under a full-time plan."},
	{name: H265, text: "The library takes H.265 video.", optional: true, stated: "PUSH-012"},
	{name: AudioPCM, text: "The library takes PCM and G.711 audio.", optional: true, stated: "PUSH-007"},
	{name: ClockControl, text: "The library's time can be moved on or sped up, so that hours pass in seconds.", optional: true},
	{name: ClockStep, text: "The library's wall clock can be corrected while it runs.", optional: true},
	{name: HeapCount, text: "The harness can count the heap that the library has in use.", optional: true},
	{name: AllocFaults, text: "The harness can make the library's n-th allocation fail.", optional: true, ownProcess: true},
	{name: Processes, text: "The target runs in a process of its own, whose limits can be set and whose death is seen.", optional: true, ownProcess: true},
	{name: NetworkFaults, text: "The harness stands between library and cloud and can refuse, cut, delay and throttle connections."},
	{name: Isolation, text: "The target is in a container, whose network interface can be taken away.", optional: true, ownProcess: true},
}

// Capabilities lists all of them.
func Capabilities() []Capability {
	all := make([]Capability, len(capabilities))
	for i, c := range capabilities {
		all[i] = c.name
	}
	return all
}

func (c Capability) index() int {
	return slices.IndexFunc(capabilities, func(e capability) bool { return e.name == c })
}

// Known reports whether c is in the list.
func (c Capability) Known() bool { return c.index() >= 0 }

// Text is the sentence that says what c means; empty for an unknown one.
func (c Capability) Text() string {
	if i := c.index(); i >= 0 {
		return capabilities[i].text
	}
	return ""
}

// Optional reports whether a library may lack c and yet conform.
func (c Capability) Optional() bool {
	i := c.index()
	return i >= 0 && capabilities[i].optional
}

// StatedBy is the rule that says a library has c; "" when none does.
func (c Capability) StatedBy() string {
	if i := c.index(); i >= 0 {
		return capabilities[i].stated
	}
	return ""
}

// AppliesTo reports whether a target of this kind could have c at all: Go code
// in the harness's own process has no C ABI, and nobody can hold that against
// it.
func (c Capability) AppliesTo(kind string) bool {
	i := c.index()
	return i >= 0 && !(kind == KindReference && capabilities[i].ownProcess)
}

// Profile is what a vendor declares that a library has, in conform.yaml: a
// capability, or several that come together.
type Profile struct {
	Name string
	Has  []Capability
	// Found: the harness sees by itself whether it is there; declaring it only
	// demands that it be found.
	Found bool
}

// Profiles lists what can be declared. All other capabilities are means of the
// harness, which no declaration gives or takes.
func Profiles() []Profile {
	return []Profile{
		{Name: "cloud-binding", Has: []Capability{CloudBinding}},
		{Name: "full-time", Has: []Capability{FullTime}},
		{Name: "event", Has: []Capability{Event}},
		{Name: "audio-pcm", Has: []Capability{AudioPCM}},
		{Name: "h265", Has: []Capability{H265}},
		{Name: "hooks", Has: []Capability{ClockControl, ClockStep}, Found: true},
	}
}
