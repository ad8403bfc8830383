package verdict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Encode writes the run as JSON. The same run gives the same bytes.
func (r *Run) Encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write the run as JSON: %w", err)
	}
	return nil
}

// Decode reads a run that Encode wrote.
func Decode(rd io.Reader) (*Run, error) {
	data, err := io.ReadAll(rd)
	if err != nil {
		return nil, fmt.Errorf("read the run: %w", err)
	}
	// The number comes first: the fields of another schema may be unknown here.
	var version struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, fmt.Errorf("this is no run in JSON: %w: give a file that conform --json wrote", err)
	}
	if version.Schema != Schema {
		return nil, fmt.Errorf("the run has schema %d, this program reads %d: use the same version of conform for all parts", version.Schema, Schema)
	}
	var run Run
	if err := decodeStrict(data, &run); err != nil {
		return nil, err
	}
	for _, v := range run.all() {
		if !slices.Contains(ranks, v.Status) {
			return nil, fmt.Errorf("rule %s has the unknown status %q: give a file that conform --json wrote", v.Rule, v.Status)
		}
		for _, o := range v.Outcomes {
			for _, f := range o.Findings {
				if !slices.Contains(severities, f.Severity) {
					return nil, fmt.Errorf("rule %s has a finding of the unknown severity %q: give a file that conform --json wrote", v.Rule, f.Severity)
				}
			}
		}
	}
	return &run, nil
}

func decodeStrict(data []byte, run *Run) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(run); err != nil {
		return fmt.Errorf("the run does not have the form of schema %d: %w: give a file that conform --json wrote", Schema, err)
	}
	return nil
}
