package target

import "context"

// Reference is the Go reference in this process.
func Reference() Target { return inProcess{} }

type inProcess struct{}

func (inProcess) Name() string   { return "reference" }
func (inProcess) Describe() Info { return Info{Kind: "reference"} }
func (inProcess) Open(context.Context, Options) (*Session, error) {
	return nil, &NotCapableError{Target: "reference", Need: "sessions"}
}
