package fakecloud

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Script is faults as a person writes them, docs/faults.md: another face of
// Fault and of Network.
type Script struct {
	Faults []Misbehaviour `yaml:"faults" json:"faults"`
}

// Misbehaviour is one entry of a script: what goes wrong, for whom, when. Values
// are as written; ParseScript has seen that they are in order.
type Misbehaviour struct {
	Device  string  `yaml:"device" json:"device,omitempty"`   // product/name; all
	On      Classes `yaml:"on" json:"on,omitempty"`           // all that devices ask for
	Network string  `yaml:"network" json:"network,omitempty"` // control, storage or all, instead of on
	Nth     string  `yaml:"nth" json:"nth,omitempty"`         // 3, 3-5 or 3-
	From    string  `yaml:"from" json:"from,omitempty"`
	For     string  `yaml:"for" json:"for,omitempty"`

	Bandwidth  string `yaml:"bandwidth" json:"bandwidth,omitempty"`
	Take       string `yaml:"take" json:"take,omitempty"`
	Reset      bool   `yaml:"reset" json:"reset,omitempty"`
	Blackhole  bool   `yaml:"blackhole" json:"blackhole,omitempty"`
	Status     int    `yaml:"status" json:"status,omitempty"`
	Body       string `yaml:"body" json:"body,omitempty"`
	RetryAfter string `yaml:"retry_after" json:"retry_after,omitempty"`
	Keep       string `yaml:"keep" json:"keep,omitempty"`
	Late       string `yaml:"late" json:"late,omitempty"`
	LostReply  bool   `yaml:"lost_reply" json:"lost_reply,omitempty"`

	Refuse  bool   `yaml:"refuse" json:"refuse,omitempty"`
	Latency string `yaml:"latency" json:"latency,omitempty"`

	fault Fault
	quake disturbance
}

// Classes is one class or a list of them.
type Classes []Class

// UnmarshalYAML takes a word as well as a list.
func (c *Classes) UnmarshalYAML(read func(any) error) error {
	var one Class
	if read(&one) == nil {
		*c = Classes{one}
		return nil
	}
	return read((*[]Class)(c))
}

// ScriptError is what is wrong with a script, where, and what to do.
type ScriptError struct {
	Line    int
	Problem string
	Remedy  string
}

func (e *ScriptError) Error() string {
	return fmt.Sprintf("line %d: %s: %s", e.Line, e.Problem, e.Remedy)
}

// ParseScript reads a script in YAML, of which JSON is a part. All that is wrong
// with its values is told at once.
func ParseScript(text []byte) (Script, error) {
	var s Script
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return s, scriptError(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return s, &ScriptError{1, "not one YAML document", "write faults: and a list below it"}
	}
	if err := yaml.NodeToValue(file.Docs[0].Body, &s, yaml.Strict()); err != nil {
		return s, scriptError(err)
	}
	if len(s.Faults) == 0 {
		return s, &ScriptError{1, "no faults", "write faults: and a list below it"}
	}
	var wrong []error
	for i := range s.Faults {
		for _, e := range s.Faults[i].compile() {
			e.Line = lineOf(file, i, e.key)
			wrong = append(wrong, &e.ScriptError)
		}
	}
	return s, errors.Join(wrong...)
}

// scriptError makes one line of an error of the YAML library, and names the key
// that was meant.
func scriptError(err error) error {
	e := &ScriptError{Line: 1, Remedy: "mend the YAML"}
	e.Problem, _, _ = strings.Cut(err.Error(), "\n")
	if y := yaml.Error(nil); errors.As(err, &y) {
		e.Problem, _, _ = strings.Cut(y.GetMessage(), "\n")
		if token := y.GetToken(); token != nil {
			e.Line = token.Position.Line
			if unknown := (*yaml.UnknownFieldError)(nil); errors.As(err, &unknown) {
				known := keys(reflect.TypeFor[Misbehaviour](), reflect.TypeFor[Script]())
				e.Problem, e.Remedy = fmt.Sprintf("unknown key %q", token.Value), fmt.Sprintf("did you mean %q?", nearest(token.Value, known))
			}
		}
	}
	return e
}

// keys lists the YAML keys of structs.
func keys(types ...reflect.Type) (all []string) {
	for _, t := range types {
		for i := range t.NumField() {
			if key := t.Field(i).Tag.Get("yaml"); key != "" {
				all = append(all, key)
			}
		}
	}
	return all
}

// lineOf finds the line of a key in the i-th entry, or of the entry.
func lineOf(file *ast.File, i int, key string) int {
	for _, path := range []string{fmt.Sprintf("$.faults[%d].%s", i, key), fmt.Sprintf("$.faults[%d]", i)} {
		p, err := yaml.PathString(path)
		if err != nil {
			continue
		}
		if node, err := p.FilterFile(file); err == nil && node != nil {
			return node.GetToken().Position.Line
		}
	}
	return 1
}

// nearest is the known word with the fewest edits from what was written.
func nearest(word string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return edits(word, a) - edits(word, b) })
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
