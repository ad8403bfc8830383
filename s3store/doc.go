// Package s3store puts a real S3 store (MinIO, versitygw, AWS, COS …) behind the
// fake cloud's storage plane.
//
//	device ──PUT──▶ storage plane ──Store.ServeHTTP──▶ the real store
//	                (grant, size, 409, faults, journal)
//
// Keys are unique to a cloud (Store.Fresh), so that clouds may share a bucket and no object is ever
// overwritten.
package s3store
