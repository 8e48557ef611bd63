package org

import (
	"cmp"
	"slices"
)

// lookup finds rows by a key without holding them twice: the first question
// puts their positions in order of the key, four bytes a row. Most runs ask
// nothing.
type lookup[R any, K cmp.Ordered] struct {
	rows  []R
	key   func(*R) K
	order []int32
}

// of returns the rows with a key, in no particular order.
func (l *lookup[R, K]) of(key K) []R {
	if l.order == nil {
		l.order = make([]int32, len(l.rows))
		for i := range l.order {
			l.order[i] = int32(i)
		}
		slices.SortFunc(l.order, func(a, b int32) int { return cmp.Compare(l.key(&l.rows[a]), l.key(&l.rows[b])) })
	}
	at, _ := slices.BinarySearchFunc(l.order, key, func(i int32, key K) int { return cmp.Compare(l.key(&l.rows[i]), key) })
	var found []R
	for _, i := range l.order[at:] {
		if l.key(&l.rows[i]) != key {
			break
		}
		found = append(found, l.rows[i])
	}
	return found
}
