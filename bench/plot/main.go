// Command plot turns the output of `go test -bench` into the tables and pictures
// of docs/performance.md.
//
//	go run ./plot -results ../out/bench.txt -page ../docs/performance.md
//
// It replaces what stands between the two marks of the page and writes the
// pictures beside it, in docs/performance.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	beginMark = "<!-- figures: ./do bench -->"
	endMark   = "<!-- end of figures -->"
)

func main() {
	results := flag.String("results", "", "`FILE` that go test -bench has written")
	page := flag.String("page", "", "`FILE` whose figures are replaced")
	flag.Parse()
	if *results == "" || *page == "" {
		fmt.Fprintln(os.Stderr, "plot: both -results and -page are needed; ./do bench gives them")
		os.Exit(2)
	}
	if err := run(*results, *page); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(results, page string) error {
	all, err := read(results)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	head, rest, begins := strings.Cut(string(text), beginMark)
	_, tail, ends := strings.Cut(rest, endMark)
	if !begins || !ends {
		return fmt.Errorf("%s: the marks %s and %s are not there, in this order", page, beginMark, endMark)
	}
	dir := strings.TrimSuffix(page, filepath.Ext(page))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := all.pictures(dir); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(head + beginMark + "\n\n")
	all.targets(&b)
	all.table(&b)
	b.WriteString(endMark + tail)
	return os.WriteFile(page, []byte(b.String()), 0o644)
}
