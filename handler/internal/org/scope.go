package org

import "slices"

// scope says which stores a run looks at.
type scope struct {
	entries   []string
	hierarchy *hierarchy
	used      map[string]bool // entries that matched some store
}

// includes reports whether a store is in scope.
func (c *scope) includes(store Store) bool {
	naming := c.naming(store)
	for _, entry := range naming {
		c.used[entry] = true
	}
	return len(c.entries) == 0 || len(naming) > 0
}

// naming returns the entries that put a store in scope: they name its number,
// or it or a node above it, by party number or by name.
func (c *scope) naming(store Store) []string {
	if len(c.entries) == 0 {
		return nil
	}
	nodes, _ := c.hierarchy.above(store.Party)
	if store.Party != "" {
		nodes = append(nodes, store.Party)
	}
	var naming []string
	for _, entry := range c.entries {
		named := func(node string) bool {
			return node == entry || slices.Contains(c.hierarchy.names[node], fold(entry))
		}
		if entry == string(store.Number) || slices.ContainsFunc(nodes, named) {
			naming = append(naming, entry)
		}
	}
	return naming
}
