package sequence

import (
	"slices"
	"testing"
)

// FuzzParse: what is read is written and read as the same.
func FuzzParse(f *testing.F) {
	f.Add("init 0   # iv_cs_init\nplan 2\nstart 17\nbreak 4\nexit\n")
	f.Add("# nothing\n\nwait -1")
	f.Fuzz(func(t *testing.T, text string) {
		ops, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(Text(ops)); err != nil || !slices.Equal(again, ops) {
			t.Errorf("%v became %v, %v", ops, again, err)
		}
	})
}
