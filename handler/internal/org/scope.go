package org

import "slices"

// scope says which stores a run looks at.
type scope struct {
	entries   []string
	hierarchy *hierarchy
	used      map[string]bool // entries that matched some store
}

// includes reports whether a store is in scope: by its number, or because it
// or a node above it is named, by party number or by name.
func (c *scope) includes(store Store) bool {
	if len(c.entries) == 0 {
		return true
	}
	nodes, _ := c.hierarchy.above(store.Party)
	if store.Party != "" {
		nodes = append(nodes, store.Party)
	}
	in := false
	for _, entry := range c.entries {
		named := func(node string) bool {
			return node == entry || slices.Contains(c.hierarchy.names[node], fold(entry))
		}
		if entry == string(store.Number) || slices.ContainsFunc(nodes, named) {
			c.used[entry] = true
			in = true
		}
	}
	return in
}
