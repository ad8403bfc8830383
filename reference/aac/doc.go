// Package aac encodes the audio that is not pushed as AAC (PCM, and G.711 once
// it is decoded) to AAC-LC in ADTS, the one audio format a segment holds.
//
//	enc, err := aac.New(8000, 1)
//	frame, err = enc.Encode(frame[:0], pcm) // 1024 samples in, one ADTS frame out
//	enc.Close()
//
// It binds VisualOn's encoder (Debian: libvo-aacenc-dev), linked statically: a
// device's library then needs nothing but libc. The encoder keeps no state
// outside its object, so every device has an Encoder of its own. Without cgo the
// package builds, and New says what is missing.
package aac
