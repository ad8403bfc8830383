package page

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// address is what the page's address says.
type address struct {
	device   string    // product/name; empty: the first
	from, to time.Time // window of the time line; zero: the day of the newest recording
	lang     int       // index of languages
}

// lastTime is as far as the time line reaches, the year 5138 in ms.
const lastTime = 100_000_000_000_000

// readAddress takes the query, and the language that the browser asks for.
func readAddress(r *http.Request) address {
	q := r.URL.Query()
	a := address{device: q.Get("device"), lang: preferred(r.Header.Get("Accept-Language"))}
	for i, l := range languages {
		if q.Get("lang") == l.code {
			a.lang = i
		}
	}
	from, err := strconv.ParseInt(q.Get("from"), 10, 64)
	to, err2 := strconv.ParseInt(q.Get("to"), 10, 64)
	if width := time.Duration(to-from) * time.Millisecond; err == nil && err2 == nil && from >= 0 && from < to && to <= lastTime &&
		width >= smallestWindow && width <= largestWindow {
		a.from, a.to = time.UnixMilli(from).UTC(), time.UnixMilli(to).UTC()
	}
	return a
}

// preferred is the first of the languages that Accept-Language names; English
// when it names none.
func preferred(accept string) int {
	for word := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(word), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		for i, l := range languages {
			if base == l.code {
				return i
			}
		}
	}
	return 0
}

// Query is the address again, as a query.
func (a address) Query() template.URL {
	q := url.Values{"lang": {languages[a.lang].code}}
	if a.device != "" {
		q.Set("device", a.device)
	}
	if !a.from.IsZero() {
		q.Set("from", strconv.FormatInt(a.from.UnixMilli(), 10))
		q.Set("to", strconv.FormatInt(a.to.UnixMilli(), 10))
	}
	return template.URL(q.Encode())
}

// Other is the address in the other language.
func (a address) Other() address {
	a.lang = 1 - a.lang
	return a
}

// Of is the address of another device.
func (a address) Of(device string) address {
	return address{device: device, lang: a.lang}
}

// At is the address with another window.
func (a address) At(from, to time.Time) address {
	a.from, a.to = from, to
	return a
}

// Lang is the language's code.
func (a address) Lang() string { return languages[a.lang].code }

// T says a thing in the page's language.
func (a address) T(key string) string {
	text, ok := words[key]
	if !ok {
		panic("page: no words for " + key)
	}
	return text[a.lang]
}
