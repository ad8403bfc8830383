package main

import (
	"fmt"
	"os"
	"time"

	"github.com/ivcs/conform/conformance/report"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// readWaivers reads the file of --waivers, if one was given, and refuses what
// can be seen to be wrong before anything runs.
func readWaivers(path string, c *rules.Catalogue, selected []string) ([]verdict.Waiver, error) {
	if path == "" {
		return nil, nil
	}
	file, err := parseWaivers(path)
	if err != nil {
		return nil, err
	}
	if err := file.Check(c, selected); err != nil {
		return nil, err
	}
	return file.Waivers, nil
}

func parseWaivers(path string) (*verdict.WaiverFile, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w; write one, or let conform waive --update write it from a run", err)
	}
	return verdict.ParseWaivers(path, data)
}

// endingSoon calls the waivers to mind that end within two weeks.
func endingSoon(waivers []verdict.Waiver, now time.Time, lang report.Lang) []string {
	var soon []string
	for _, w := range waivers {
		if left := w.DaysLeft(now); left >= 0 && left <= verdict.WarnDays {
			soon = append(soon, report.EndsSoon(w, left, lang))
		}
	}
	return soon
}
