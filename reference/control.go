package reference

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// refusal is an answer of the control plane that is no success.
type refusal struct {
	status int
	code   string // "error" of the binding's error object, "" if the body is none
	store  bool   // it came from the storage plane
}

func (r *refusal) Error() string {
	return fmt.Sprintf("the cloud refused with status %d (%s)", r.status, r.code)
}

// control makes a signed request to the control plane. c.path is what follows
// the device's own path. An error with an answer is a *refusal. A device whose
// clock is off learns it here and asks again (ROB-012).
func (n *network) control(ctx context.Context, c call) (*answer, error) {
	c.signed = true
	c.url = strings.TrimRight(n.config.Endpoint, "/") + "/v1/devices/" + n.config.ProductID + "/" + n.config.DeviceName + c.path
	for again := false; ; again = true {
		a, err := n.do(ctx, c)
		if err != nil {
			return nil, err
		}
		if a.status/100 == 2 {
			return &a, nil
		}
		var body struct {
			Error string `json:"error"`
			UTC   int64  `json:"utc_ms"`
		}
		_ = json.Unmarshal(a.body, &body) // no JSON: no code
		if a.status == http.StatusUnauthorized && body.Error == "clock_skew" && body.UTC > 0 && !again {
			n.skew.Store(body.UTC - n.clock.Now().UnixMilli())
			continue
		}
		return &a, &refusal{status: a.status, code: body.Error}
	}
}
