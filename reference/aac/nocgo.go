//go:build !cgo

package aac

import "errors"

// Encoder encodes one stream. In this build it cannot be made.
type Encoder struct{}

// New says what is missing: VisualOn's encoder is C.
func New(rate, channels int) (*Encoder, error) {
	if err := check(rate, channels); err != nil {
		return nil, err
	}
	return nil, errors.New("aac: built without cgo, so PCM and G.711 cannot be encoded: build with CGO_ENABLED=1, a C compiler and libvo-aacenc-dev, or push AAC")
}

// Encode encodes nothing: there is no Encoder in this build.
func (e *Encoder) Encode(dst []byte, pcm []int16) ([]byte, error) { return dst, errClosed }

// Close does nothing.
func (e *Encoder) Close() {}
