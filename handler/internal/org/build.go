package org

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maxUserTeams is how many teams a person can be in, archived ones included
	// (Teams limits and specifications).
	maxUserTeams = 1000

	// maxCaretakerShare is the part of the stores, one in so many, that may lack
	// a manager before the rule itself is doubted.
	maxCaretakerShare = 5
)

// BuildRoster says who belongs where at the moment now. It has no error: what
// is wrong with the data is in the roster's Unmapped, Findings and Hold.
func BuildRoster(s Snapshot, users *Users, rules Rules, now time.Time) Roster {
	b := newBuilder(s, users, rules, now)
	stores := b.storesInScope()
	inScope := len(stores)
	stores = slices.DeleteFunc(stores, func(s Store) bool { return b.closed[s.Number.Folded()] })
	b.owners = b.ownersBySetting()
	protected := b.protectedUsers()
	teams := []Team{b.communicationsTeam()}
	wanting := 0
	for _, store := range stores {
		team := b.storeTeam(store)
		if team.Caretaker || len(team.Owners()) == 0 {
			wanting++
		}
		teams = append(teams, team)
	}
	b.roster.Teams = teams
	b.nameApart()
	b.countTeams(users)
	b.roster.Hold = b.doubt(inScope, len(stores), wanting)
	b.roster.Unmapped = b.unmappedByWorker()
	b.roster.Evidence = b.evidence(s, users, protected)
	for _, collection := range unnamed(s.BadRows) {
		b.find(UnreadRows, TeamKey{}, fmt.Sprintf(
			"a row of %s that could not be read may be about anybody: until it is corrected nobody is taken out of a store for want of a row", collection))
	}
	return b.roster
}

// doubt says what makes a roster look wrong as a whole: of so many stores in
// scope so many are open, and so many of those lack a manager. An empty
// collection is far likelier a broken export than a chain without stores.
func (b *builder) doubt(inScope, stores, wanting int) string {
	switch {
	case len(b.index.stores) == 0:
		return "no store is in scope: RetailStores is empty"
	case inScope == 0:
		return "no store is in scope: SCOPE names neither a store nor a hierarchy node above one"
	case wanting*maxCaretakerShare > stores:
		return fmt.Sprintf("%d of %d stores in scope have no manager: the manager rule matches almost nobody", wanting, stores)
	}
	return ""
}

// builder gathers what the rules need and what they find out.
type builder struct {
	rules     Rules
	index     *index
	ids       *identities
	managers  *managers
	hierarchy *hierarchy
	caretaker *caretakers
	owners    []account       // owners of the communications team
	closed    map[string]bool // numbers, folded
	blocks    blocks
	hidden    hiddenPeople
	unmapped  map[PersonnelNumber]Unmapped
	roster    Roster
}

func newBuilder(s Snapshot, users *Users, rules Rules, now time.Time) *builder {
	b := &builder{
		rules: rules, closed: closedStores(rules.ClosedStores), blocks: newBlocks(rules.Blocks),
		hidden: hiddenPeople{}, unmapped: map[PersonnelNumber]Unmapped{},
	}
	b.index = newIndex(s, now)
	b.ids = newIdentities(s, users, rules.AllowGuests, now)
	b.managers = newManagers(s, b.index, rules)
	var unclear bool
	if b.hierarchy, unclear = newHierarchy(s, rules.Hierarchy, now); unclear {
		used := "none"
		if b.hierarchy.name != "" {
			used = strconv.Quote(b.hierarchy.name)
		}
		b.find(HierarchyUnclear, TeamKey{}, fmt.Sprintf(
			"Commerce does not say which one hierarchy has the purpose RetailReporting; %s is used: set HIERARCHY", used))
	}
	b.caretaker = &caretakers{
		index: b.index, ids: b.ids, hierarchy: b.hierarchy,
		communications: communicationsManagers(s, b.index, b.ids, rules.CommunicationsRole),
		blocks:         b.blocks, hidden: b.hidden,
		limit: rules.MaxCaretakerTeams, teams: map[UserID]int{},
	}
	for _, row := range b.index.duplicates {
		b.find(DuplicateStore, TeamKey{row.Number}, "several rows of RetailStores have this number (case aside); only the first counts")
	}
	return b
}

func (b *builder) find(code FindingCode, key TeamKey, text string) {
	b.roster.Findings = append(b.roster.Findings, Finding{Code: code, Team: key, Text: text})
}

func (b *builder) storesInScope() []Store {
	sc := &scope{entries: b.rules.Scope, hierarchy: b.hierarchy, used: map[string]bool{}}
	var stores []Store
	for _, store := range b.index.stores {
		if sc.includes(store) {
			stores = append(stores, store)
		}
	}
	for _, entry := range b.rules.Scope {
		if !sc.used[entry] {
			b.find(UnknownScope, TeamKey{}, fmt.Sprintf("SCOPE names %q, which is neither a store nor a node above one", entry))
		}
	}
	return stores
}

func (b *builder) communicationsTeam() Team {
	people := crowd{}
	for _, m := range b.caretaker.communications {
		b.join(Communications, people, m.account, Entry{Role: Member, Worker: m.worker, Reason: CommunicationsManager})
	}
	for _, owner := range b.owners {
		b.seat(Communications, people, Entry{User: owner.user.ID, Role: Owner, Reason: CommunicationsOwner})
	}
	team := Team{Key: Communications, Name: b.rules.CommunicationsTeamName, Entries: people.entries()}
	if len(team.Owners()) == 0 {
		b.find(NoOwner, team.Key, "nobody may own this team: name an enabled, licensed user in COMMUNICATIONS_OWNERS or FALLBACK_OWNERS")
	}
	return team
}

func (b *builder) storeTeam(store Store) Team {
	unit := b.index.unit(store)
	team := Team{
		Key:      TeamKey{store.Number},
		Name:     teamName(b.rules.TeamName, storeName(unit.Name, store.Number), store.Number),
		Nameless: strings.TrimSpace(unit.Name) == "",
	}
	if _, loop := b.hierarchy.above(store.Party); loop {
		b.find(HierarchyLoop, team.Key, "the hierarchy above this store runs in a circle; the part before it counts")
	} else if b.hierarchy.name != "" && !b.hierarchy.has(store.Party) {
		b.find(HierarchyOrphan, team.Key, "the retail hierarchy does not have this store")
	}
	active := b.index.active(store.Channel)
	people := make(crowd, len(active)+1)
	for c := range b.claims(store, active) {
		if c.denied == Stays {
			b.join(team.Key, people, b.ids.worker(c.worker), Entry{Role: c.role, Worker: c.worker, Reason: c.reason})
		}
	}
	team.Entries = people.entries()
	if len(team.Owners()) > 0 {
		return team
	}
	if caretaker, ok := b.caretaker.find(store); ok {
		b.seat(team.Key, people, caretaker)
		team.Entries, team.Caretaker = people.entries(), true
	} else {
		b.find(NoOwner, team.Key, "the store has no manager, and nobody may stand in: name more FALLBACK_OWNERS or raise MAX_CARETAKER_TEAMS")
	}
	return team
}

// nameApart reports the stores whose number had to be added to their names.
func (b *builder) nameApart() {
	for i, numbered := range namesApart(b.roster.Teams) {
		if numbered {
			b.find(DuplicateName, b.roster.Teams[i].Key, "another team would have this name; the store's number was added")
		}
	}
}

// countTeams reports people who are wanted in more teams than Teams allows.
func (b *builder) countTeams(users *Users) {
	if len(b.roster.Teams) <= maxUserTeams {
		return
	}
	teams := make([]int32, len(users.byID.rows)) // by position: a map of a million ids takes ten times as much
	for _, team := range b.roster.Teams {
		for _, e := range team.Entries {
			for i := range users.byID.of(e.User) {
				if teams[i]++; teams[i] == maxUserTeams+1 {
					b.find(ManyTeams, TeamKey{}, fmt.Sprintf("user %s would be in more than %d teams", e.User, maxUserTeams))
				}
			}
		}
	}
}

func (b *builder) unmappedByWorker() []Unmapped {
	unmapped := make([]Unmapped, 0, len(b.unmapped))
	for _, worker := range sortedKeys(b.unmapped) {
		unmapped = append(unmapped, b.unmapped[worker])
	}
	return unmapped
}

// noteUnmapped notes that a worker belongs to a team and cannot be added.
func (b *builder) noteUnmapped(worker PersonnelNumber, cause UnmappedCause, key TeamKey) {
	u := b.unmapped[worker]
	u.Worker, u.Cause = worker, cause
	if !slices.Contains(u.Teams, key) {
		u.Teams = append(u.Teams, key)
	}
	b.unmapped[worker] = u
}
