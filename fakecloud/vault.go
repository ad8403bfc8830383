package fakecloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// vault keeps what the cloud has acknowledged (WithData): devices with their
// plans, grants, events. Objects lie in files beside it (disk.go).
//
// Who changes the state queues a record under Cloud.mu, so that records lie in
// the order of the changes, and commits before the answer is given, without the
// lock. Whoever commits first commits for all who wait.
type vault struct {
	db *bbolt.DB

	mu      sync.Mutex
	pending []record
	queued  int64 // records ever

	committed  atomic.Int64
	committing sync.Mutex // held by who commits; guards err
	err        error      // of the first commit that failed: from then on nothing is acknowledged
}

// record is one change: a value, or none to delete the key.
type record struct {
	bucket, key string
	value       []byte
}

// Buckets of the database.
const (
	bucketMeta    = "meta"
	bucketDevices = "devices"
	bucketUploads = "uploads"
	bucketEvents  = "events"
)

// openVault opens the database of a folder, which is made if need be. A process
// has it for itself.
func openVault(dir string) (*vault, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("data folder: %w (choose one that can be written)", err)
	}
	file := filepath.Join(dir, "cloud.db")
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{Timeout: time.Second})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("data folder %s: another cloud is using it; end that one or choose another folder", dir)
	case err != nil:
		return nil, fmt.Errorf("data folder: %s cannot be opened: %w (nothing was changed; move it away to begin anew)", file, err)
	}
	v := &vault{db: db}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{bucketMeta, bucketDevices, bucketUploads, bucketEvents} {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("data folder: %s: %w", file, err), db.Close())
	}
	return v, nil
}

// save queues a record; nil deletes the key.
func (v *vault) save(bucket, key string, value any) {
	if v == nil {
		return
	}
	r := record{bucket: bucket, key: key}
	if value != nil {
		var err error
		if r.value, err = json.Marshal(value); err != nil {
			panic("fakecloud: own types always marshal: " + err.Error())
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pending = append(v.pending, r)
	v.queued++
}

// commit returns when every record that was queued before is on the disk.
func (v *vault) commit() error {
	if v == nil {
		return nil
	}
	v.mu.Lock()
	mine := v.queued
	v.mu.Unlock()
	if v.committed.Load() >= mine {
		return nil
	}
	v.committing.Lock()
	defer v.committing.Unlock()
	if v.committed.Load() >= mine || v.err != nil {
		return v.err
	}
	v.mu.Lock()
	batch, all := v.pending, v.queued
	v.pending = nil
	v.mu.Unlock()
	v.err = v.db.Update(func(tx *bbolt.Tx) error {
		for _, r := range batch {
			b := tx.Bucket([]byte(r.bucket))
			if r.value == nil {
				if err := b.Delete([]byte(r.key)); err != nil {
					return err
				}
			} else if err := b.Put([]byte(r.key), r.value); err != nil {
				return err
			}
		}
		return nil
	})
	if v.err == nil {
		v.committed.Store(all)
	}
	return v.err
}

// each reads every value of a bucket, in the order of keys, into a fresh T.
func each[T any](v *vault, bucket string, take func(key string, value T) error) error {
	return v.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(k, b []byte) error {
			var value T
			if err := json.Unmarshal(b, &value); err != nil {
				return fmt.Errorf("%s %q: %w", bucket, k, err)
			}
			return take(string(k), value)
		})
	})
}

func (v *vault) close() error {
	if v == nil {
		return nil
	}
	return errors.Join(v.commit(), v.db.Close())
}
