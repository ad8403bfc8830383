package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/ivcs/conform/conformance/verdict"
)

// job is what a worker is told at its start.
type job struct {
	Library librarySpec
	Porter  porter
	Clock   string
	Rate    float64
	Rules   []string // ids, in the order in which to try them
	Missing map[string]string
	Refused map[string]string // media that the library refuses, and in what words
	Seconds int               // watchdog, machine time
	Include string            // folder of the vendor's headers
	// Artifacts is the folder for what red scenarios leave.
	Artifacts string
	S3        s3Options
	Repro     reproJob
}

// claim asks for a scenario.
type claim struct{ Rule, Title string }

// note is a line from a worker to the command.
type note struct {
	Claim   *claim           `json:",omitempty"`
	Outcome *verdict.Outcome `json:",omitempty"`
}

// wire carries JSON values over a pair of pipes.
type wire struct {
	mu  sync.Mutex
	enc *json.Encoder
	dec *json.Decoder
}

func newWire(r io.Reader, w io.Writer) *wire {
	return &wire{enc: json.NewEncoder(w), dec: json.NewDecoder(r)}
}

func (w *wire) send(v any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enc.Encode(v); err != nil {
		return fmt.Errorf("worker pipe: %w", err)
	}
	return nil
}

func (w *wire) receive(v any) error {
	if err := w.dec.Decode(v); err != nil {
		return fmt.Errorf("worker pipe: %w", err)
	}
	return nil
}
