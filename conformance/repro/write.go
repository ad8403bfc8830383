package repro

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ivcs/conform/conformance/scenario"
)

//go:embed repro.h
var helpers []byte

// Options say how the program is going to be built.
type Options struct {
	Library string // path as it was given
	Include string // folder of the vendor's headers; "": to be filled in by the reader
	CC      string // "": cc
}

// Write writes the folder. What an earlier Write has left in it is replaced; a folder
// with other things in it is left alone, and an error.
func Write(dir string, r scenario.Recording, o Options) error {
	p := program{r: r, media: newMedia()}
	p.translate()
	if err := Remove(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	table := p.pushTable() // gathers bytes for media.bin
	files := map[string][]byte{
		"repro.c": []byte(p.source()), "repro.h": helpers, "pushes.h": []byte(table), "media.bin": p.media.bytes,
		"README.md": []byte(readme(&p, o)), "cloud.sh": []byte(p.cloud.shell(r)),
	}
	for name, text := range p.cloud.files {
		files[name] = []byte(text)
	}
	for name, data := range files {
		mode := os.FileMode(0o644)
		if name == "cloud.sh" {
			mode = 0o755
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, mode); err != nil {
			return err
		}
	}
	return nil
}

// names are the files of a folder, as patterns.
var names = []string{"repro.c", "repro.h", "pushes.h", "media.bin", "README.md", "cloud.sh", "faults*.yaml"}

// Check reports whether Write may write into the folder: it is not there, is
// empty, or is of an earlier Write.
func Check(dir string) error {
	there, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(there) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "repro.h")); err != nil {
		return fmt.Errorf("%s holds other things than a repro; give a folder that is new or empty", dir)
	}
	return nil
}

// Remove takes away what an earlier Write has left, and the folder if nothing else is in it.
func Remove(dir string) error {
	if err := Check(dir); err != nil {
		return err
	}
	for _, pattern := range names {
		old, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are well formed
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	_ = os.Remove(dir) // it stays if somebody has built the program in it
	return nil
}
