package fakecloud

import (
	"fmt"
	"slices"
)

// Finding is one thing that is wrong with a stored segment.
type Finding struct {
	Device   string `json:"device"` // product/name
	UploadID string `json:"upload_id"`
	Code     string `json:"code"`
	Text     string `json:"text"`
	Soft     bool   `json:"soft"` // no MUST of the specification rests on it
}

// Inspector judges the bytes of a stored segment. Of a finding it fills in
// Code, Text and Soft. The cloud judges nothing itself: a suite, or who runs the
// cloud alone, brings the judge along.
type Inspector func(body []byte) []Finding

// inspecting bounds the segments under inspection: judging must not starve the
// cloud of its processors.
const inspecting = 2

// inspect judges a stored segment beside the answer to its PUT.
func (c *Cloud) inspect(u *upload, body []byte) {
	if c.settings.inspector == nil || u.Kind != kindSegment || !c.enter() {
		return
	}
	device, id := u.device.ID(), u.ID
	go func() {
		defer c.working.Done()
		select {
		case c.inspections <- struct{}{}:
		case <-c.done:
			return
		}
		found := judge(c.settings.inspector, body)
		<-c.inspections
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, f := range found {
			f.Device, f.UploadID = device, id
			c.findings = append(c.findings, f)
		}
		u.Inspected = true
		c.findings = c.findings[max(0, len(c.findings)-maxFindings):]
		c.notify()
	}()
}

// maxFindings bounds what a cloud that runs for weeks remembers.
const maxFindings = 10_000

// judge survives a judge that panics: that is a finding, too.
func judge(inspector Inspector, body []byte) (found []Finding) {
	defer func() {
		if p := recover(); p != nil {
			found = append(found, Finding{Code: "inspector", Text: fmt.Sprint("the inspector failed: ", p)})
		}
	}()
	return inspector(body)
}

// Findings returns what was found in stored segments, in the order of finding.
func (c *Cloud) Findings() []Finding {
	return locked(c, func() []Finding { return slices.Clone(c.findings) })
}
