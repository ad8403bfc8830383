package rules

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// decode reads a YAML file strictly into v and gives the tree beside it, which
// knows the line of each field.
func decode(fsys fs.FS, name string, v any) (node, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return node{}, &Refusal{name, 0, "cannot be read: " + err.Error(), "a catalogue needs it"}
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return node{}, refusal(name, err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return node{}, &Refusal{name, 1, "is not one YAML document", "write one mapping, without ---"}
	}
	if err := yaml.NodeToValue(file.Docs[0].Body, v, yaml.Strict()); err != nil {
		return node{}, refusal(name, err)
	}
	return node{file.Docs[0].Body}, nil
}

// refusal makes one line of an error of the YAML library, which prints the
// source around it.
func refusal(name string, err error) error {
	r := &Refusal{File: name, Problem: firstLine(err.Error()), Remedy: "mend the YAML"}
	if y := yaml.Error(nil); errors.As(err, &y) {
		r.Problem = firstLine(y.GetMessage())
		if tok := y.GetToken(); tok != nil {
			r.Line = tok.Position.Line
		}
	}
	if unknown := (*yaml.UnknownFieldError)(nil); errors.As(err, &unknown) {
		r.Remedy = "remove it, mend its spelling, or add it to the types in rule.go"
	}
	return r
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// node is a mapping in the tree of a file.
type node struct{ ast.Node }

// field finds a key of the mapping and its value.
func (n node) field(name string) (key, value ast.Node) {
	m, ok := n.Node.(ast.MapNode)
	if !ok {
		return nil, nil
	}
	for it := m.MapRange(); it.Next(); {
		if it.Key().String() == name {
			return it.Key(), it.Value()
		}
	}
	return nil, nil
}

// has reports whether the mapping has the field.
func (n node) has(name string) bool {
	key, _ := n.field(name)
	return key != nil
}

// line is the line of the field, or of the mapping when the field is missing.
func (n node) line(name string) int {
	if key, _ := n.field(name); key != nil {
		return key.GetToken().Position.Line
	}
	if m, ok := n.Node.(ast.MapNode); ok {
		if it := m.MapRange(); it.Next() {
			return it.Key().GetToken().Position.Line
		}
	}
	return 1
}

// item is the i-th mapping of the list under the field.
func (n node) item(name string, i int) node {
	_, value := n.field(name)
	if seq, ok := value.(*ast.SequenceNode); ok && i < len(seq.Values) {
		return node{seq.Values[i]}
	}
	return node{}
}
