package tasklist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// tries is how often the board is looked at again because somebody changed what
// had just been read.
const tries = 3

// How often figures are written on a Send task, and how soon a look at a board
// with campaigns under way wants to be followed by another.
const (
	refresh          = 5 * time.Minute
	spreadingRefresh = 30 * time.Second // while stores are being told, so that people see it go on
	spreadingLasts   = time.Hour        // a store that did not take the list by then takes it whenever it can
)

// Parts are what an Engine works with. All but Log and Now are needed.
type Parts struct {
	Teams     tasksync.Side
	Boards    tasksync.Boards
	Queue     tasksync.Queue
	Book      tasksync.Book
	Directory func(context.Context) (tasksync.Directory, error)
	Log       *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Settings are what an operator chose. Zero values are the defaults.
type Settings struct {
	SendWord         string        // the title that sends a list; default "Send"
	BoardTitle       string        // the communications board's title; default "Campaigns"
	SightingInterval time.Duration // between the two sightings of an absence; default 15 minutes
	ClaimPatience    time.Duration // how long a board of unknown outcome is looked for before another is made; default 5 minutes
}

// Engine sends lists. It is safe for concurrent use.
type Engine struct {
	Parts
	settings Settings
}

// New returns an engine.
func New(p Parts, s Settings) *Engine {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	s.SendWord = cmp.Or(s.SendWord, "Send")
	s.BoardTitle = cmp.Or(s.BoardTitle, "Campaigns")
	s.SightingInterval = cmp.Or(s.SightingInterval, 15*time.Minute)
	s.ClaimPatience = cmp.Or(s.ClaimPatience, 5*time.Minute)
	return &Engine{Parts: p, settings: s}
}

// Settle looks at the communications board: what a hint of the kind List leads
// to. It may be called at any time and as often as one likes. What goes wrong
// with one list is part of the error and costs no other; fault.Conflict: somebody
// kept changing what was read.
func (e *Engine) Settle(ctx context.Context) (tasksync.Settled, error) {
	for try := 1; ; try++ {
		l, err := e.look(ctx)
		if err != nil {
			return tasksync.Settled{}, fmt.Errorf("tasks: settle lists: %w", err)
		}
		if l.moved && try < tries {
			continue
		}
		if err := errors.Join(l.errs...); err != nil {
			return tasksync.Settled{}, fmt.Errorf("tasks: settle lists: %w", err)
		}
		return tasksync.Settled{Again: l.again}, nil
	}
}

// failed notes what went wrong with one list.
func (l *look) failed(campaign string, err error) {
	if err == nil {
		return
	}
	if fault.Is(err, fault.Conflict) {
		l.moved = true
	}
	l.errs = append(l.errs, fmt.Errorf("list %s: %w", campaign, err))
}

// lookAgain asks for another look, soon enough for everybody who asks.
func (l *look) lookAgain(in time.Duration) {
	if in > 0 && (l.again == 0 || in < l.again) {
		l.again = in
	}
}
