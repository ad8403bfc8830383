package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/ivcs/conform/clock"
)

// patience is the machine time in which a page is to show what it should.
const patience = time.Minute

// aBrowser is a headless Chromium with one page open.
type aBrowser struct {
	t   *testing.T
	ctx context.Context
}

// browse opens a browser.
func browse(t *testing.T) *aBrowser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		t.Fatal("chromium is missing; ./do test installs Debian's packages chromium and fonts-dejavu-core")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1280, 900))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	// What a newer Chromium adds to its protocol is none of the test's business.
	ctx, leave := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(leave)
	return &aBrowser{t, ctx}
}

// do carries out actions, within the patience.
func (b *aBrowser) do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	// The first call starts the browser, which lives as long as the context of that call.
	if chromedp.FromContext(b.ctx).Browser == nil {
		if err := chromedp.Run(b.ctx); err != nil {
			b.t.Fatalf("start chromium: %v", err)
		}
	}
	ctx, cancel := new(clock.Clock).WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// click clicks what a selector names, as a person does.
func (b *aBrowser) click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

// run runs a statement on the page.
func (b *aBrowser) run(what, statement string) {
	b.t.Helper()
	b.do(what, chromedp.Evaluate(statement, nil))
}

// ask evaluates an expression.
func ask[T any](b *aBrowser, expression string) (value T) {
	b.t.Helper()
	b.do(expression, chromedp.Evaluate(expression, &value))
	return value
}

// until waits until an expression is true; evidence is what is told when it does
// not become so.
func (b *aBrowser) until(what, expression, evidence string) {
	b.t.Helper()
	ctx, cancel := new(clock.Clock).WithTimeout(b.ctx, patience)
	defer cancel()
	for !ask[bool](b, "Boolean("+expression+")") {
		if clock.Machine(ctx, 50*time.Millisecond) != nil {
			b.t.Fatalf("waited %v for %s; %s: %v", patience, what, evidence, ask[any](b, evidence))
		}
	}
}

// shows waits for a text on the page.
func (b *aBrowser) shows(selector, text string) {
	b.t.Helper()
	element := fmt.Sprintf("document.querySelector(%q)?.textContent", selector)
	b.until(fmt.Sprintf("%s to say %q", selector, text), fmt.Sprintf("%s?.includes(%q)", element, text), element)
}

// screen sets the size of the window and the colours that the user prefers.
func (b *aBrowser) screen(width, height int64, scheme string) {
	b.t.Helper()
	b.do("emulate", chromedp.EmulateViewport(width, height),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

// picture keeps a picture of the whole page as an artefact.
func (b *aBrowser) picture(name string) []byte {
	b.t.Helper()
	var png []byte
	b.do("picture", chromedp.Evaluate("scrollTo(0, 0)", nil), chromedp.FullScreenshot(&png, 100))
	path := filepath.Join(b.t.ArtifactDir(), name)
	if err := os.WriteFile(path, png, 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.t.Logf("%s: %d kB", path, len(png)/1000)
	return png
}

// fits fails if the page scrolls sideways, and names what is too wide.
func (b *aBrowser) fits() {
	b.t.Helper()
	wide := ask[[]string](b, `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
		.filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + '#' + e.id + '.' + e.className)`)
	if len(wide) > 0 {
		b.t.Errorf("the page scrolls sideways: %s", strings.Join(wide, " "))
	}
}
