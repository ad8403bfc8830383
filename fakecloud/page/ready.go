package page

import "github.com/ivcs/conform/fakecloud"

// readyFault is a fault that a click switches on.
type readyFault struct {
	key    string
	name   [2]string // by language
	script string    // one entry of docs/faults.md, without its device
}

// readyFaults are what a porter wants to try first.
var readyFaults = []readyFault{
	{"break", [2]string{"Segments break off at 40 %", "片段上传到 40 % 时断开"}, "{on: segment-put, take: 40%}"},
	{"patience", [2]string{"The store says 503, Retry-After 10 s", "存储返回 503，10 秒后重试"}, "{on: [segment-put, picture-put], status: 503, retry_after: 10s}"},
	{"forbid", [2]string{"The store says 403", "存储返回 403"}, "{on: [segment-put, picture-put], status: 403}"},
	{"lost", [2]string{"Replies to segments get lost", "片段的应答丢失"}, "{on: segment-put, lost_reply: true}"},
	{"half", [2]string{"The store keeps half and says 200", "存储只保留一半却返回 200"}, "{on: segment-put, keep: 50%}"},
	{"slow", [2]string{"Slow uplink, 20 kB/s", "上行缓慢，20 kB/s"}, "{on: segment-put, bandwidth: 20k}"},
	{"hole", [2]string{"Grants are never answered", "上传授权无应答"}, "{on: [grant-segment, grant-picture], blackhole: true}"},
	{"late", [2]string{"Event reports are answered 5 s late", "事件上报延迟 5 秒应答"}, "{on: event, late: 5s}"},
	{"hotel", [2]string{"A hotel's log-in page instead of answers", "应答被酒店登录页替换"}, `{on: [time, plan, grant-segment, grant-picture, event], body: "<html><body>Welcome. Please log in.</body></html>"}`},
}

// script is the fault for one device.
func (f readyFault) read(device string) fakecloud.Script {
	s, err := fakecloud.ParseScript([]byte("faults: [" + f.script + "]"))
	if err != nil {
		panic("page: ready fault " + f.key + ": " + err.Error())
	}
	s.Faults[0].Device = device
	return s
}
