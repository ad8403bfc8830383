// Package page is the cloud's face for a person: one page, rendered by the cloud
// itself, without anything from elsewhere.
//
//	GET /            page.html ◀── view (view.go): devices, time line, events,
//	                               segments with their findings, faults
//	POST /page/plan, /page/faults ──▶ the cloud, then the page again
//	GET /page/live   "changed" and rows of the journal, as they come (SSE)
//	GET /page/picture/…, /page/recording/…   what is stored, as a file
//
// What is shown stands in the address (device, window of time, language), so that
// it can be reloaded, linked and used without a script. page.js only makes it
// pleasant: it fetches the same page again when the cloud has changed and puts
// the parts in place that are marked data-live, and it drives the player, which
// the browser has built in (HLS).
//
// Reading is open to whom the cloud lets look (fakecloud.WithGuardedViewer). The
// journal, the faults and every button need the operator's token, as /admin
// does. Text comes into the page through html/template alone.
package page
