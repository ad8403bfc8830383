package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/mutants"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// mutantsCommand proves the suite: each fault of the reference must break the
// rule that it is made for.
func mutantsCommand() *cobra.Command {
	var tree, page string
	var globs []string
	var every, parallel int
	var wide bool
	cmd := &cobra.Command{
		Use:   "mutants",
		Short: "prove the suite: build the reference with deliberate faults, each must break its rule",
		Example: `  conform mutants                          all of them; in a checkout of the project
  conform mutants --rules 'INIT-*'         those of some rules
  conform mutants --every 10               every tenth, for a quick look
  conform mutants --wide --rules 'PUSH-*'  and which rules of the chapter break besides
  conform mutants --page docs/kill-matrix.md`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			catalogue, err := rules.Load()
			if err != nil {
				return err
			}
			matrix, err := mutants.Load(catalogue)
			if err != nil {
				return err
			}
			selected, err := catalogue.Select(globs...)
			if err != nil {
				return fmt.Errorf("--rules: %w", err)
			}
			chosen := choose(matrix.Mutants, selected, every)
			if len(chosen) == 0 {
				return errors.New("no mutant is made for these rules; see conformance/mutants/data")
			}
			if page != "" && len(chosen) < len(matrix.Mutants) {
				return fmt.Errorf("--page %s: it is the page of the whole matrix; leave --rules and --every out", page)
			}
			results := proveAll(cmd.Context(), cmd.ErrOrStderr(), tree, chosen, parallel, wide)
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			if page != "" {
				if err := writePage(page, catalogue, matrix, results); err != nil {
					return err
				}
			}
			return told(cmd.OutOrStdout(), results, matrix.Owed(catalogue), len(chosen) == len(matrix.Mutants), wide)
		},
	}
	f := cmd.Flags()
	f.StringVar(&tree, "tree", ".", "`DIR` of the project's checkout")
	f.StringSliceVar(&globs, "rules", nil, "only the mutants of rules that match `GLOB`s")
	f.IntVar(&every, "every", 1, "only every `N`th mutant")
	f.IntVar(&parallel, "parallel", runtime.NumCPU(), "mutants at once")
	f.BoolVar(&wide, "wide", false, "judge each rule's whole chapter, to name the rules that break besides")
	f.StringVar(&page, "page", "", "write the matrix (Markdown) to `FILE`")
	return cmd
}

// kills counts by rule the mutants that it kills, for the report.
func kills(catalogue *rules.Catalogue) (map[string]int, error) {
	matrix, err := mutants.Load(catalogue)
	if err != nil {
		return nil, err
	}
	return matrix.Kills(), nil
}

func choose(all []mutants.Mutant, selected []rules.Rule, every int) []mutants.Mutant {
	var chosen []mutants.Mutant
	for i, m := range all {
		if i%max(every, 1) == 0 && slices.ContainsFunc(selected, func(r rules.Rule) bool { return r.ID == m.Rule }) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// proveAll tells every mutant's fate, several at once.
func proveAll(ctx context.Context, stderr io.Writer, tree string, chosen []mutants.Mutant, parallel int, wide bool) []mutants.Result {
	results := make([]mutants.Result, len(chosen))
	next := make(chan int)
	var wg sync.WaitGroup
	var said sync.Mutex
	for range max(parallel, 1) {
		wg.Go(func() {
			for i := range next {
				results[i] = prove(ctx, tree, chosen[i], wide)
				said.Lock()
				fmt.Fprintf(stderr, "%-9s %s %s\n", results[i].Fate, chosen[i].Name, results[i].Text)
				said.Unlock()
			}
		})
	}
	for i := range chosen {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return results
}

// prove builds one mutant and judges its rule, up to the first scenario that kills
// it; or the whole chapter, to see what else breaks.
func prove(ctx context.Context, tree string, m mutants.Mutant, wide bool) mutants.Result {
	broken := func(err error) mutants.Result {
		return mutants.Result{Mutant: m, Fate: mutants.Broken, Err: err}
	}
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return broken(err)
	}
	defer os.RemoveAll(dir)
	lib, err := m.Build(ctx, tree, dir)
	if err != nil {
		return broken(err)
	}
	self, err := os.Executable()
	if err != nil {
		return broken(err)
	}
	out := filepath.Join(dir, "run.json")
	// The watchdog outlasts a step of virtual time, which waits ten seconds for a
	// callback that does not return: the spec is to say what hangs, not the watchdog.
	args := []string{"--target", lib, "--include", filepath.Join(tree, "reference/include"),
		"--workers", "1", "--watchdog", "20s", "--json", out}
	if wide {
		args = append(args, "--rules", m.Chapter+"-*")
	} else {
		args = append(args, "--rules", m.Rule, "--fail-fast")
	}
	judge := exec.CommandContext(ctx, self, args...)
	said, err := judge.CombinedOutput()
	f, openErr := os.Open(out)
	if openErr != nil {
		return broken(fmt.Errorf("%s could not be judged: %w\n%s", m.Name, err, said))
	}
	defer f.Close()
	run, err := verdict.Decode(f)
	if err != nil {
		return broken(err)
	}
	return m.Judge(run)
}

func writePage(path string, catalogue *rules.Catalogue, matrix *mutants.Matrix, results []mutants.Result) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	err = mutants.Markdown(f, catalogue, matrix, results)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// told prints what is wrong with the matrix and gives the exit code.
func told(w io.Writer, results []mutants.Result, owed []string, all, wide bool) error {
	killed, bad := 0, false
	for _, r := range results {
		switch r.Fate {
		case mutants.Killed:
			killed++
			if wide && len(r.Besides) > 0 {
				fmt.Fprintf(w, "%s breaks besides: %s\n", r.Mutant.Name, strings.Join(r.Besides, " "))
			}
		case mutants.Explained:
			fmt.Fprintf(w, "survived %s, as is to be: %s\n", r.Mutant.Name, r.Mutant.Survives)
		case mutants.Survived:
			bad = true
			fmt.Fprintf(w, "SURVIVED %s (%s): %s; broken instead: %v\n", r.Mutant.Name, r.Mutant.File, r.Mutant.Why, r.Besides)
		default:
			bad = true
			fmt.Fprintf(w, "BROKEN %s: %v\n", r.Mutant.Name, r.Err)
		}
	}
	fmt.Fprintf(w, "%d of %d mutants killed\n", killed, len(results))
	if all && len(owed) > 0 {
		bad = true
		fmt.Fprintf(w, "%d testable MUST and SHOULD rules without a mutant: %v\n", len(owed), owed)
	}
	if bad {
		return exitCode(verdict.ExitNotConformant)
	}
	return nil
}
