package main

import (
	"fmt"
	"io"
	"os"

	"github.com/ivcs/conform/conformance/report"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// tellGitHub puts failures on the page of a workflow run, when GitHub Actions
// runs this: as annotations, and in the step's summary. GitLab and Jenkins read
// JUnit.
func tellGitHub(stdout io.Writer, c *rules.Catalogue, run *verdict.Run, lang report.Lang) error {
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		if err := report.Annotations(stdout, run); err != nil {
			return err
		}
	}
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("the step's summary was not written: %w", err)
	}
	err = report.Summary(f, c, run, lang)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
