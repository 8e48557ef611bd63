package orgsync

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// maxNotes bounds the notes of one kind in a run record; the counts are whole.
const maxNotes = 20

// compute turns a world into a plan. It changes nothing but the record.
func (s *Syncer) compute(w *world, now time.Time, run *ledger.Run) plan.Plan {
	w.roster = org.BuildRoster(w.snapshot, org.NewUsers(w.users.All()), s.settings.Rules, now)
	w.roster.Findings = append(w.roster.Findings, mappingFindings(w)...)
	w.found = s.found(w)
	p := plan.Build(w.roster, w.found, plan.Options{Adopt: s.settings.Adopt})
	describe(run, w, p)
	return p
}

// found gathers what the tenant has for each wanted team.
func (s *Syncer) found(w *world) map[org.TeamKey]plan.Found {
	marked := map[string]*ledger.Group{}
	for _, g := range w.groups {
		if g.Marker != "" && !g.Gone {
			marked[g.Marker] = g
		}
	}
	mapped := mappedGroups(w)
	linked := map[org.TeamID]bool{}
	for _, link := range w.links {
		linked[link.Group] = true
	}
	found := make(map[org.TeamKey]plan.Found, len(w.roster.Teams))
	for _, team := range w.roster.Teams {
		marker := org.Marker(s.settings.Rules.Instance, team.Key)
		if link := w.links[team.Key]; link != nil {
			found[team.Key] = foundLinked(link, w.groups[link.Group])
		} else if g := marked[marker]; g != nil {
			found[team.Key] = foundGroup(g, plan.Marked)
		} else if g := mapped[team.Key.Store]; g != nil && team.Key.IsStore() {
			f := foundGroup(g, plan.Mapped)
			switch {
			case strings.HasPrefix(g.Marker, org.MarkerPrefix) || linked[g.ID]:
				f.Blocked = "the group that Commerce maps to this store belongs to another store or instance of storeteams"
			case w.sharedGroups[g.ID]:
				f.Blocked = "Commerce maps the same group to several stores"
			}
			found[team.Key] = f
		}
	}
	return found
}

func foundLinked(link *ledger.Link, g *ledger.Group) plan.Found {
	if g == nil || g.Gone {
		return plan.Found{Group: link.Group, Missing: fmt.Sprintf("group %s was deleted; restore it, or a person has to allow a new one", link.Group)}
	}
	f := foundGroup(g, plan.Linked)
	f.KeepName = link.KeepName
	return f
}

func foundGroup(g *ledger.Group, origin plan.Origin) plan.Found {
	f := plan.Found{
		Group: g.ID, Origin: origin, Name: g.Name, HasTeam: g.HasTeam, Owned: g.People.Owned(), People: g.People,
	}
	switch {
	case !g.Unified:
		f.Blocked = "the group is no Microsoft 365 group and cannot be a team"
	case g.Dynamic:
		f.Blocked = "the group's membership follows a rule in Entra"
	case g.OnPremises:
		f.Blocked = "the group is synchronized from an on-premises directory"
	}
	return f
}

// mappedGroups are the groups that Commerce maps to stores and that exist. Of
// several for one store the first by id counts.
func mappedGroups(w *world) map[org.StoreNumber]*ledger.Group {
	mappings := storeMappings(w.snapshot.Mappings)
	slices.SortFunc(mappings, func(a, b org.Mapping) int {
		return cmp.Or(cmp.Compare(a.SourceID, b.SourceID), cmp.Compare(a.Team, b.Team))
	})
	groups := map[org.StoreNumber]*ledger.Group{}
	claimed := map[org.TeamID]string{}
	w.sharedGroups = map[org.TeamID]bool{}
	for _, m := range mappings {
		if number, taken := claimed[m.Team]; taken && number != m.SourceID {
			w.sharedGroups[m.Team] = true
		}
		claimed[m.Team] = m.SourceID
		if g := w.groups[m.Team]; g != nil && !g.Gone && groups[org.StoreNumber(m.SourceID)] == nil {
			groups[org.StoreNumber(m.SourceID)] = g
		}
	}
	return groups
}

// mappingFindings reports stores in scope that are mapped to groups that are gone.
func mappingFindings(w *world) []org.Finding {
	wanted := map[org.TeamKey]bool{}
	for _, team := range w.roster.Teams {
		wanted[team.Key] = true
	}
	var findings []org.Finding
	for _, m := range storeMappings(w.snapshot.Mappings) {
		key := org.TeamKey{Store: org.StoreNumber(m.SourceID)}
		if g := w.groups[m.Team]; (g == nil || g.Gone) && wanted[key] && w.links[key] == nil {
			findings = append(findings, org.Finding{Code: org.StaleMapping, Team: key,
				Text: fmt.Sprintf("Commerce maps this store to group %s, which does not exist; the store gets a team of its own", m.Team)})
		}
	}
	return findings
}

// describe puts what was read and planned into the record.
func describe(run *ledger.Run, w *world, p plan.Plan) {
	run.SnapshotAt = w.snapshot.ReadAt
	run.BadRows = len(w.snapshot.BadRows)
	run.Unmapped, run.Findings = map[string]int{}, map[string]int{}
	for _, team := range w.roster.Teams {
		if team.Key.IsStore() {
			run.Stores++
		}
		run.People += len(team.Entries)
	}
	for _, u := range w.roster.Unmapped {
		run.Unmapped[string(u.Cause)]++
	}
	for _, row := range w.snapshot.BadRows {
		note(run, "bad row", org.TeamKey{}, fmt.Sprintf("%s %s: %s", row.Collection, row.Row, row.Problem))
	}
	for _, f := range w.roster.Findings {
		run.Findings[string(f.Code)]++
		note(run, string(f.Code), f.Team, f.Text)
	}
	run.Planned = map[string]int{}
	for kind, n := range p.Counts() {
		run.Planned[kind.String()] = n
	}
	run.Held, run.Skipped = len(p.Held), len(p.Skipped)
	for _, h := range p.Held {
		note(run, "held", h.Team, h.Why)
	}
	for _, h := range p.Skipped {
		note(run, "skipped", h.Team, h.Why)
	}
}

// note adds a note unless there are enough of its kind.
func note(run *ledger.Run, kind string, team org.TeamKey, text string) {
	n := 0
	for _, have := range run.Notes {
		if have.Kind == kind {
			n++
		}
	}
	if n >= maxNotes {
		return
	}
	item := ledger.Note{Kind: kind, Text: text}
	if team.IsStore() {
		item.Team = team.String()
	}
	run.Notes = append(run.Notes, item)
}
