package aac

// FrameSamples is the number of samples per channel in an AAC frame, and so the
// u32SampleNumPerFrame that the specification supports (1024 for mono, 2048 for
// stereo).
const FrameSamples = 1024
