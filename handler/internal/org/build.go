package org

import (
	"bytes"
	"cmp"
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
	b.owners = b.ownersBySetting()
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
	b.countTeams()
	b.roster.Hold = b.doubt(len(stores), wanting)
	b.roster.Unmapped = b.unmappedByWorker()
	return b.roster
}

// doubt says what makes a roster look wrong as a whole: of so many stores in
// scope, so many lack a manager. An empty collection is far likelier a broken
// export than a chain without stores.
func (b *builder) doubt(stores, wanting int) string {
	switch {
	case len(b.index.stores) == 0:
		return "no store is in scope: RetailStores is empty"
	case stores == 0:
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
	owners    []account // owners of the communications team
	unmapped  map[PersonnelNumber]UnmappedCause
	roster    Roster
}

func newBuilder(s Snapshot, users *Users, rules Rules, now time.Time) *builder {
	b := &builder{rules: rules, unmapped: map[PersonnelNumber]UnmappedCause{}}
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
		limit:          rules.MaxCaretakerTeams,
		teams:          map[UserID]int{},
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

// ownersBySetting checks FALLBACK_OWNERS and COMMUNICATIONS_OWNERS, gives the
// fallback owners to the caretakers, and returns who owns the communications team.
func (b *builder) ownersBySetting() []account {
	check := func(setting string, names []string) (good []account) {
		for i, name := range names {
			if a := b.ids.named(name); a.mayOwn() {
				good = append(good, a)
			} else {
				b.find(BadOwnerSetting, TeamKey{}, fmt.Sprintf(
					"entry %d of %s is no enabled, licensed member of the tenant", i+1, setting))
			}
		}
		return good
	}
	b.caretaker.fallback = check("FALLBACK_OWNERS", b.rules.FallbackOwners)
	if own := check("COMMUNICATIONS_OWNERS", b.rules.CommunicationsOwners); len(own) > 0 {
		return own
	}
	return b.caretaker.fallback
}

func (b *builder) communicationsTeam() Team {
	people := crowd{}
	for _, m := range b.caretaker.communications {
		b.join(people, m.account, Entry{Role: Member, Worker: m.worker, Reason: CommunicationsManager})
	}
	for _, owner := range b.owners {
		people.add(Entry{User: owner.user.ID, Role: Owner, Reason: CommunicationsOwner})
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
	active := b.index.active[store.Channel]
	people := make(crowd, len(active)+1)
	for worker, flag := range active {
		if flag == Yes {
			b.place(people, worker, StoreWorker)
		}
	}
	for _, worker := range b.managers.inDepartment(store.Unit) {
		b.placeManager(people, active, worker, DepartmentManager)
	}
	if b.managers.byUnit() && unit.Manager != "" {
		b.placeManager(people, active, unit.Manager, UnitManager)
	}
	team.Entries = people.entries()
	if len(team.Owners()) > 0 {
		return team
	}
	if caretaker, ok := b.caretaker.find(store); ok {
		people.add(caretaker)
		team.Entries, team.Caretaker = people.entries(), true
	} else {
		b.find(NoOwner, team.Key, "the store has no manager, and nobody may stand in: name more FALLBACK_OWNERS or raise MAX_CARETAKER_TEAMS")
	}
	return team
}

// placeManager places a manager whom the unit or a department names: they
// belong to the store even if they do not work its channel, unless a row says
// that they no longer do.
func (b *builder) placeManager(people crowd, active map[PersonnelNumber]Flag, worker PersonnelNumber, why Reason) {
	if active[worker] != No {
		b.place(people, worker, why)
	}
}

// place puts a worker into a store's team.
func (b *builder) place(people crowd, worker PersonnelNumber, why Reason) {
	if b.index.left[worker] {
		return
	}
	role := Owner
	if why == StoreWorker {
		role = Member
		if b.managers.whereActive(worker) {
			role, why = Owner, StoreManager
		}
	}
	b.join(people, b.ids.worker(worker), Entry{Role: role, Worker: worker, Reason: why})
}

// join adds an entry for an account, or notes why it cannot.
func (b *builder) join(people crowd, a account, e Entry) {
	if a.cause != "" && e.Worker != "" {
		b.unmapped[e.Worker] = a.cause
	}
	if !a.stays() {
		return
	}
	e.User, e.StayOnly = a.user.ID, !a.usable()
	if a.user.Guest {
		e.Role = Member // a guest owns nothing
	}
	people.add(e)
}

// crowd gathers the people of one team, each account once.
type crowd map[UserID]Entry

// add keeps the stronger role of an account, and of equal roles the better
// reason, then the lower personnel number.
func (c crowd) add(e Entry) {
	before, there := c[e.User]
	if !there || cmp.Or(
		cmp.Compare(e.Role, before.Role),
		cmp.Compare(before.Reason, e.Reason),
		cmp.Compare(before.Worker, e.Worker)) > 0 {
		c[e.User] = e
	}
}

func (c crowd) entries() []Entry {
	entries := make([]Entry, 0, len(c))
	for _, e := range c {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return bytes.Compare(a.User[:], b.User[:]) })
	return entries
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
func (b *builder) countTeams() {
	teams := make(map[UserID]int, len(b.ids.resolved))
	for _, team := range b.roster.Teams {
		for _, e := range team.Entries {
			teams[e.User]++
			if teams[e.User] == maxUserTeams+1 {
				b.find(ManyTeams, TeamKey{}, fmt.Sprintf("user %s would be in more than %d teams", e.User, maxUserTeams))
			}
		}
	}
}

func (b *builder) unmappedByWorker() []Unmapped {
	unmapped := make([]Unmapped, 0, len(b.unmapped))
	for _, worker := range sortedKeys(b.unmapped) {
		unmapped = append(unmapped, Unmapped{Worker: worker, Cause: b.unmapped[worker]})
	}
	return unmapped
}
