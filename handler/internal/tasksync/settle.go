package tasksync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// settleTries is how often a store is looked at again because somebody changed
// what had just been read.
const settleTries = 4

// Parts are what a Settler works with. All but Renewed, Log and Now are needed.
type Parts struct {
	Teams     Side
	Commerce  Side
	Boards    Boards
	Book      Book
	Directory func(context.Context) (Directory, error)
	Renewed   func(context.Context) (Directory, error) // a newer one than that may be, for who was not found in it; nil: there is none
	Log       *slog.Logger
	Now       func() time.Time // nil: time.Now

	// Changed is told of each change that was carried out. Nil: nobody is.
	Changed func(ctx context.Context, kind string)
}

// Settings are what an operator chose.
type Settings struct {
	// Linked says that Commerce's own integration is on: the board is the one it
	// linked, which must not be made, and the point of sale reads it there.
	Linked bool

	BoardTitle         string        // the store boards' title
	SightingInterval   time.Duration // between the two sightings of an absence
	ClaimPatience      time.Duration // how long a creation of unknown outcome is looked for before it is tried again
	BoardKeep          time.Duration // how long done campaigns stay on a board
	DetailsInterval    time.Duration // how long a task's details are taken for unchanged
	MaxDeletions       int           // of tasks in 24 hours, on all boards
	MaxDeletionPercent int           // of a campaign's tasks in a store, at once
}

// Settler makes both sides of tasks equal. It is safe for concurrent use.
type Settler struct {
	Parts
	settings Settings
}

// New returns a settler.
func New(p Parts, s Settings) *Settler {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return &Settler{Parts: p, settings: s}
}

// Settled is what came of a look.
type Settled struct {
	// Again is how soon to look again at the whole store although nobody may hint
	// at it: an absence waits for its second sighting, say. 0: need not.
	Again time.Duration
}

// errMoved says that somebody changed what the look was about while it went on.
var errMoved = errors.New("changed meanwhile")

// SettleTask looks at one task of a store. The key is a hint's: the task's id on
// either side. A task nobody knows makes it a look at the whole store.
func (s *Settler) SettleTask(ctx context.Context, store org.StoreNumber, key string) (Settled, error) {
	return s.settle(ctx, store, func(v *visit) error { return v.one(ctx, key) })
}

// SettleStore looks at everything in a store. A fault.NotFound: there is no open
// store of that number, or it has no team.
func (s *Settler) SettleStore(ctx context.Context, store org.StoreNumber) (Settled, error) {
	return s.settle(ctx, store, func(v *visit) error { return v.whole(ctx) })
}

func (s *Settler) settle(ctx context.Context, number org.StoreNumber, look func(*visit) error) (Settled, error) {
	op := "tasks: settle store " + string(number)
	store, directory, err := s.find(ctx, number)
	if err != nil {
		return Settled{}, fmt.Errorf("%s: %w", op, err)
	}
	for range settleTries {
		v, err := s.visit(ctx, store, directory)
		if err == nil {
			err = look(v)
		}
		switch {
		case errors.Is(err, errMoved), fault.Is(err, fault.Conflict):
			continue
		case err != nil:
			return Settled{}, fmt.Errorf("%s: %w", op, err)
		}
		return Settled{Again: v.again}, nil
	}
	return Settled{}, fault.Newf(fault.Conflict, op, "what was read was changed meanwhile, %d times in a row", settleTries)
}

// find finds a store. One that the directory does not have may have opened since
// that was made.
func (s *Settler) find(ctx context.Context, number org.StoreNumber) (Store, Directory, error) {
	for _, made := range []func(context.Context) (Directory, error){s.Directory, s.Renewed} {
		if made == nil {
			continue
		}
		directory, err := made(ctx)
		if err != nil {
			return Store{}, nil, err
		}
		if store, ok := directory.Store(number); ok {
			return store, directory, nil
		}
	}
	return Store{}, nil, fault.New(fault.NotFound, "find the store", ErrUnknownStore)
}

// Allow lets happen, in a store, what is held because much was gone at once. It
// holds for a day.
func (s *Settler) Allow(ctx context.Context, number org.StoreNumber) error {
	row, err := s.Book.Board(ctx, number)
	if err != nil {
		return err
	}
	if len(row.Held) == 0 {
		return fault.Newf(fault.NotFound, "tasks: allow in store "+string(number), "nothing is held there")
	}
	row.Allowed = map[string]time.Time{}
	for _, held := range row.Held {
		row.Allowed[held] = s.Now()
	}
	return s.Book.SaveBoard(ctx, row)
}
