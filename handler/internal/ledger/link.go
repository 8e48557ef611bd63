package ledger

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// Link ties one of our teams to its group.
type Link struct {
	Team  org.TeamKey `json:"team"`
	Group org.TeamID  `json:"group"`

	// KeepName is the name Commerce had for the store when its group was
	// adopted; empty for groups we made, and once Commerce's name changed.
	KeepName string `json:"keepName,omitempty"`

	// Attempted is when changes were last carried out or tried. Teams that
	// waited longest go first, so a bad one starves nobody.
	Attempted time.Time `json:"attempted,omitzero"`

	// Managed are the people (and roles) whom a complete snapshot wanted and who
	// were confirmed present: the only ones storeteams may ever remove.
	Managed Managed `json:"managed,omitempty"`

	// Adding are those whom a call may have added already, written before it is
	// made: should nobody live to see its answer, and they leave meanwhile, they
	// are ours to take out all the same.
	Adding Managed `json:"adding,omitempty"`

	Rails    rails.Memory  `json:"rails,omitzero"`    // what the rails remember of the team
	Closing  rails.Closing `json:"closing,omitzero"`  // of its store
	Archived time.Time     `json:"archived,omitzero"` // when we archived it; zero: we did not, whatever Teams shows
	Restored time.Time     `json:"restored,omitzero"` // when we last restored its deleted group

	etag string
}

func (l *Link) key(instance string) Key { return Key{partTeam, org.Marker(instance, l.Team)} }
func (l *Link) version() *string        { return &l.etag }

// Links returns all links by team.
func (b *Book) Links(ctx context.Context) (map[org.TeamKey]*Link, error) {
	return readAll(ctx, b, &Link{Team: noTeam}, func(l *Link) org.TeamKey { return l.Team })
}

// ReadLink returns a team's link as it is now, nil if it has none.
func (b *Book) ReadLink(ctx context.Context, key org.TeamKey) (*Link, error) {
	return readRow(ctx, b, (&Link{Team: key}).key(b.instance), &Link{Team: noTeam})
}

// SaveLink writes a link.
func (b *Book) SaveLink(ctx context.Context, l *Link) error { return saveRow(ctx, b, l) }

// lag is how long a read of Graph may show a group as it was before a change:
// members appear within minutes, seldom later. An hour errs on the side of
// remembering.
const lag = time.Hour

// Manage brings up to date whom of the team's people we may take out again, and
// in which role, and reports whether that is news.
//
// Managed becomes who is wanted and shown by the group with at least the wanted
// role, whoever added them: only both together say that Commerce put them there.
// Of those managed already
//
//   - the role is raised when the group shows the stronger one that is wanted;
//   - it is lowered only when the group shows the weaker one that is wanted too.
//     Until then they are an owner by our doing, and ours to demote;
//   - the worker is whoever is behind the entry now, shown or not: when they
//     leave, it is that worker's rows that say so;
//   - since when stays: an employment that ended before it says nothing;
//   - who is neither wanted nor shown has left, by our doing or another's, and is
//     dropped: should they come back by hand, they are an extra like any other.
//     But not within an hour of our last write or of their becoming managed,
//     because a replica that lags may not show whom we added just now, and
//     whoever is forgotten in error is never taken out;
//   - everybody else stays as they are: who is wanted and not shown was taken out
//     by hand or is about to be added, who is shown and not wanted is to be removed.
//
// A group that is gone, or was never read whole, shows nobody: it changes
// nothing. One that has to be read again may hide who is there: nobody is
// dropped.
func (l *Link) Manage(team org.Team, g *Group, now time.Time) (news bool) {
	if g.Gone || g.Unread {
		return false
	}
	news = l.confirm(g, now)
	for _, e := range team.Entries {
		before, already := l.Managed.Of(e.User)
		after, manage := managed(before, already, e, g.People, now)
		if manage && after != before {
			l.Managed.Set(after)
			news = true
		}
	}
	if g.Again || now.Sub(g.Written) <= lag {
		return news
	}
	before := len(l.Managed)
	l.Managed = slices.DeleteFunc(l.Managed, func(m org.Managed) bool {
		_, shown := g.People.Role(m.User)
		return !shown && !wants(team, m.User) && now.Sub(m.Since) > lag
	})
	return news || len(l.Managed) < before
}

func wants(team org.Team, user org.UserID) bool {
	_, ok := slices.BinarySearchFunc(team.Entries, user, func(e org.Entry, user org.UserID) int {
		return bytes.Compare(e.User[:], user[:])
	})
	return ok
}

// Ours are the managed people with those whom the group shows of whom we were
// about to add. It does not change l: Manage does.
func (l *Link) Ours(g *Group) Managed {
	ours := l.Managed
	for _, m := range l.Adding {
		_, already := ours.Of(m.User)
		role, shown := g.People.Role(m.User)
		if already || !shown {
			continue
		}
		if len(ours) == len(l.Managed) {
			ours = slices.Clone(ours)
		}
		m.Role = min(m.Role, role)
		ours.Set(m)
	}
	return ours
}

// confirm makes Ours managed, and reports whether that is news. Who is not shown
// an hour later never came.
func (l *Link) confirm(g *Group, now time.Time) (news bool) {
	ours := l.Ours(g)
	waiting := slices.DeleteFunc(slices.Clone(l.Adding), func(m org.Managed) bool {
		_, ours := ours.Of(m.User)
		return ours || now.Sub(m.Since) > lag
	})
	news = len(ours) > len(l.Managed) || len(waiting) < len(l.Adding)
	l.Managed, l.Adding = ours, waiting
	return news
}

// managed is what somebody wanted is managed as, if they are.
func managed(m org.Managed, already bool, e org.Entry, shown People, now time.Time) (org.Managed, bool) {
	role, there := shown.Role(e.User)
	confirmed := there && role >= e.Role
	switch {
	case !already && !confirmed:
		return m, false
	case !already:
		m = org.Managed{User: e.User, Role: e.Role, Since: now.UTC().Truncate(time.Second)}
	case confirmed && (e.Role > m.Role || role == org.Member):
		m.Role = e.Role
	}
	m.Worker, m.Reason = e.Worker, e.Reason
	return m, true
}
