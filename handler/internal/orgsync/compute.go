package orgsync

import (
	"fmt"
	"sync"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// restoredLately is how long after a team was restored its next deletion is
// asked about rather than undone.
const restoredLately = 30 * 24 * time.Hour

// compute turns a world into a plan. It changes nothing but the world's
// computed part.
func (s *Syncer) compute(w *world, now time.Time) plan.Plan {
	rules := s.settings.Rules
	rules.Blocks = w.blocks
	w.roster = org.BuildRoster(w.snapshot, w.users.Org(), rules, now)
	w.evidence = &sharedEvidence{evidence: w.roster.Evidence}
	s.watchStores(w, now)
	w.allowed = w.holds.All().Allowed(now)
	w.found = s.found(w, now)
	w.roster.Findings = append(w.roster.Findings, mappingFindings(w)...)
	return plan.Build(w.roster, w.found, w.evidence, s.options(w))
}

func (s *Syncer) options(w *world) plan.Options {
	return plan.Options{Adopt: s.settings.Adopt, Takes: s.settings.Mode != ModeAdd, Allowed: w.allowed}
}

// check passes a plan through the rails.
func (s *Syncer) check(w *world, p plan.Plan, now time.Time) rails.Verdict {
	state := rails.State{
		Memory:  make(map[org.TeamKey]rails.Memory, len(w.links)),
		Takings: w.takings.All,
		Holds:   w.holds.All(),
		People:  make(map[org.TeamKey]int, len(w.links)),
		Present: w.present,
		Looked:  func(key org.TeamKey) bool { return w.found[key].Unclear == "" },
	}
	for key, link := range w.links {
		state.Memory[key] = link.Rails
		if g := w.groups[link.Group]; g != nil && !g.Gone {
			state.People[key] = len(g.People)
		}
	}
	return rails.Check(p, state, w.source, s.settings.Limits, now)
}

// present reports whether somebody is in one of our teams, in any role.
func (w *world) present(key org.TeamKey, user org.UserID) bool {
	link := w.links[key]
	if link == nil || w.groups[link.Group] == nil || w.groups[link.Group].Gone {
		return false
	}
	_, in := w.groups[link.Group].People.Role(user)
	return in
}

// sharedEvidence lets the teams' goroutines ask in turn.
type sharedEvidence struct {
	mu       sync.Mutex
	evidence *org.Evidence
}

// Departure implements plan.Evidence.
func (e *sharedEvidence) Departure(key org.TeamKey, m org.Managed) org.Departure {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.evidence.Departure(key, m)
}

// Demotion implements plan.Evidence.
func (e *sharedEvidence) Demotion(key org.TeamKey, m org.Managed) org.Leave {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.evidence.Demotion(key, m)
}

// Blocked implements plan.Evidence.
func (e *sharedEvidence) Blocked(key org.TeamKey, user org.UserID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.evidence.Blocked(key, user)
}

// Protected implements plan.Evidence.
func (e *sharedEvidence) Protected(user org.UserID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.evidence.Protected(user)
}

// watchStores says of the linked stores how far they have gone in closing, and
// whether their teams are to be left as they are: also when it is only a short
// reading, or a row that cannot be read, that does not show the store. Who left
// the company goes from their teams too.
func (s *Syncer) watchStores(w *world, now time.Time) {
	w.closings, w.frozen = map[org.TeamKey]rails.Closing{}, map[org.TeamKey]bool{}
	for key, link := range w.links {
		presence := w.roster.Evidence.Presence(key)
		next := link.Closing.Next(presence, w.source, s.settings.Limits.SightingInterval, now)
		if next.Frozen() || link.Closing.Frozen() {
			w.closings[key] = next
		}
		w.frozen[key] = next.Frozen() || presence != org.InScope && presence != org.OutOfScope
	}
}

// found gathers what the tenant has for each team wanted or linked.
func (s *Syncer) found(w *world, now time.Time) map[org.TeamKey]plan.Found {
	marked := map[string]*ledger.Group{}
	for _, g := range w.groups {
		if g.Marker != "" && !g.Gone {
			marked[g.Marker] = g
		}
	}
	mapped := mappedGroups(w)
	linked := map[org.TeamID]bool{}
	found := make(map[org.TeamKey]plan.Found, len(w.roster.Teams))
	for key, link := range w.links {
		linked[link.Group] = true
		found[key] = s.foundLinked(w, link, w.groups[link.Group], now)
	}
	for _, team := range w.roster.Teams {
		if w.links[team.Key] != nil {
			continue
		}
		if g := marked[org.Marker(s.settings.Rules.Instance, team.Key)]; g != nil {
			found[team.Key] = foundGroup(g, plan.Marked)
		} else if m, ok := mapped[team.Key.Store.Folded()]; ok && team.Key.IsStore() {
			if f, exists := m.found(linked); exists {
				found[team.Key] = f
			}
		}
	}
	return found
}

// foundLinked is a team that the ledger knows, with its group as mirrored.
func (s *Syncer) foundLinked(w *world, link *ledger.Link, g *ledger.Group, now time.Time) plan.Found {
	closing := w.closings[link.Team]
	f := plan.Found{Group: link.Group}
	switch {
	case g == nil:
		f.Unclear = fmt.Sprintf("group %s has not been read yet; the next run looks again", link.Group)
	case g.Purged():
		f.Existence = plan.Purged
	case g.Gone && g.Missed > 0:
		f.Unclear = fmt.Sprintf("group %s is gone, and not among the deleted ones; the next run looks again", link.Group)
	case g.Gone:
		f.Existence = plan.Deleted
	default:
		f = foundGroup(g, plan.Linked)
	}
	f.KeepName = link.KeepName
	if g != nil {
		f.Managed = link.Ours(g)
	}
	f.ArchivedByUs = !link.Archived.IsZero()
	f.Frozen = w.frozen[link.Team]
	f.ArchiveDue = closing.ArchiveDue(s.settings.ArchiveAfter, now)
	f.RestoredLately = now.Sub(link.Restored) < restoredLately
	return f
}

func foundGroup(g *ledger.Group, origin plan.Origin) plan.Found {
	f := plan.Found{
		Group: g.ID, Origin: origin, Name: g.Name, HasTeam: g.HasTeam, People: g.People, Archived: g.Archived,
	}
	switch {
	case g.Unread:
		f.Unclear = fmt.Sprintf("group %s cannot be read yet; the next run looks again", g.ID)
	case !g.Unified:
		f.Blocked = "the group is no Microsoft 365 group and cannot be a team"
	case g.Dynamic:
		f.Blocked = "the group's membership follows a rule in Entra"
	case g.OnPremises:
		f.Blocked = "the group is synchronized from an on-premises directory"
	}
	return f
}
