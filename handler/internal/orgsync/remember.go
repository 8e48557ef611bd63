package orgsync

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// swaps is how often the shared row of takings is tried while other instances
// of the app swap it too.
const swaps = 5

// remember keeps what the rails made of a plan, before anything of it is done.
// The takings come last: once they are written, what they count may happen. If
// another instance took room meanwhile, the plan passes the rails again.
func (s *Syncer) remember(ctx context.Context, w *world, p plan.Plan, v rails.Verdict, run *ledger.Run, teams map[org.TeamKey]bool) (rails.Verdict, error) {
	for try := 1; ; try++ {
		if err := s.saveMemory(ctx, w, v); err != nil {
			return v, err
		}
		switch err := s.Book.SaveHolds(ctx, w.holds, v.Holds); {
		case fault.Is(err, fault.Invalid): // what cannot be kept cannot be allowed, and stays held
			countFailure(run, "save a hold", err)
			note(run, "failed", org.TeamKey{}, err.Error())
			s.Log.ErrorContext(ctx, "hold too large to be decided", "run", run.ID, "err", err)
		case err != nil:
			return v, fmt.Errorf("orgsync: save the holds: %w", err)
		}
		w.takings.All = booked(w.takings.All, v.Takings, teams)
		err := s.Book.SaveTakings(ctx, w.takings)
		if err == nil {
			return v, nil
		}
		if !fault.Is(err, fault.Conflict) || try == swaps {
			return v, fmt.Errorf("orgsync: save what will be taken: %w", err)
		}
		if w.takings, err = s.Book.Takings(ctx); err != nil {
			return v, fmt.Errorf("orgsync: read what was taken: %w", err)
		}
		v = s.check(w, p, time.Now())
	}
}

// booked are the takings to be kept: all, or of a run of some teams those of
// these beside the old ones of others, which it does not carry out.
func booked(old, now []rails.Taking, teams map[org.TeamKey]bool) []rails.Taking {
	if teams == nil {
		return now
	}
	of := func(t rails.Taking) bool { return teams[t.Team] }
	return slices.Concat(
		slices.DeleteFunc(slices.Clone(old), of),
		slices.DeleteFunc(slices.Clone(now), func(t rails.Taking) bool { return !of(t) }),
	)
}

// saveMemory saves the links whose memory or closing changed.
func (s *Syncer) saveMemory(ctx context.Context, w *world, v rails.Verdict) error {
	writes, writing := errgroup.WithContext(ctx)
	writes.SetLimit(parallelWrites)
	for key, link := range w.links {
		memory, spoken := v.Memory[key]
		if !spoken {
			memory = link.Rails
		}
		closing, spoken := w.closings[key]
		if !spoken {
			closing = link.Closing
		}
		if reflect.DeepEqual(memory, link.Rails) && sameClosing(closing, link.Closing) {
			continue
		}
		link.Rails, link.Closing = memory, closing
		writes.Go(func() error { return s.saveLink(writing, link) })
	}
	if err := writes.Wait(); err != nil {
		return fmt.Errorf("orgsync: save what the rails remember: %w", err)
	}
	return nil
}

// saveLink saves a link unless somebody else did meanwhile: a revocation, or
// another instance of the app. What this run would have added to it the next one
// finds out again.
func (s *Syncer) saveLink(ctx context.Context, link *ledger.Link) error {
	err := s.Book.SaveLink(ctx, link)
	if fault.Is(err, fault.Conflict) {
		s.Log.WarnContext(ctx, "link changed meanwhile", "team", link.Team.String())
		return nil
	}
	return err
}

func sameClosing(a, b rails.Closing) bool {
	return a.Sighted.Equal(b.Sighted) && a.Closed.Equal(b.Closed)
}
