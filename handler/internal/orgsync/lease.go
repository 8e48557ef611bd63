package orgsync

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// renewal is how often a lease is renewed while a team's changes are under way:
// two renewals may fail before it ends.
const renewal = ledger.LeaseTime / 3

// lease takes a team for this run. Until done is called nobody else changes
// the team; should the lease be lost all the same, the context it returns ends.
// A team that another instance of the app has taken is errWaiting.
func (s *Syncer) lease(ctx context.Context, team org.TeamKey, owner string) (leased context.Context, done func(), err error) {
	held, err := s.Book.TakeLease(ctx, team, owner, time.Now())
	switch {
	case fault.Is(err, fault.Conflict):
		return nil, nil, fmt.Errorf("another instance of the app works on this team: %w", errWaiting)
	case err != nil:
		return nil, nil, err
	}
	leased, lost := context.WithCancelCause(ctx)
	end := make(chan struct{})
	var renewing sync.WaitGroup
	renewing.Go(func() {
		ticker := time.NewTicker(renewal)
		defer ticker.Stop()
		for {
			select {
			case <-end:
				return
			case <-ticker.C:
				if err := s.renew(leased, held); err != nil {
					lost(err)
					return
				}
			}
		}
	})
	return leased, func() {
		close(end)
		renewing.Wait()
		lost(nil)
		s.release(ctx, held)
	}, nil
}

// renew renews a lease. An error says that it is lost, or about to be.
func (s *Syncer) renew(ctx context.Context, held *ledger.Lease) error {
	err := s.Book.RenewLease(ctx, held, time.Now())
	if err == nil || !fault.Is(err, fault.Conflict) && time.Until(held.Expires) > renewal {
		return nil
	}
	return fmt.Errorf("orgsync: keep the lease: %w", err)
}

// release gives a lease back, also when the run is told to stop. One that
// cannot be given back ends by itself.
func (s *Syncer) release(ctx context.Context, held *ledger.Lease) {
	err := briefly(ctx, func(ctx context.Context) error { return s.Book.ReleaseLease(ctx, held) })
	if err != nil {
		s.Log.WarnContext(ctx, "lease not released", "team", held.Team.String(), "err", err)
	}
}
