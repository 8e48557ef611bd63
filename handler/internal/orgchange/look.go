package orgchange

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// parallelRows bounds the rows written at once.
const parallelRows = 8

// look looks at everything that waits. Rows that somebody took before and left
// are looked at again: they were killed, or failed.
func (i *Inbox) look(ctx context.Context) error {
	rows, err := i.Book.Pending(ctx)
	if err != nil {
		return fmt.Errorf("orgchange: list what waits: %w", err)
	}
	taken, err := i.take(ctx, rows)
	if err != nil || len(taken) == 0 {
		return err
	}
	hints := hintsOf(taken)
	if len(hints.Workers) > mostWorkers {
		if err := i.Book.DemandReading(ctx, i.Now()); err != nil {
			return fmt.Errorf("orgchange: ask for a reading: %w", err)
		}
		hints.Workers = nil
	}
	seen, err := i.Looker.RunHinted(ctx, "", hints)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			i.Log.InfoContext(ctx, "nothing to look at yet", "err", err)
			return i.drop(ctx, taken) // the first run of everything looks at all
		}
		return fmt.Errorf("orgchange: look at %d subjects: %w", len(taken), err)
	}
	if err := i.askAgain(ctx, taken, seen.Unknown); err != nil {
		return err
	}
	return i.drop(ctx, taken)
}

// take marks the rows, so that hints that come from now on are not taken for
// those that are being looked at. One that was written meanwhile is left to its
// own message.
func (i *Inbox) take(ctx context.Context, rows map[string]*ledger.Pending) ([]*ledger.Pending, error) {
	now := i.Now().UTC()
	left := make([]bool, len(rows))
	all := make([]*ledger.Pending, 0, len(rows))
	writes, writing := errgroup.WithContext(ctx)
	writes.SetLimit(parallelRows)
	for _, row := range rows {
		n := len(all)
		all = append(all, row)
		writes.Go(func() error {
			row.Taken = now
			err := i.Book.SavePending(writing, row)
			if left[n] = fault.Is(err, fault.Conflict); left[n] {
				return nil
			}
			return err
		})
	}
	if err := writes.Wait(); err != nil {
		return nil, fmt.Errorf("orgchange: take what waits: %w", err)
	}
	var taken []*ledger.Pending
	for n, row := range all {
		if !left[n] {
			taken = append(taken, row)
		}
	}
	return taken, nil
}

// drop deletes the rows that were looked at and that nobody wrote since.
func (i *Inbox) drop(ctx context.Context, taken []*ledger.Pending) error {
	writes, writing := errgroup.WithContext(ctx)
	writes.SetLimit(parallelRows)
	for _, row := range taken {
		writes.Go(func() error {
			if err := i.Book.DropPending(writing, row); !fault.Is(err, fault.Conflict) {
				return err
			}
			return nil
		})
	}
	if err := writes.Wait(); err != nil {
		return fmt.Errorf("orgchange: drop what was looked at: %w", err)
	}
	return nil
}

// askAgain has workers looked at again of whom Commerce showed nothing.
func (i *Inbox) askAgain(ctx context.Context, taken []*ledger.Pending, unknown []org.PersonnelNumber) error {
	for _, worker := range unknown {
		h := hint.Hint{Kind: hint.Worker, Key: string(worker)}
		n := slices.IndexFunc(taken, func(p *ledger.Pending) bool { return p.Subject == subject(h) })
		if n < 0 || taken[n].Tries >= unknownTries {
			continue
		}
		h.Attempt = taken[n].Tries + 1
		if err := i.Queue.SendAt(ctx, h, i.Now().Add(unknownDelay<<taken[n].Tries)); err != nil {
			return fmt.Errorf("orgchange: ask for a worker again: %w", err)
		}
	}
	return nil
}

// hintsOf is what rows are about.
func hintsOf(rows []*ledger.Pending) orgsync.Hints {
	hints := orgsync.Hints{Everything: len(rows) > most}
	for _, row := range rows {
		kind, id, _ := strings.Cut(row.Subject, ":")
		switch hint.Kind(kind) {
		case hint.Store:
			hints.Stores = append(hints.Stores, org.StoreNumber(id))
		case hint.Group:
			hints.Groups = append(hints.Groups, org.TeamID(id))
		case hint.Worker:
			hints.Workers = append(hints.Workers, org.PersonnelNumber(id))
		case hint.User:
			if user, err := org.ParseUserID(id); err == nil { // what is none is of no use
				hints.Users = append(hints.Users, user)
			}
		default:
			hints.Everything = true
		}
	}
	return hints
}
