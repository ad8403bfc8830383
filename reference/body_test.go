package reference

import (
	"bytes"
	"io"
	"testing"
)

func TestADetachedBodyIsNotReadAnyMore(t *testing.T) {
	memory := []byte("a picture of the caller's")
	b := &body{size: int64(len(memory)), read: func() io.Reader { return bytes.NewReader(memory) }}
	r := b.open()
	if _, err := io.ReadFull(r, make([]byte, 9)); err != nil {
		t.Fatal(err)
	}
	if sent := b.detach(); sent != 9 {
		t.Errorf("%d bytes sent, want 9", sent)
	}
	if n, err := r.Read(make([]byte, 9)); n != 0 || err != errDetached {
		t.Errorf("read %d bytes after it was given up, %v", n, err)
	}
	if n, err := b.open().Read(make([]byte, 9)); n != 0 || err != errDetached {
		t.Errorf("read %d bytes of it anew, %v", n, err)
	}
}

func TestABodyKnowsWhatTheStoreWillAnswer(t *testing.T) {
	b := &body{read: func() io.Reader { return bytes.NewReader([]byte("hello")) }}
	for range 2 { // every attempt begins anew
		if _, err := io.Copy(io.Discard, b.open()); err != nil {
			t.Fatal(err)
		}
		if got := b.etag(); got != "5d41402abc4b2a76b9719d911017c592" {
			t.Errorf("ETag %s", got)
		}
	}
}
