package scenario

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// mostObjects is how many segments and pictures a scenario leaves behind, the
// last ones: a day's recording would fill the disk.
const mostObjects = 32

// testify gives the red outcomes their time line, and leaves the artefacts of
// the scenario in the folder of the run.
func (e *Env) testify() {
	outcomes := []*verdict.Outcome{&e.outcome}
	for i := range e.others {
		outcomes = append(outcomes, &e.others[i])
	}
	var line []verdict.Moment
	var files []string
	if e.cfg.Artifacts != "" {
		// Of a run before this one, or of the same scenario at a higher rate.
		if err := os.RemoveAll(e.folder()); err != nil {
			e.Record("old artefacts not removed", "%v", err)
		}
	}
	for _, o := range outcomes {
		if !red(*o) || e.session == nil {
			continue
		}
		if line == nil {
			if line = e.timeline(); !eventful(line) {
				return // an ABI rule, say: no call was made
			}
			if e.cfg.Artifacts != "" {
				files = e.keep(line)
			}
		}
		o.Trace, o.Artifacts = abridge(line), files
	}
}

// eventful reports whether anything but findings is in the time line.
func eventful(line []verdict.Moment) bool {
	return slices.ContainsFunc(line, func(m verdict.Moment) bool { return m.Kind != verdict.FindingMoment })
}

// keep writes the whole time line, the cloud's journal and what is stored.
func (e *Env) keep(line []verdict.Moment) []string {
	dir := e.folder()
	var files []string
	put := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			e.Record("artefact not kept", "%v", err)
			return
		}
		files = append(files, path)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		e.Record("artefacts not kept", "%v", err)
		return nil
	}
	var text strings.Builder
	for _, m := range line {
		fmt.Fprintf(&text, "%14s ms  %-8s  %s\n", m.When(), m.Kind, m.Text())
	}
	put("timeline.txt", []byte(text.String()))
	if journal, err := json.MarshalIndent(e.journal(), "", "  "); err == nil {
		put("journal.json", append(journal, '\n'))
	}
	segments := e.Device.Segments()
	for i, s := range last(segments) {
		put(fmt.Sprintf("segment-%03d-frames-%d-%d.ts", len(segments)-min(len(segments), mostObjects)+i+1, s.FirstSeq, s.LastSeq), s.Body)
	}
	pictures := e.Device.Pictures()
	for i, p := range last(pictures) {
		put(fmt.Sprintf("picture-%03d-event-%d.jpg", len(pictures)-min(len(pictures), mostObjects)+i+1, p.EventID), p.Body)
	}
	return files
}

func (e *Env) folder() string {
	return filepath.Join(e.cfg.Artifacts, e.Rule.ID, Slug(e.outcome.Scenario))
}

func last[T any](all []T) []T { return all[max(0, len(all)-mostObjects):] }

// journalEntry is a request as journal.json shows it: bodies as text.
type journalEntry struct {
	fakecloud.Entry
	AtMS            int64
	Request, Answer string
}

func (e *Env) journal() []journalEntry {
	all := []journalEntry{}
	for _, r := range e.Cloud.Journal() {
		all = append(all, journalEntry{r, e.since(r.At), string(r.Request), string(r.Answer)})
	}
	return all
}

// Slug makes a folder's name of a scenario's title.
func Slug(title string) string {
	const most = 60
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	name := []rune(strings.Join(words, "-"))
	if len(name) <= most {
		return string(name)
	}
	// Two titles may begin alike.
	return fmt.Sprintf("%s-%04x", strings.TrimRight(string(name[:most]), "-"), crc32.ChecksumIEEE([]byte(title))&0xffff)
}
