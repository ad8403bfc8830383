package report

import "testing"

func TestExpectedIsToldFromObserved(t *testing.T) {
	for _, c := range []struct{ text, expected, observed, rest string }{
		{"iv_cs_init with 1\nexpected an error IV_ERR_*, got IV_ERR_NONE (0)", "an error IV_ERR_*", "IV_ERR_NONE (0)", "iv_cs_init with 1"},
		{"calls of start_cb\nExpected\n    <int>: 2\nto equal\n    <int>: 1", "to equal\n    <int>: 1", "<int>: 2", "calls of start_cb"},
		{"Expected\n    <bool>: false\nto be true", "to be true", "<bool>: false", ""},
		{"upload info with num 11, want 1 to 10", "1 to 10", "upload info with num 11", ""},
		{"the library crashed", "", "", "the library crashed"},
		{"Expected nothing of the kind", "", "", "Expected nothing of the kind"},
	} {
		expected, observed, rest := split(c.text)
		if expected != c.expected || observed != c.observed || rest != c.rest {
			t.Errorf("%q: expected %q, observed %q, rest %q", c.text, expected, observed, rest)
		}
	}
}
