package containers

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path"
	"sort"
	"strings"

	"github.com/testcontainers/testcontainers-go"
)

// image is a file system from scratch: what lies where, and nothing else.
type image struct {
	files   map[string]string // path in the image ─▶ file of this machine
	folders []string          // empty, everybody may write there
}

// recipe is the whole of its Dockerfile.
const recipe = "FROM scratch\nCOPY root/ /\n"

// dockerfile is the image as testcontainers builds it. With a name it is kept, and
// found again.
func (i image) dockerfile(name string) (testcontainers.FromDockerfile, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := i.archive(w)
	if closed := w.Close(); err == nil {
		err = closed
	}
	build := testcontainers.FromDockerfile{ContextArchive: bytes.NewReader(b.Bytes())}
	if name != "" {
		build.Repo, build.Tag, _ = strings.Cut(name, ":")
		build.KeepImage = true
	}
	return build, err
}

func (i image) archive(w *tar.Writer) error {
	if err := w.WriteHeader(&tar.Header{Name: "Dockerfile", Mode: 0o644, Size: int64(len(recipe))}); err != nil {
		return err
	}
	if _, err := io.WriteString(w, recipe); err != nil {
		return err
	}
	for _, folder := range append([]string{"/"}, i.folders...) {
		if err := w.WriteHeader(&tar.Header{Name: path.Join("root", folder) + "/", Typeflag: tar.TypeDir, Mode: 0o777}); err != nil {
			return err
		}
	}
	var places []string
	for place := range i.files {
		places = append(places, place)
	}
	sort.Strings(places) // the same archive each time
	for _, place := range places {
		data, err := os.ReadFile(i.files[place])
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: path.Join("root", place), Mode: 0o755, Size: int64(len(data))}); err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	return nil
}
