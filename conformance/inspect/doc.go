// Package inspect looks at recordings without knowing what was pushed: the
// doctor for stored segments, as package tscheck is their judge.
//
//	FILE │ DIR │ m3u8 │ URL ─► pieces ─► tscheck.Check ─┬─► faults of each piece
//	                              │      tscheck.Chain ─┤   faults between them
//	                              └─► times ────────────┴─► unit of PTS, gaps, drift
//	                                                          │
//	                            text, JSON, SVG, HTML ◀── time line
//
// What tscheck finds is told with what a viewer sees of it. To that come faults
// that only the run of the times shows: PTS in another unit than 1/90000 s (the
// sound is the ruler, since its length is known from its headers), sound that
// drifts from its samples or from the picture, holes, EXTINF that is not true.
package inspect
