package fakecloud

import (
	_ "embed"
	"slices"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI is the description of the wire, openapi.yaml. The cloud serves it at
// /openapi.yaml; the tests hold every request and answer against it.
func OpenAPI() []byte { return slices.Clone(openAPI) }
