package load

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// audit asks the cloud what it has of a device and returns how many frames the
// device has accepted and the cloud does not have, in how many runs: each run is
// a segment lost.
func (d *device) audit(ctx context.Context, client *http.Client, token string) (frames, runs int, err error) {
	url := fmt.Sprintf("%s/v1/viewer/devices/%s/%s/segments", d.config.Endpoint, d.config.ProductID, d.config.DeviceName)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, 0, fmt.Errorf("audit: %w", err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(r)
	if err != nil {
		return 0, 0, fmt.Errorf("audit: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("audit: GET %s: %s", url, res.Status)
	}
	var view struct {
		Segments []struct {
			First uint32 `json:"first_seq"`
			Last  uint32 `json:"last_seq"`
		} `json:"segments"`
	}
	if err := json.NewDecoder(res.Body).Decode(&view); err != nil {
		return 0, 0, fmt.Errorf("audit: GET %s: %w", url, err)
	}
	there := make([]bool, len(d.accepted))
	for _, s := range view.Segments {
		for i := int(s.First); i <= int(s.Last) && i < len(there); i++ {
			there[i] = true
		}
	}
	missed := false
	for i, accepted := range d.accepted {
		missing := accepted && !there[i]
		if missing {
			frames++
			if !missed {
				runs++
			}
		}
		missed = missing
	}
	return frames, runs, nil
}
