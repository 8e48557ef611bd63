package orgsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// Hints name what somebody said has changed. They may be wrong, and are never all
// there is: each says where to look, and nothing else.
type Hints struct {
	Stores  []org.StoreNumber
	Groups  []org.TeamID
	Users   []org.UserID
	Workers []org.PersonnelNumber // their rows in Commerce are read

	Everything bool // every team: something may have been missed

	unknown []org.PersonnelNumber // workers of whom there was no row
}

// ErrBusy says that another run is at it. Ask again a little later.
var ErrBusy = fault.Newf(fault.Conflict, "orgsync: look where hints say", "another run is under way")

// Seen is what a hinted run found.
type Seen struct {
	Run     *ledger.Run
	Unknown []org.PersonnelNumber // workers of whom Commerce showed no row, perhaps not yet
}

// RunHinted looks at what hints name, under the same rails as a run of everything:
// it reads the tenant's changes and what Commerce states of leaves, adds to the
// last snapshot the rows of the workers hinted at, and carries out what is due in
// the teams concerned. It reads no snapshot of its own, so what is missing in
// Commerce is never concluded from it. Before there is a first snapshot it does
// nothing: the timer's first run looks at everything.
//
// [ErrBusy]: a run of everything is under way, or another of these.
func (s *Syncer) RunHinted(ctx context.Context, invocation string, hints Hints) (Seen, error) {
	run, err := s.run(ctx, "OrgChanged", invocation, scope{hints: &hints})
	return Seen{Run: run, Unknown: hints.unknown}, err
}

// teams returns the teams that the hints are about: as linked, as wanted, or
// because something is due there about somebody hinted at; nil: all.
func (h *Hints) teams(w *world, p plan.Plan) map[org.TeamKey]bool {
	if h.Everything {
		return nil
	}
	groups, users, stores := setOf(h.Groups), setOf(h.Users), map[string]bool{}
	for _, number := range h.Stores {
		stores[number.Folded()] = true
	}
	if len(h.Workers) > 0 {
		for _, user := range org.AccountsOf(w.snapshot, w.users.Org(), h.Workers, time.Now()) {
			users[user] = true
		}
	}
	concerned := map[org.TeamKey]bool{}
	for key, link := range w.links {
		if groups[link.Group] || key.IsStore() && stores[key.Store.Folded()] {
			concerned[key] = true
		}
	}
	for _, team := range w.roster.Teams {
		if team.Key.IsStore() && stores[team.Key.Store.Folded()] {
			concerned[team.Key] = true
		}
	}
	for _, c := range p.Changes {
		if users[c.User] || groups[c.Group] {
			concerned[c.Team] = true
		}
	}
	return concerned
}

func setOf[T comparable](all []T) map[T]bool {
	set := make(map[T]bool, len(all))
	for _, one := range all {
		set[one] = true
	}
	return set
}

// readSource brings up to date what Commerce says, as far as a run of this scope
// needs it.
func (s *Syncer) readSource(ctx context.Context, w *world, run *ledger.Run, of scope) error {
	if of.hints == nil {
		return s.refreshSource(ctx, w, run)
	}
	defer func() { run.SnapshotAt, run.Short = w.snapshot.ReadAt, w.source.Short }()
	if w.snapshot.ReadAt.IsZero() {
		return fault.Newf(fault.NotFound, "orgsync: look where hints say", "no run has read Commerce yet")
	}
	if err := s.readWorkers(ctx, w, run, of.hints); err != nil {
		return err
	}
	return s.readStatements(ctx, w, run, time.Now())
}

// readWorkers adds the rows of the workers hinted at to the snapshot, and keeps
// it, so that no run before the next reading takes them for gone again. Should
// Commerce not answer, the next reading tells.
func (s *Syncer) readWorkers(ctx context.Context, w *world, run *ledger.Run, hints *Hints) error {
	if len(hints.Workers) == 0 {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, statementPatience)
	defer cancel()
	found, err := s.Commerce.Workers(asking, hints.Workers)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("orgsync: read the workers hinted at: %w", ctx.Err())
	case err != nil:
		note(run, "unread", org.TeamKey{}, fmt.Sprintf("%d workers hinted at could not be read (%s); the next snapshot tells", len(hints.Workers), fault.KindOf(err)))
		s.Log.WarnContext(ctx, "workers hinted at not read", "run", run.ID, "workers", len(hints.Workers), "err", err)
		return nil
	}
	for _, worker := range hints.Workers {
		if !slices.ContainsFunc(found.ChannelWorkers, func(r org.ChannelWorker) bool { return r.Worker == worker }) {
			hints.unknown = append(hints.unknown, worker)
		}
	}
	before := w.snapshot
	w.snapshot = before.With(org.Update{Found: &found})
	if w.snapshot.SameRows(before) {
		return nil
	}
	return s.Book.SaveSnapshot(ctx, w.snapshot, w.snapshotVersion)
}

// Of the lease of the whole organization.
const (
	// hintedOwner begins the name under which a hinted run holds it.
	hintedOwner = "OrgChanged/"

	// hintedPatience is how long another run waits for a hinted one to end. They
	// take seconds; one that was killed holds the lease for a minute.
	hintedPatience = 90 * time.Second

	hintedPause = 2 * time.Second
)

// takeOrganization keeps runs in different instances of the app out of each
// other's way, as far as hinted ones are concerned: they come every few seconds
// when much changes, and would else spoil the readings of every long run. A
// hinted run gives way with ErrBusy; any other waits until the hinted one has
// ended, and keeps new ones from beginning. Two that are not hinted do not wait
// for each other: each write is conditional, and one of the two gives up.
func (s *Syncer) takeOrganization(ctx context.Context, run *ledger.Run) (leased context.Context, release func(), err error) {
	owner := run.ID
	if run.Hinted {
		owner = hintedOwner + run.ID
	}
	for began := time.Now(); ; {
		leased, done, err := s.lease(ctx, ledger.TheOrganization, owner)
		switch {
		case err == nil && run.Hinted:
			return leased, done, nil
		case err == nil:
			return ctx, done, nil // losing it costs at most a conflict
		case !errors.Is(err, errWaiting):
			return nil, nil, fmt.Errorf("orgsync: begin: %w", err)
		case run.Hinted:
			return nil, nil, ErrBusy
		}
		holder, err := s.Book.LeaseOwner(ctx, ledger.TheOrganization, time.Now())
		if err != nil {
			return nil, nil, fmt.Errorf("orgsync: begin: %w", err)
		}
		if !strings.HasPrefix(holder, hintedOwner) && holder != "" || time.Since(began) > hintedPatience {
			return ctx, func() {}, nil
		}
		if err := pause(ctx, hintedPause); err != nil {
			return nil, nil, err
		}
	}
}
