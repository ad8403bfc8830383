package specs

import . "github.com/ivcs/conform/conformance/scenario"

// abi is what a program compiled against the specification relies on: names,
// prototypes, layouts, values.
func abi(s *Suite) {
	abiSymbols(s)
	abiCallbacks(s)
	abiRegistration(s)
	abiLayouts(s)
	abiInitLayout(s)
	abiValues(s)
	abiReports(s)
	abiCodes(s)
	abiHeaders(s)
}
