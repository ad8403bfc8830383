package fakecloud

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// diskObjects is as much of an S3 store as stands behind the storage plane, with
// the objects in files. gofakes3 has a backend for folders, but it answers
// before the bytes are on the disk. Keys are made by the cloud alone.
//
// A PUT writes a file beside its place, syncs it, moves it into place and syncs
// the folder: an object is there whole or not at all.
type diskObjects struct{ dir string }

const partSuffix = ".part"

func (o diskObjects) file(r *http.Request) string {
	return filepath.Join(o.dir, filepath.FromSlash(strings.TrimPrefix(path.Clean(r.URL.Path), "/"+bucket+"/")))
}

func (o diskObjects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.Method {
	case http.MethodPut:
		err = o.put(w, r)
	case http.MethodDelete:
		if err = os.Remove(o.file(r)); err == nil || errors.Is(err, fs.ErrNotExist) {
			w.WriteHeader(http.StatusNoContent)
			return
		}
	default:
		err = o.get(w, r)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		write(w, refuseObject(http.StatusNotFound, "NoSuchKey", "no object %s", r.URL.Path))
	case err != nil:
		write(w, refuseObject(http.StatusInternalServerError, "InternalError", "%v", err))
	}
}

func (o diskObjects) put(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	name := o.file(r)
	if err := makeFolder(filepath.Dir(name)); err != nil {
		return err
	}
	if err := writeDurably(name, body); err != nil {
		return err
	}
	sum := md5.Sum(body)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	w.WriteHeader(http.StatusOK)
	return nil
}

func (o diskObjects) get(w http.ResponseWriter, r *http.Request) error {
	f, err := os.Open(o.file(r))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", map[string]string{".ts": "video/mp2t", ".jpg": "image/jpeg"}[path.Ext(f.Name())])
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}

// writeDurably puts a file in place so that after a crash the whole of it is
// there or nothing.
func writeDurably(name string, body []byte) error {
	f, err := os.Create(name + partSuffix)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(name))
}

// makeFolder makes a folder and those above it, durably.
func makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	above := filepath.Dir(dir)
	if err := makeFolder(above); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(above)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
