package orgsync

import (
	"context"
	"fmt"
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
	prefix string // of this instance's markers
	now    time.Time
	mapped map[org.TeamID]bool

	shown map[org.TeamID]bool          // every group of interest the reading has shown
	dirty map[org.TeamID]*ledger.Group // to be read whole: something changed that the feed does not show in full
	save  map[org.TeamID]*ledger.Group // to be saved
}

func newGroupFeed(w *world, instance string, now time.Time) *groupFeed {
	f := &groupFeed{
		world: w, prefix: org.MarkerPrefix + instance + "-", now: now,
		mapped: map[org.TeamID]bool{}, shown: map[org.TeamID]bool{},
		dirty: map[org.TeamID]*ledger.Group{}, save: map[org.TeamID]*ledger.Group{},
	}
	for _, m := range storeMappings(w.snapshot.Mappings) {
		f.mapped[m.Team] = true
	}
	for _, link := range w.links {
		f.mapped[link.Group] = true
	}
	return f
}

// readGroupFeed brings the mirrored groups up to date.
func (s *Syncer) readGroupFeed(ctx context.Context, w *world) error {
	cursor, err := s.Book.Cursor(ctx, ledger.GroupFeed)
	if err != nil {
		return fmt.Errorf("orgsync: read the group feed's cursor: %w", err)
	}
	began := time.Now()
	feed := newGroupFeed(w, s.settings.Rules.Instance, began)
	next, err := s.Directory.GroupChanges(ctx, cursor.Link, feed.apply)
	full := cursor.Link == ""
	if fault.Is(err, fault.Gone) {
		feed, full = newGroupFeed(w, s.settings.Rules.Instance, began), true
		next, err = s.Directory.GroupChanges(ctx, "", feed.apply)
	}
	if err != nil {
		return fmt.Errorf("orgsync: read the group feed: %w", err)
	}
	feed.finish(full)
	if err := s.readWhole(ctx, feed); err != nil {
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
		ours := f.mapped[c.ID] || c.Marker != nil && strings.HasPrefix(*c.Marker, f.prefix)
		if !ours || c.Removed {
			return nil
		}
		g = &ledger.Group{ID: c.ID}
		f.world.groups[c.ID] = g
		f.dirty[c.ID] = g
	}
	f.shown[c.ID] = true
	if c.Removed {
		if !g.Gone {
			g.Gone = true
			f.save[c.ID] = g
		}
		return nil
	}
	known := !g.Gone && f.tellsNothingNew(g, c)
	if !known || f.now.Sub(g.Written) > echoTime {
		f.dirty[c.ID] = g
	}
	return nil
}

// tellsNothingNew reports whether the mirror knows all that an entry says.
func (f *groupFeed) tellsNothingNew(g *ledger.Group, c GroupChange) bool {
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

// finish draws the conclusions a whole reading allows.
func (f *groupFeed) finish(full bool) {
	for id, g := range f.world.groups {
		if full && !g.Gone && !f.shown[id] {
			g.Gone = true
			f.save[id] = g
		}
	}
	// Mapped groups that the feed passed in an earlier reading, before they
	// were mapped.
	for id := range f.mapped {
		if f.world.groups[id] == nil {
			g := &ledger.Group{ID: id}
			f.world.groups[id] = g
			f.dirty[id] = g
		}
	}
}

// readWhole reads the groups of which the feed showed a change.
func (s *Syncer) readWhole(ctx context.Context, feed *groupFeed) error {
	if len(feed.dirty) == 0 {
		return nil
	}
	ids := make([]org.TeamID, 0, len(feed.dirty))
	for id := range feed.dirty {
		ids = append(ids, id)
	}
	read, err := s.Directory.Groups(ctx, ids)
	if err != nil {
		return fmt.Errorf("orgsync: read changed groups: %w", err)
	}
	for id, g := range feed.dirty {
		feed.save[id] = g
		whole, exists := read[id]
		if !exists {
			g.Gone = true
			continue
		}
		mirror(g, whole)
	}
	return nil
}

// mirror makes a mirrored group equal to one that was read whole.
func mirror(g *ledger.Group, whole Group) {
	g.Marker, g.Name = whole.Marker, whole.Name
	g.Unified, g.Dynamic, g.OnPremises, g.HasTeam = whole.Unified, whole.Dynamic, whole.OnPremises, whole.HasTeam
	g.Gone = false
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

// storeMappings are the mappings of stores, by number and group.
func storeMappings(all []org.Mapping) []org.Mapping {
	var stores []org.Mapping
	for _, m := range all {
		if strings.EqualFold(m.SourceType, "RetailStore") && m.SourceID != "" && m.Team != "" {
			stores = append(stores, m)
		}
	}
	return stores
}
