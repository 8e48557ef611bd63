package org

import (
	"strings"
	"time"
)

// Tree is the retail hierarchy as rosters are built with it: which nodes are
// above a store, and what people call them.
type Tree struct {
	Name    string // the hierarchy's; empty: Commerce has none with the purpose RetailReporting
	Unclear bool   // Commerce does not name exactly one, and Name is the first of several, or empty

	hierarchy *hierarchy
	index     *index
	names     map[string]string // a node's own name, by party
}

// Node is a node of the hierarchy.
type Node struct {
	Party string // its key: ChildOrganizationPartyNumber
	Name  string // what its rows call it, else its operating unit's name; may be empty
}

// Place is where a store is in the hierarchy.
type Place struct {
	Party string // the store's own node; empty: the hierarchy does not have the store
	Above []Node // the nodes above it, nearest first, as far as they can be told
	Loop  bool   // the way up comes back to where it has been
}

// NewTree reads the hierarchy that a setting names, or Commerce's own choice,
// as it is at the moment now.
func NewTree(s Snapshot, wanted string, now time.Time) *Tree {
	h, unclear := newHierarchy(s, wanted, now)
	t := &Tree{Name: h.name, Unclear: unclear, hierarchy: h, index: &index{
		unitByNumber: make(map[string]Unit, len(s.Units)),
		unitByParty:  make(map[string]Unit, len(s.Units)),
	}}
	t.index.indexStores(s.Stores)
	t.index.indexUnits(s.Units)
	t.names = nodeNames(s.Hierarchy, h.name, now)
	return t
}

// nodeNames returns what the rows call each node. Its own row counts more than
// those of the nodes below it, and of several names the first in order, so that
// the order of the rows does not matter.
func nodeNames(links []HierarchyLink, hierarchy string, now time.Time) map[string]string {
	own, byChildren := map[string]string{}, map[string]string{}
	call := func(names map[string]string, node, name string) {
		name = strings.Join(strings.Fields(name), " ")
		if before, named := names[node]; name != "" && (!named || name < before) {
			names[node] = name
		}
	}
	for _, link := range links {
		if fold(link.Hierarchy) == fold(hierarchy) && current(link.From, link.To, now) {
			call(own, link.Child, link.ChildName)
			call(byChildren, link.Parent, link.ParentName)
		}
	}
	for node, name := range byChildren {
		if own[node] == "" {
			own[node] = name
		}
	}
	return own
}

// Empty reports whether the hierarchy has no nodes.
func (t *Tree) Empty() bool { return len(t.hierarchy.parents) == 0 && len(t.hierarchy.names) == 0 }

// Place finds a store. A number that no store has is nowhere.
func (t *Tree) Place(number StoreNumber) Place {
	store := t.index.byNumber[number.Folded()]
	if store.Party == "" || !t.hierarchy.has(store.Party) {
		return Place{}
	}
	place := Place{Party: store.Party}
	var above []string
	above, place.Loop = t.hierarchy.above(store.Party)
	for _, party := range above {
		name := t.names[party]
		if name == "" {
			name = storeName(t.index.unitByParty[party].Name, "")
		}
		place.Above = append(place.Above, Node{Party: party, Name: name})
	}
	return place
}
