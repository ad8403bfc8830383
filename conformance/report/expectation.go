package report

import (
	"regexp"
	"strings"
)

var (
	// "expected IV_ERR_NONE (0), got IV_ERR_CS_INIT_REPEAT (-610)", a sentence in front or not.
	ownWords = regexp.MustCompile(`(?s)^(.*?)\bexpected (.+?), got (.+)$`)
	wanting  = regexp.MustCompile(`(?s)^(.*), want (.+)$`)
)

// split tells what a finding expected from what it observed. A text that does
// not say it in one of the known ways stays whole, as rest; so does what stands
// in front of the two.
func split(text string) (expected, observed, rest string) {
	if e, o, r, ok := splitGomega(text); ok {
		return e, o, r
	}
	if m := ownWords.FindStringSubmatch(text); m != nil {
		return m[2], m[3], strings.TrimSpace(m[1])
	}
	if m := wanting.FindStringSubmatch(text); m != nil && !strings.Contains(text, "\n") {
		return m[2], m[1], ""
	}
	return "", "", text
}

// splitGomega reads Gomega's form: an annotation, "Expected", the indented
// value, "to equal", and mostly another indented value.
func splitGomega(text string) (expected, observed, rest string, ok bool) {
	lines := strings.Split(text, "\n")
	at := -1
	for i, line := range lines {
		if line == "Expected" {
			at = i
			break
		}
	}
	if at < 0 {
		return "", "", "", false
	}
	end := at + 1
	for end < len(lines) && (strings.HasPrefix(lines[end], "    ") || lines[end] == "") {
		end++
	}
	if end == at+1 || end == len(lines) {
		return "", "", "", false
	}
	return strings.Join(lines[end:], "\n"), unindent(lines[at+1 : end]), strings.Join(lines[:at], "\n"), true
}

func unindent(lines []string) string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimPrefix(line, "    ")
	}
	return strings.Join(out, "\n")
}
