// Package load drives many simulated devices, each the Go reference with frames
// of its own pace, against one cloud, and measures what the cloud does.
//
//	Stream ──▶ device ──▶ reference.Device ──▶ cloud
//	           (paces)       │ Observe           │ viewer side
//	                         ▼                   ▼
//	                       meter ──▶ Result ◀── audit
//
// What is lost is not asked of the devices alone: after they have left, audit
// reads from the cloud's viewer side which frames are stored, and every frame
// that a device has accepted has to be there.
//
// The package knows a cloud by its wire alone; who registers the devices, and
// where, is the caller's business.
package load
