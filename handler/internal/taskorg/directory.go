package taskorg

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// everybody is the word that names all stores.
const everybody = "all"

// directory implements [tasksync.Directory]. Store numbers are looked up as
// Commerce compares them, without case.
type directory struct {
	stores  []tasksync.Store             // by number
	index   map[string]int               // by folded number
	named   map[string][]org.StoreNumber // by folded name or party number of a node
	people  map[string]roles             // by folded number; "": the communications team
	group   org.TeamID                   // the communications team's
	workers map[org.UserID]org.PersonnelNumber
	users   map[org.PersonnelNumber]org.UserID
}

type roles map[org.UserID]org.Role

func newDirectory(s org.Snapshot, links map[org.TeamKey]*ledger.Link, rules org.Rules, zone func(string) (*time.Location, bool), now time.Time) *directory {
	d := &directory{
		index: map[string]int{}, named: map[string][]org.StoreNumber{}, people: map[string]roles{},
		workers: map[org.UserID]org.PersonnelNumber{}, users: map[org.PersonnelNumber]org.UserID{},
	}
	for _, key := range slices.SortedFunc(maps.Keys(links), func(a, b org.TeamKey) int { return cmp.Compare(a.Store, b.Store) }) {
		d.addPeople(key, links[key].Managed)
	}
	if link := links[org.Communications]; link != nil && link.Archived.IsZero() {
		d.group = link.Group
	}
	tree, names := org.NewTree(s, rules.Hierarchy, now), unitNames(s.Units)
	for _, row := range slices.SortedFunc(slices.Values(s.Stores), func(a, b org.Store) int { return cmp.Compare(a.Number, b.Number) }) {
		link := links[org.TeamKey{Store: row.Number}]
		_, twice := d.index[row.Number.Folded()]
		if link == nil || link.Group == "" || !link.Archived.IsZero() || twice || isClosed(rules, row.Number) {
			continue
		}
		at, known := zone(row.Zone)
		if !known {
			at = time.UTC
		}
		d.addStore(tasksync.Store{Number: row.Number, Name: names[row.Unit], Group: link.Group, Zone: at}, tree.Place(row.Number))
	}
	return d
}

func isClosed(rules org.Rules, number org.StoreNumber) bool {
	return slices.ContainsFunc(rules.ClosedStores, func(closed string) bool {
		return org.StoreNumber(closed).Folded() == number.Folded()
	})
}

func unitNames(units []org.Unit) map[string]string {
	names := make(map[string]string, len(units))
	for _, unit := range units {
		names[unit.Number] = unit.Name
	}
	return names
}

// addStore adds a store, and it to all nodes above it. Its region is the highest
// of those but the root.
func (d *directory) addStore(store tasksync.Store, place org.Place) {
	for i, node := range place.Above {
		called := cmp.Or(node.Name, node.Party)
		store.Nodes = append(store.Nodes, called)
		if isRoot := i == len(place.Above)-1; !isRoot {
			store.Region = called
		}
		d.name(node.Party, store.Number)
		if fold(node.Name) != fold(node.Party) {
			d.name(node.Name, store.Number)
		}
	}
	d.index[store.Number.Folded()] = len(d.stores)
	d.stores = append(d.stores, store)
}

func (d *directory) name(word string, number org.StoreNumber) {
	folded := fold(word)
	if folded != "" && !slices.Contains(d.named[folded], number) {
		d.named[folded] = append(d.named[folded], number)
	}
}

// fold makes words equal that people take for the same.
func fold(word string) string { return strings.ToLower(strings.Join(strings.Fields(word), " ")) }

func (d *directory) addPeople(key org.TeamKey, managed ledger.Managed) {
	in := make(roles, len(managed))
	for _, person := range managed {
		in[person.User] = person.Role
		if person.Worker == "" {
			continue
		}
		d.workers[person.User] = person.Worker
		d.users[person.Worker] = person.User
	}
	d.people[key.Store.Folded()] = in
}

// Stores implements [tasksync.Directory].
func (d *directory) Stores() []tasksync.Store { return d.stores }

// Store implements [tasksync.Directory].
func (d *directory) Store(number org.StoreNumber) (tasksync.Store, bool) {
	i, found := d.index[number.Folded()]
	if !found {
		return tasksync.Store{}, false
	}
	return d.stores[i], true
}

// Named implements [tasksync.Directory]. A store's number counts before a node
// that is called like it.
func (d *directory) Named(word string) ([]org.StoreNumber, bool) {
	if store, found := d.Store(org.StoreNumber(strings.TrimSpace(word))); found {
		return []org.StoreNumber{store.Number}, true
	}
	if fold(word) == everybody {
		all := make([]org.StoreNumber, len(d.stores))
		for i, store := range d.stores {
			all[i] = store.Number
		}
		return all, true
	}
	numbers, found := d.named[fold(word)]
	return slices.Clone(numbers), found
}

// Communications implements [tasksync.Directory].
func (d *directory) Communications() org.TeamID { return d.group }

// Owner implements [tasksync.Directory].
func (d *directory) Owner(number org.StoreNumber, user org.UserID) bool {
	role, in := d.people[number.Folded()][user]
	return in && role == org.Owner
}

// Member implements [tasksync.Directory]: an owner is in the team as well.
func (d *directory) Member(number org.StoreNumber, user org.UserID) bool {
	_, in := d.people[number.Folded()][user]
	return in
}

// Worker implements [tasksync.Directory].
func (d *directory) Worker(user org.UserID) (org.PersonnelNumber, bool) {
	worker, known := d.workers[user]
	return worker, known
}

// User implements [tasksync.Directory].
func (d *directory) User(worker org.PersonnelNumber) (org.UserID, bool) {
	user, known := d.users[worker]
	return user, known
}
