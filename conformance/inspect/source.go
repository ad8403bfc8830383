package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ivcs/conform/clock"
)

// limit is the size of the largest object that is taken; a segment of minutes
// has a hundredth of it.
const limit = 1 << 30

// fetchBound is the machine time an object may take to come.
const fetchBound = time.Minute

// piece is one object of a recording, not read yet.
type piece struct {
	name     string
	seconds  float64 // EXTINF; 0: nobody says
	restarts bool    // EXT-X-DISCONTINUITY stands before it
}

// pieces are the objects that a source names: itself, the files of a folder in
// the order of their names, the entries of a playlist.
func pieces(ctx context.Context, source string) ([]piece, error) {
	if !isURL(source) {
		info, err := os.Stat(source)
		if err != nil {
			return nil, fmt.Errorf("%s: %w; give a segment, a folder of segments, an m3u8 or its URL", source, plain(err))
		}
		if info.IsDir() {
			return folder(source)
		}
	}
	if !isPlaylist(source) {
		return []piece{{name: source}}, nil
	}
	text, err := read(ctx, source)
	if err != nil {
		return nil, err
	}
	return playlist(source, string(text))
}

func isURL(source string) bool {
	return strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://")
}

func isPlaylist(source string) bool {
	path := source
	if u, err := url.Parse(source); err == nil && isURL(source) {
		path = u.Path
	}
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".m3u8" || ext == ".m3u"
}

func folder(dir string) ([]piece, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, plain(err))
	}
	var out []piece
	for _, e := range entries {
		if ext := strings.ToLower(filepath.Ext(e.Name())); e.Type().IsRegular() && slices.Contains([]string{".ts", ".m2ts", ".mts", ".tsv"}, ext) {
			out = append(out, piece{name: filepath.Join(dir, e.Name())})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no segment in it (*.ts); give the folder that holds them, or one file", dir)
	}
	return out, nil
}

// read takes an object from the disk or the network.
func read(ctx context.Context, name string) ([]byte, error) {
	if !isURL(name) {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, plain(err))
		}
		defer f.Close()
		return all(name, f)
	}
	ctx, cancel := new(clock.Clock).WithTimeout(ctx, fetchBound)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, name, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: the server answers %s", name, answer.Status)
	}
	return all(name, answer.Body)
}

func all(name string, r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, plain(err))
	case len(b) > limit:
		return nil, fmt.Errorf("%s: more than %d MiB; cut it into segments first", name, limit>>20)
	}
	return b, nil
}

// plain is the error without the path that is named already.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
