package report

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

func TestNoLanguageLacksAWord(t *testing.T) {
	for name, w := range map[Lang]words{English: english, Chinese: chinese} {
		v := reflect.ValueOf(w)
		for i := range v.NumField() {
			field := v.Type().Field(i).Name
			if v.Field(i).IsZero() {
				t.Errorf("%s lacks %s", name, field)
			}
			if v.Field(i).Kind() != reflect.String {
				continue
			}
			// A format takes the same values in every language.
			if a, b := verbs(v.Field(i).String()), verbs(reflect.ValueOf(english).Field(i).String()); a != b {
				t.Errorf("%s: %s formats %s, English %s", name, field, a, b)
			}
		}
		for _, s := range verdict.Statuses() {
			if w.Status[s] == "" {
				t.Errorf("%s lacks the status %s", name, s)
			}
		}
		for _, s := range verdict.Severities() {
			if w.Severity[s] == "" {
				t.Errorf("%s lacks the severity %s", name, s)
			}
		}
		for _, k := range verdict.MomentKinds() {
			if w.Moment[k] == "" {
				t.Errorf("%s lacks the moment %s", name, k)
			}
		}
	}
}

func verbs(s string) string {
	var out strings.Builder
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '%' {
			out.WriteString(s[i : i+2])
		}
	}
	return out.String()
}
