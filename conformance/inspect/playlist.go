package inspect

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// playlist takes the segments of a media playlist (RFC 8216). Only what bears on
// them is read.
func playlist(source, text string) ([]piece, error) {
	if !strings.HasPrefix(strings.TrimPrefix(text, "\ufeff"), "#EXTM3U") {
		return nil, fmt.Errorf("%s: no playlist, its first line is not #EXTM3U", source)
	}
	var out []piece
	var next piece
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		tag, value, _ := strings.Cut(line, ":")
		switch {
		case tag == "#EXT-X-STREAM-INF":
			return nil, fmt.Errorf("%s: a master playlist; give one of the playlists that it names", source)
		case tag == "#EXTINF":
			seconds, _, _ := strings.Cut(value, ",")
			next.seconds, _ = strconv.ParseFloat(strings.TrimSpace(seconds), 64) // what is no number is not said
		case tag == "#EXT-X-DISCONTINUITY":
			next.restarts = true
		case line == "" || strings.HasPrefix(line, "#"):
		default:
			name, err := beside(source, line)
			if err != nil {
				return nil, fmt.Errorf("%s: %q is no address: %w", source, line, err)
			}
			next.name = name
			out = append(out, next)
			next = piece{}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: the playlist is empty; nothing was stored in its range", source)
	}
	return out, nil
}

// beside is where an entry lies, seen from its playlist.
func beside(source, entry string) (string, error) {
	if isURL(entry) {
		return entry, nil
	}
	if !isURL(source) {
		if filepath.IsAbs(entry) {
			return entry, nil
		}
		return filepath.Join(filepath.Dir(source), filepath.FromSlash(entry)), nil
	}
	base, err := url.Parse(source)
	if err != nil {
		return "", err
	}
	at, err := base.Parse(entry)
	if err != nil {
		return "", err
	}
	return at.String(), nil
}
