package containers

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatTheLoaderNames(t *testing.T) {
	got, err := loaded(`	linux-vdso.so.1 (0x00007f1da3e47000)
	libcurl.so.4 => /usr/lib/libcurl.so.4 (0x00007f1da3bff000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f1da3e49000)
`, "libivcs.so")
	if want := []string{"/usr/lib/libcurl.so.4", "/lib64/ld-linux-x86-64.so.2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if _, err := loaded("\tlibvendor.so => not found\n", "libivcs.so"); err == nil || !strings.Contains(err.Error(), "libivcs.so needs libvendor.so") {
		t.Errorf("a library that is not there: %v", err)
	}
	if got, err := loaded("\tstatically linked\n", "shim"); err != nil || got != nil {
		t.Errorf("a static program: %q, %v", got, err)
	}
}
