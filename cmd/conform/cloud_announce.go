package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/ivcs/conform/fakecloud"
)

// announcement is what conform cloud prints with --json.
type announcement struct {
	Endpoint string                  `json:"endpoint"`
	Page     string                  `json:"page"`
	Token    string                  `json:"token"`
	Devices  []fakecloud.Credentials `json:"devices"`
	Playback []string                `json:"playback"` // of each device, in the order of devices
}

// announce tells where the cloud is and what devices are given.
func (o *cloudOptions) announce(w io.Writer, c *fakecloud.Cloud) error {
	a := announcement{
		Endpoint: c.Endpoint(), Token: o.token, Devices: []fakecloud.Credentials{}, Playback: []string{},
		Page: c.Endpoint() + "/?token=" + url.QueryEscape(o.token),
	}
	for _, d := range c.Devices() {
		a.Devices = append(a.Devices, d.Credentials())
		a.Playback = append(a.Playback, c.Endpoint()+"/play/"+d.ID()+"/timeshift.m3u8")
	}
	if o.json {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(a)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# conform cloud at %s\n# page:   %s\n# token:  %s\n# ends with Ctrl-C\n", a.Endpoint, a.Page, a.Token)
	for i, d := range c.Devices() {
		fmt.Fprintf(&b, "\n# device %s, plays at %s\n", d.ID(), a.Playback[i])
		mark := ""
		if i > 0 {
			mark = "# " // sourcing the output gives the first device
		}
		for _, variable := range d.Credentials().Env() {
			name, value, _ := strings.Cut(variable, "=")
			fmt.Fprintf(&b, "%sexport %s=%s\n", mark, name, quoteShell(value))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// tellRecovery warns of what the data folder no longer has.
func tellRecovery(w io.Writer, r fakecloud.Recovery) {
	for _, key := range r.Missing {
		fmt.Fprintf(w, "conform cloud: the data folder has lost %s, or a part of it; the device may put it again\n", key)
	}
}

// quoteShell quotes a word for a POSIX shell.
func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
