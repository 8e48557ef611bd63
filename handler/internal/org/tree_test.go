package org_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

func link(parent, parentName, child, childName string) org.HierarchyLink {
	return org.HierarchyLink{Hierarchy: "Retail", Parent: parent, ParentName: parentName, Child: child, ChildName: childName}
}

// treeSnapshot has stores 1 to 4 of the parties P1 to P4 and these links.
func treeSnapshot(links ...org.HierarchyLink) org.Snapshot {
	s := org.Snapshot{Hierarchy: links, Purposes: []org.HierarchyPurpose{{Hierarchy: "Retail", Purpose: "RetailReporting"}}}
	for _, n := range []string{"1", "2", "3"} {
		s.Stores = append(s.Stores, org.Store{Number: org.StoreNumber("S" + n), Party: "P" + n, Unit: "U" + n})
	}
	s.Stores = append(s.Stores, org.Store{Number: "S4", Unit: "U4"}) // of no party
	s.Units = []org.Unit{{Number: "900", Party: "N9", Name: " Nine  hundred "}}
	return s
}

func TestTreePlaces(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ended := link("X", "X", "P1", "Shop")
	ended.To = now
	other := link("X", "X", "P1", "Shop")
	other.Hierarchy = "Formats"
	for name, c := range map[string]struct {
		store org.StoreNumber
		links []org.HierarchyLink
		want  org.Place
	}{
		"two nodes above, nearest first": {"S1", []org.HierarchyLink{link("", "", "N0", "All"), link("N0", "All", "N1", "North"), link("N1", "North", "P1", "Shop")},
			org.Place{Party: "P1", Above: []org.Node{{"N1", "North"}, {"N0", "All"}}}},
		"number in another case":        {"s1", []org.HierarchyLink{link("N0", "All", "P1", "Shop")}, org.Place{Party: "P1", Above: []org.Node{{"N0", "All"}}}},
		"a root itself":                 {"S1", []org.HierarchyLink{link("", "", "P1", "Shop")}, org.Place{Party: "P1"}},
		"a node's own row names it":     {"S1", []org.HierarchyLink{link("N0", "Aaa", "P1", "Shop"), link("", "", "N0", "All")}, org.Place{Party: "P1", Above: []org.Node{{"N0", "All"}}}},
		"of two names the first":        {"S1", []org.HierarchyLink{link("N0", "B", "P1", "Shop"), link("N0", "A", "P2", "Shop")}, org.Place{Party: "P1", Above: []org.Node{{"N0", "A"}}}},
		"its unit names it":             {"S1", []org.HierarchyLink{link("N9", "", "P1", "Shop")}, org.Place{Party: "P1", Above: []org.Node{{"N9", "Nine hundred"}}}},
		"nobody names it":               {"S1", []org.HierarchyLink{link("N8", "", "P1", "Shop")}, org.Place{Party: "P1", Above: []org.Node{{"N8", ""}}}},
		"a circle above":                {"S1", []org.HierarchyLink{link("N0", "A", "P1", "Shop"), link("N1", "B", "N0", "A"), link("N0", "A", "N1", "B")}, org.Place{Party: "P1", Above: []org.Node{{"N0", "A"}, {"N1", "B"}}, Loop: true}},
		"not in the hierarchy":          {"S3", []org.HierarchyLink{link("N0", "All", "P1", "Shop")}, org.Place{}},
		"a store of no party":           {"S4", []org.HierarchyLink{link("N0", "All", "P1", "Shop")}, org.Place{}},
		"no such store":                 {"S5", []org.HierarchyLink{link("N0", "All", "P1", "Shop")}, org.Place{}},
		"in another hierarchy, or once": {"S1", []org.HierarchyLink{ended, other}, org.Place{}},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // whatever the rows' order
				if got := org.NewTree(treeSnapshot(c.links...), "", now).Place(c.store); !reflect.DeepEqual(got, c.want) {
					t.Errorf("place %+v, want %+v", got, c.want)
				}
				slices.Reverse(c.links)
			}
		})
	}
}

func TestTreeOfNothing(t *testing.T) {
	some := link("N0", "All", "P1", "Shop")
	none := treeSnapshot(some)
	none.Purposes = nil
	for name, c := range map[string]struct {
		snapshot       org.Snapshot
		wanted         string
		hierarchy      string
		unclear, empty bool
	}{
		"one":                  {treeSnapshot(some), "", "Retail", false, false},
		"none has the purpose": {none, "", "", true, true},
		"a setting names one":  {none, "Retail", "Retail", false, false},
		"of no rows":           {treeSnapshot(some), "Formats", "Formats", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			tree := org.NewTree(c.snapshot, c.wanted, time.Now())
			if tree.Name != c.hierarchy || tree.Unclear != c.unclear || tree.Empty() != c.empty {
				t.Errorf("hierarchy %q, unclear %t, empty %t", tree.Name, tree.Unclear, tree.Empty())
			}
		})
	}
}
