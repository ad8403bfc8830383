package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// results are the medians of every benchmark, by name and unit.
type results struct {
	names  []string // in the order of the file
	values map[string]map[string]float64
	about  map[string]string // goos, goarch, cpu
}

func read(path string) (*results, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w; run ./do bench", err)
	}
	defer f.Close()
	all := &results{values: map[string]map[string]float64{}, about: map[string]string{}}
	runs := map[string]map[string][]float64{}
	reader := benchfmt.NewReader(f, path)
	for reader.Scan() {
		r, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		for _, key := range []string{"goos", "goarch", "cpu"} {
			all.about[key] = r.GetConfig(key)
		}
		name := string(r.Name.Full())
		if cut := strings.LastIndex(name, "-"); cut > 0 {
			name = name[:cut] // the number of processors
		}
		if runs[name] == nil {
			runs[name] = map[string][]float64{}
			all.names = append(all.names, name)
		}
		for _, v := range r.Values {
			unit, value := v.Unit, v.Value
			if v.OrigUnit != "" {
				unit, value = v.OrigUnit, v.OrigValue
			}
			runs[name][unit] = append(runs[name][unit], value)
		}
	}
	if err := reader.Err(); err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, errors.New(path + " holds no benchmark")
	}
	for name, units := range runs {
		all.values[name] = map[string]float64{}
		for unit, values := range units {
			all.values[name][unit] = median(values)
		}
	}
	return all, nil
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	sort.Float64s(v)
	return v[len(v)/2]
}

// get is a figure, and whether there is one.
func (r *results) get(name, unit string) (float64, bool) {
	v, ok := r.values[name][unit]
	return v, ok
}

// ratio is a figure in terms of another's.
func (r *results) ratio(a, b, unit string) (float64, bool) {
	x, okX := r.get(a, unit)
	y, okY := r.get(b, unit)
	return x / y, okX && okY && y != 0
}
