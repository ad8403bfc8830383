package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
)

// configName is the file that is looked for beside the library.
const configName = "conform.yaml"

// configFile is conform.yaml: what the library has, and the flags that always
// go with it. A flag on the command line outweighs it.
type configFile struct {
	// Profiles that the library has; what is not listed it lacks. Without the
	// field everything is expected.
	Profiles *[]string `yaml:"profiles"`

	Title     string   `yaml:"title"`
	Include   string   `yaml:"include"`
	CC        string   `yaml:"cc"`
	Exec      string   `yaml:"exec"`
	Shim      string   `yaml:"shim"`
	Clock     string   `yaml:"clock"`
	Rate      string   `yaml:"rate"`
	Rules     []string `yaml:"rules"`
	Workers   string   `yaml:"workers"`
	Watchdog  string   `yaml:"watchdog"`
	Strict    string   `yaml:"strict"`
	Waivers   string   `yaml:"waivers"`
	Artifacts string   `yaml:"artifacts"`
	Lang      string   `yaml:"lang"`
}

// configure takes over what conform.yaml says and the command line does not.
func (o *options) configure(f *pflag.FlagSet) error {
	path := o.config
	if path == "" {
		if o.library.Path == inProcess {
			return nil
		}
		path = filepath.Join(filepath.Dir(o.library.Path), configName)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && o.config == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	var c configFile
	if err := yaml.UnmarshalWithOptions(data, &c, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %s: see conform --help for the flags it may hold", path, yaml.FormatError(err, false, false))
	}
	beside := func(name string) string {
		if name == "" || filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(filepath.Dir(path), name)
	}
	for _, set := range []struct{ flag, value string }{
		{"title", c.Title}, {"include", beside(c.Include)}, {"cc", c.CC}, {"exec", c.Exec}, {"shim", beside(c.Shim)},
		{"clock", c.Clock}, {"rate", c.Rate}, {"rules", strings.Join(c.Rules, ",")}, {"workers", c.Workers},
		{"watchdog", c.Watchdog}, {"strict", c.Strict}, {"waivers", beside(c.Waivers)}, {"artifacts", beside(c.Artifacts)}, {"lang", c.Lang},
	} {
		if set.value == "" || f.Changed(set.flag) {
			continue
		}
		if err := f.Set(set.flag, set.value); err != nil {
			return fmt.Errorf("%s: %s: %w", path, set.flag, err)
		}
	}
	if c.Profiles == nil {
		return nil
	}
	o.declared, err = declare(path, *c.Profiles)
	return err
}

// declaration is what a vendor says that the library has.
type declaration struct {
	file string // "" without any: everything is expected
	has  []string
}

func declare(file string, names []string) (declaration, error) {
	var known []string
	for _, p := range rules.Profiles() {
		known = append(known, p.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return declaration{}, fmt.Errorf("%s: there is no profile %q; choose of %s", file, name, strings.Join(known, ", "))
		}
	}
	return declaration{file: file, has: names}, nil
}

// lacks reports whether the vendor says that the library does not have c.
func (d declaration) lacks(c rules.Capability) bool {
	return d.file != "" && slices.ContainsFunc(rules.Profiles(), func(p rules.Profile) bool {
		return !p.Found && slices.Contains(p.Has, c) && !slices.Contains(d.has, p.Name)
	})
}

// apply adds to missing what is not declared, and returns it. What is declared
// and not found stays missing, for the reason that the harness gives; only the
// hooks have to be found, because the clock depends on them.
func (d declaration) apply(missing map[string]string, info target.Info) ([]rules.Capability, error) {
	if d.file == "" {
		return nil, nil
	}
	var undeclared []rules.Capability
	for _, p := range rules.Profiles() {
		declared := slices.Contains(d.has, p.Name)
		if p.Found {
			if declared && !info.Can(target.CapClockHooks) {
				return nil, fmt.Errorf("%s declares %s, and the library does not export the functions of ivcs_conform.h; export them, or remove the word", d.file, p.Name)
			}
			continue
		}
		if declared {
			continue
		}
		for _, c := range p.Has {
			undeclared = append(undeclared, c)
			missing[string(c)] = fmt.Sprintf("%s does not declare it", filepath.Base(d.file))
		}
	}
	return undeclared, nil
}
