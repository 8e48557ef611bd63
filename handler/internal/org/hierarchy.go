package org

import (
	"slices"
	"time"
)

// retailPurpose is the hierarchy purpose that groups stores for reporting.
const retailPurpose = "retailreporting"

// hierarchy is the retail tree: parties, each below at most one other.
type hierarchy struct {
	name    string
	parents map[string]string
	names   map[string][]string // folded names a node goes by
}

// newHierarchy picks the hierarchy and reads its current links. Unclear says that
// Commerce's purposes do not name exactly one.
func newHierarchy(s Snapshot, wanted string, now time.Time) (h *hierarchy, unclear bool) {
	name, unclear := pickHierarchy(s.Purposes, wanted)
	h = &hierarchy{name: name, parents: map[string]string{}, names: map[string][]string{}}
	for _, link := range s.Hierarchy {
		if fold(link.Hierarchy) != fold(name) || !current(link.From, link.To, now) {
			continue
		}
		h.call(link.Child, link.ChildName)
		if link.Parent == "" {
			continue
		}
		h.call(link.Parent, link.ParentName)
		if parent, taken := h.parents[link.Child]; !taken || link.Parent < parent {
			h.parents[link.Child] = link.Parent
		}
	}
	return h, unclear
}

// pickHierarchy chooses among the hierarchies with the retail purpose: the one
// a setting names, the only one, or the default one.
func pickHierarchy(purposes []HierarchyPurpose, wanted string) (name string, unclear bool) {
	if wanted != "" {
		return wanted, false
	}
	all, defaults := map[string]bool{}, map[string]bool{}
	for _, p := range purposes {
		if fold(p.Purpose) != retailPurpose {
			continue
		}
		all[p.Hierarchy] = true
		if p.Default == Yes {
			defaults[p.Hierarchy] = true
		}
	}
	choice := all
	if len(defaults) > 0 {
		choice = defaults
	}
	names := sortedKeys(choice)
	if len(names) == 0 {
		return "", true
	}
	return names[0], len(names) > 1
}

func (h *hierarchy) call(node, name string) {
	if name = fold(name); node != "" && name != "" && !slices.Contains(h.names[node], name) {
		h.names[node] = append(h.names[node], name)
	}
}

// above lists the nodes above one, nearest first, and whether the way up came
// back to where it had been: a loop ends the walk.
func (h *hierarchy) above(node string) (nodes []string, loop bool) {
	seen := map[string]bool{node: true}
	for {
		parent, ok := h.parents[node]
		if !ok {
			return nodes, false
		}
		if seen[parent] {
			return nodes, true
		}
		seen[parent] = true
		nodes = append(nodes, parent)
		node = parent
	}
}

// has reports whether the tree mentions the node at all.
func (h *hierarchy) has(node string) bool {
	_, below := h.parents[node]
	return below || len(h.names[node]) > 0
}
