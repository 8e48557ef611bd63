package orgsync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

const (
	// echoTime is how long after a write of ours the feed may still be telling
	// us about it.
	echoTime = time.Hour

	// parallelWrites bounds how many rows are written at once.
	parallelWrites = 8
)

// groupFeed applies one reading of the group feed to the mirror. Groups that
// have nothing to do with us are passed over.
type groupFeed struct {
	world  *world
	full   bool   // the reading shows every group of the tenant
	prefix string // of this instance's markers
	canary string // the marker of a group of ours that is no team
	now    time.Time
	mapped map[org.TeamID]bool

	shown map[org.TeamID]bool          // every group of interest the reading has shown
	dirty map[org.TeamID]*ledger.Group // to be read whole: something changed that the feed does not show in full
	save  map[org.TeamID]*ledger.Group // to be saved
}

func newGroupFeed(w *world, instance string, full bool, now time.Time) *groupFeed {
	f := &groupFeed{
		world: w, full: full, prefix: org.MarkerPrefix + instance + "-", canary: org.CanaryMarker(instance), now: now,
		mapped: map[org.TeamID]bool{}, shown: map[org.TeamID]bool{},
		dirty: map[org.TeamID]*ledger.Group{}, save: map[org.TeamID]*ledger.Group{},
	}
	for _, m := range storeMappings(w.snapshot.Mappings) {
		if m.Team != "" {
			f.mapped[m.Team] = true
		}
	}
	for _, link := range w.links {
		f.mapped[link.Group] = true
	}
	return f
}

// readGroupFeed brings the mirrored groups up to date.
func (s *Syncer) readGroupFeed(ctx context.Context, w *world, run *ledger.Run) error {
	cursor, err := s.Book.Cursor(ctx, ledger.GroupFeed)
	if err != nil {
		return fmt.Errorf("orgsync: read the group feed's cursor: %w", err)
	}
	began := time.Now()
	link := cursor.From(began)
	feed := newGroupFeed(w, s.settings.Rules.Instance, link == "", began)
	next, err := s.Directory.GroupChanges(ctx, link, feed.apply)
	if fault.Is(err, fault.Gone) {
		// What the dead cursor brought before it died does not count.
		if w.groups, err = s.Book.Groups(ctx); err != nil {
			return fmt.Errorf("orgsync: read the mirror again: %w", err)
		}
		feed = newGroupFeed(w, s.settings.Rules.Instance, true, began)
		next, err = s.Directory.GroupChanges(ctx, "", feed.apply)
	}
	if err != nil {
		return fmt.Errorf("orgsync: read the group feed: %w", err)
	}
	feed.finish()
	if err := s.readWhole(ctx, feed, run); err != nil {
		return err
	}
	if err := s.saveGroups(ctx, feed.save); err != nil {
		return err
	}
	cursor.Link, cursor.At = next, began
	if err := s.Book.SaveCursor(ctx, ledger.GroupFeed, &cursor); err != nil {
		return fmt.Errorf("orgsync: save the group feed's cursor: %w", err)
	}
	return nil
}

// apply takes one entry of the feed.
func (f *groupFeed) apply(c GroupChange) error {
	g := f.world.groups[c.ID]
	if g == nil {
		ours := f.mapped[c.ID] || c.Marker != nil && strings.HasPrefix(*c.Marker, f.prefix) && *c.Marker != f.canary
		if !ours || c.Removed {
			return nil
		}
		g = f.begin(c.ID)
		set(&g.Marker, c.Marker)
	}
	f.shown[c.ID] = true
	if c.Removed {
		if !g.Gone {
			g.Gone = true
			f.save[c.ID] = g
		}
		return nil
	}
	// A full reading lists members but not who is missing, so nothing in it is
	// taken for an echo.
	echo := !f.full && !g.Gone && !g.Unread && f.now.Sub(g.Written) <= echoTime && tellsNothingNew(g, c)
	if !echo {
		f.dirty[c.ID] = g
	}
	return nil
}

// begin puts a group into the mirror that was not there yet.
func (f *groupFeed) begin(id org.TeamID) *ledger.Group {
	g := &ledger.Group{ID: id, Unread: true}
	f.world.groups[id] = g
	f.dirty[id] = g
	return g
}

// tellsNothingNew reports whether the mirror knows all that an entry says.
func tellsNothingNew(g *ledger.Group, c GroupChange) bool {
	return same(g.Marker, c.Marker) && same(g.Name, c.Name) && same(g.Unified, c.Unified) &&
		same(g.Dynamic, c.Dynamic) && same(g.OnPremises, c.OnPremises) && same(g.HasTeam, c.HasTeam) &&
		linksKnown(g, c.Members, org.Member) && linksKnown(g, c.Owners, org.Owner)
}

func same[T comparable](value T, mentioned *T) bool { return mentioned == nil || *mentioned == value }

func linksKnown(g *ledger.Group, changes []MemberChange, role org.Role) bool {
	for _, c := range changes {
		has, present := g.People.Role(c.User)
		if present := present && has >= role; present == c.Removed {
			return false
		}
	}
	return true
}

// finish draws the conclusions of a reading that came to its end.
func (f *groupFeed) finish() {
	for id, g := range f.world.groups {
		switch {
		case f.full && !g.Gone && !f.shown[id]:
			g.Gone = true
			f.save[id] = g
		case g.Again && !g.Gone:
			f.dirty[id] = g
		}
	}
	for id := range f.mapped {
		if f.world.groups[id] == nil { // passed by an earlier reading, before it was mapped
			f.begin(id)
		}
	}
}

// readWhole reads the groups of which the feed showed a change. What cannot be
// read now is kept as it was and read again in the next run.
func (s *Syncer) readWhole(ctx context.Context, feed *groupFeed, run *ledger.Run) error {
	if len(feed.dirty) == 0 {
		return nil
	}
	unknown, err := s.readGroups(ctx, feed, feed.dirty, run)
	if err != nil || len(unknown) == 0 {
		return err
	}
	// Commerce maps stores to groups that the service does not know. A replica
	// that lags answers the same, and taking its word would make a second team:
	// so two witnesses are asked, the full feed or, after a while, it again.
	if !feed.full {
		if err := pause(ctx, s.settings.GroupRetryInterval); err != nil {
			return err
		}
		if unknown, err = s.readGroups(ctx, feed, unknown, run); err != nil {
			return err
		}
	}
	for _, g := range unknown {
		g.Gone, g.Unread = true, false
	}
	return nil
}

// readGroups reads groups into the mirror. It returns those nobody knows: they
// were not read before, the feed did not show them, and the service has no such
// id.
func (s *Syncer) readGroups(ctx context.Context, feed *groupFeed, groups map[org.TeamID]*ledger.Group, run *ledger.Run) (map[org.TeamID]*ledger.Group, error) {
	read, failed, err := s.Directory.Groups(ctx, slices.Collect(maps.Keys(groups)))
	if err != nil {
		return nil, fmt.Errorf("orgsync: read changed groups: %w", err)
	}
	unknown := map[org.TeamID]*ledger.Group{}
	for id, g := range groups {
		feed.save[id] = g
		whole, there := read[id]
		switch {
		case there:
			mirror(g, whole)
			continue
		case failed[id] != nil:
			countFailure(run, "read group", failed[id])
			note(run, "failed", org.TeamKey{}, fmt.Sprintf("read group %s: %v", id, failed[id]))
			s.Log.WarnContext(ctx, "group not read", "run", run.ID, "group", string(id), "err", failed[id])
		case g.Unread && !feed.shown[id]:
			unknown[id] = g
		}
		g.Again = true
	}
	return unknown, nil
}

// mirror makes a mirrored group equal to one that was read whole.
func mirror(g *ledger.Group, whole Group) {
	g.Marker, g.Name = whole.Marker, whole.Name
	g.Unified, g.Dynamic, g.OnPremises, g.HasTeam = whole.Unified, whole.Dynamic, whole.OnPremises, whole.HasTeam
	g.Gone, g.Missed, g.Unread, g.Again = false, 0, false, false
	g.People = nil
	for _, person := range whole.People {
		if role, there := g.People.Role(person.User); !there || person.Role > role {
			g.People.Set(person.User, person.Role)
		}
	}
}

func (s *Syncer) saveGroups(ctx context.Context, groups map[org.TeamID]*ledger.Group) error {
	writes, ctx := errgroup.WithContext(ctx)
	writes.SetLimit(parallelWrites)
	for _, g := range groups {
		writes.Go(func() error { return s.Book.SaveGroup(ctx, g) })
	}
	if err := writes.Wait(); err != nil {
		return fmt.Errorf("orgsync: save the mirror: %w", err)
	}
	return nil
}

// storeMappings are the mappings of stores. One without a team could not be
// read: it names a store whose team exists, and not which it is.
func storeMappings(all []org.Mapping) []org.Mapping {
	var stores []org.Mapping
	for _, m := range all {
		if strings.EqualFold(m.SourceType, "RetailStore") && m.SourceID != "" {
			stores = append(stores, m)
		}
	}
	return stores
}
