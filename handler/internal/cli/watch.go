package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/storeteams/storeteams/handler/internal/progress"
)

// quiet is how long a watch off a terminal says nothing while the same goes on.
const quiet = 15 * time.Second

// watch shows how far the app is: on a terminal by a bar that moves, elsewhere
// by a line when it does something else and now and then.
type watch struct {
	out      io.Writer
	terminal bool

	started time.Time
	now     progress.Progress
	bar     *progressbar.ProgressBar

	said time.Time // when the last line was written
}

func (s *seat) newWatch() *watch {
	return &watch{out: s.Stderr, terminal: s.IsTerminal(s.Stderr)}
}

// show takes the newest progress.
func (w *watch) show(p progress.Progress) {
	if p.Doing == "" {
		p.Doing = "working"
	}
	if w.started.IsZero() {
		w.started = time.Now()
	}
	before := w.now
	w.now = p
	switch {
	case w.terminal:
		w.draw(before)
	case p.Doing != before.Doing || p != before && time.Since(w.said) >= quiet:
		w.say()
	}
}

// beat is called every second between two answers.
func (w *watch) beat() {
	switch {
	case w.terminal && w.bar != nil:
		w.bar.Describe(w.words())
	case !w.terminal && time.Since(w.said) >= quiet:
		w.say()
	}
}

// end clears the bar away. The answer follows.
func (w *watch) end() {
	if w.bar != nil {
		_ = w.bar.Clear() // a terminal that cannot be written to is noticed by the answer
		w.bar = nil
	}
}

// draw shows the progress as a bar, a new one for each thing that is done.
func (w *watch) draw(before progress.Progress) {
	if w.bar == nil || w.now.Doing != before.Doing || w.now.Total != before.Total {
		w.end()
		w.bar = w.newBar()
	}
	w.bar.Describe(w.words())
	if w.now.Total > 0 {
		_ = w.bar.Set(min(w.now.Done, w.now.Total)) // as above
	}
}

func (w *watch) newBar() *progressbar.ProgressBar {
	total := w.now.Total
	if total <= 0 {
		total = -1
	}
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w.out),
		progressbar.OptionSetWidth(30),
		progressbar.OptionSetElapsedTime(false), // since this bar began; words says it since the command did
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine: beat moves it
		progressbar.OptionSpinnerType(14),
	)
}

// say writes the progress as a line.
func (w *watch) say() {
	w.said = time.Now()
	fmt.Fprintln(w.out, w.words()+w.count())
}

// words says what is being done, and since when somebody waits.
func (w *watch) words() string {
	return fmt.Sprintf("%s (%s)", w.now.Doing, time.Since(w.started).Round(time.Second))
}

func (w *watch) count() string {
	if w.now.Total <= 0 {
		return ""
	}
	return fmt.Sprintf(": %s of %s", thousands(w.now.Done), thousands(w.now.Total))
}
