package fakecloud

import "net/http"

// WithObjects keeps the objects in a store elsewhere, a real S3 store for one.
// objects takes PUT and GET of /ivcs/KEY, bare: grants, signatures, sizes, faults
// and journal stay the storage plane's, so that a device sees no difference. An
// object counts as stored once objects has answered 200, with its ETag.
func WithObjects(objects http.Handler) Option { return func(s *settings) { s.objects = objects } }
