package mutants

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build makes the library of a mutant in dir and returns its path. The tree is
// not touched.
func (m Mutant) Build(ctx context.Context, tree, dir string) (string, error) {
	tree, err := filepath.Abs(tree)
	if err != nil {
		return "", err
	}
	text, err := m.Apply(tree)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, text, 0o644); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(tree, m.File): changed}})
	if err != nil {
		return "", err
	}
	plan, lib := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "libivcs.so")
	if err := os.WriteFile(plan, overlay, 0o644); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", plan, "-buildmode=c-shared", "-buildvcs=false", "-ldflags=-s -w", "-o", lib, "./reference/capi")
	cmd.Dir = tree
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s does not build: %w\n%s", m.Name, err, strings.TrimSpace(string(out)))
	}
	return lib, nil
}
