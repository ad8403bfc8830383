//go:build unix

package reference

import "syscall"

// allocate maps the buffer: a size that cannot be had is an error, not the end
// of the process (INIT-014), and free gives it back at once (MEM-003).
func allocate(n int) ([]byte, error) {
	return syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
}

func free(b []byte) { _ = syscall.Munmap(b) }
