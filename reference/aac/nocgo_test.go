//go:build !cgo

package aac

import (
	"strings"
	"testing"
)

func TestNoCgo(t *testing.T) {
	e, err := New(8000, 1)
	if e != nil || err == nil || !strings.Contains(err.Error(), "libvo-aacenc-dev") {
		t.Fatalf("New gave %v, %v: want an error that names the missing library", e, err)
	}
}
