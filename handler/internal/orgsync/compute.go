package orgsync

import (
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
	w.found = s.found(w)
	w.roster.Findings = append(w.roster.Findings, mappingFindings(w)...)
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
		if link := w.links[team.Key]; link != nil {
			found[team.Key] = foundLinked(link, w.groups[link.Group])
		} else if g := marked[org.Marker(s.settings.Rules.Instance, team.Key)]; g != nil {
			found[team.Key] = foundGroup(g, plan.Marked)
		} else if m, ok := mapped[numberFold(team.Key.Store)]; ok && team.Key.IsStore() {
			if f, exists := m.found(linked); exists {
				found[team.Key] = f
			}
		}
	}
	return found
}

func foundLinked(link *ledger.Link, g *ledger.Group) plan.Found {
	if g == nil || g.Gone {
		return plan.Found{Group: link.Group, Unclear: fmt.Sprintf("group %s was deleted; restore it, or a person has to allow a new one", link.Group)}
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

// storeMapping is what Commerce's mappings say of one store.
type storeMapping struct {
	groups     []*ledger.Group // that exist, or of which nothing is certain
	shared     bool            // one of them is another store's too
	unreadable bool            // a mapping names the store, but no group
}

// mappedGroups gathers the mappings by store. Store numbers compare without
// case, as everywhere in Finance & Operations.
func mappedGroups(w *world) map[string]storeMapping {
	mapped := map[string]storeMapping{}
	claimed := map[org.TeamID]string{}
	shared := map[org.TeamID]bool{}
	for _, m := range storeMappings(w.snapshot.Mappings) {
		number := numberFold(org.StoreNumber(m.SourceID))
		entry := mapped[number]
		if other, taken := claimed[m.Team]; taken && other != number {
			shared[m.Team] = true
		}
		claimed[m.Team] = number
		g := w.groups[m.Team]
		switch {
		case m.Team == "":
			entry.unreadable = true
		case g != nil && !g.Gone && !slices.Contains(entry.groups, g):
			entry.groups = append(entry.groups, g)
		}
		mapped[number] = entry
	}
	for number, entry := range mapped {
		entry.shared = slices.ContainsFunc(entry.groups, func(g *ledger.Group) bool { return shared[g.ID] })
		mapped[number] = entry
	}
	return mapped
}

// numberFold makes store numbers comparable.
func numberFold(number org.StoreNumber) string { return strings.ToLower(string(number)) }

// found is what a store's mappings come to. Whenever they are not clear the
// store has to wait for a person: a team of its own might be its second.
func (m storeMapping) found(linked map[org.TeamID]bool) (f plan.Found, exists bool) {
	switch {
	case m.unreadable:
		return plan.Found{Unclear: "Commerce maps this store to something that is no group id; correct or delete the mapping"}, true
	case len(m.groups) == 0:
		return plan.Found{}, false
	case len(m.groups) > 1:
		return plan.Found{Unclear: "Commerce maps this store to several groups; delete all of these mappings but one"}, true
	}
	f = foundGroup(m.groups[0], plan.Mapped)
	switch g := m.groups[0]; {
	case strings.HasPrefix(g.Marker, org.MarkerPrefix) || linked[g.ID]:
		f.Blocked = "the group that Commerce maps to this store belongs to another store or instance of storeteams"
	case m.shared:
		f.Blocked = "Commerce maps the same group to several stores"
	}
	return f, true
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
		if g := w.groups[m.Team]; m.Team != "" && (g == nil || g.Gone) && wanted[key] && w.found[key].Group == "" {
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
	for _, collection := range w.snapshot.Missing {
		note(run, "missing", org.TeamKey{}, collection+" is not published here and was done without")
	}
	for _, value := range w.snapshot.Unknowns {
		note(run, "unknown value", org.TeamKey{}, value+" is taken for neither yes nor no")
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
