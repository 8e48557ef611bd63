package desk

import (
	_ "embed"
	"slices"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI returns the OpenAPI document of Operations, as YAML. The bytes are the
// caller's own.
func OpenAPI() []byte { return slices.Clone(openAPI) }
