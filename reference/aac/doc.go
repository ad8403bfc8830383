// Package aac encodes the audio that is not pushed as AAC (PCM, and G.711 once
// it is decoded) to AAC-LC in ADTS, the one audio format a segment holds.
//
//	enc, err := aac.New(8000, 1)
//	frame, err = enc.Encode(frame[:0], pcm) // 1024 samples in, one ADTS frame out
//	enc.Close()
//
// Every frame that goes in brings one out, so a pack and its frame share their
// PTS and nothing has to be flushed. As in every AAC encoder the sound in them is
// not the same: here it is 1600 samples late (200 ms at 8 kHz, 33 ms at 48 kHz),
// and the last 1600 samples pushed are never heard. PTS is not corrected for it:
// that what is stored has the time it was pushed with is worth more (TS-004).
//
// It binds VisualOn's encoder (Debian: libvo-aacenc-dev), linked statically: a
// device's library then needs nothing but libc. The encoder keeps no state
// outside its object, so every device has an Encoder of its own. Without cgo the
// package builds, and New says what is missing.
package aac
