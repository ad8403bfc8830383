package report

import (
	"io"

	"github.com/ivcs/conform/conformance/verdict"
)

// JSON writes the run as package verdict documents it.
func JSON(w io.Writer, run *verdict.Run) error { return run.Encode(w) }
