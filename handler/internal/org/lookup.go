package org

import (
	"hash/maphash"
	"iter"
	"math/bits"
)

// lookup finds rows by a key without holding them twice. The first question
// puts their positions in order of the key's hash: eight bytes a row, where a
// map of a million texts takes seventy. Only one goroutine at a time may ask.
type lookup[R any, K comparable] struct {
	rows []R
	key  func(*R) K

	seed   maphash.Seed
	order  []int32 // positions of the rows, by hash
	starts []int32 // where in order each hash begins; one more says where the last ends
}

func newLookup[R any, K comparable](rows []R, key func(*R) K) lookup[R, K] {
	return lookup[R, K]{rows: rows, key: key}
}

// of yields the rows with a key and their positions, in order.
func (l *lookup[R, K]) of(key K) iter.Seq2[int, *R] {
	return func(yield func(int, *R) bool) {
		if l.starts == nil {
			l.build()
		}
		hash := l.hash(key)
		for _, i := range l.order[l.starts[hash]:l.starts[hash+1]] {
			if row := &l.rows[i]; l.key(row) == key && !yield(int(i), row) {
				return
			}
		}
	}
}

func (l *lookup[R, K]) build() {
	l.seed = maphash.MakeSeed()
	l.order = make([]int32, len(l.rows))
	l.starts = make([]int32, 1<<bits.Len(uint(len(l.rows)))+1)
	// Count the rows of each hash, add up where each ends, and fill from there
	// backwards: then starts says where each begins.
	for i := range l.rows {
		l.starts[l.hash(l.key(&l.rows[i]))]++
	}
	for hash := 1; hash < len(l.starts); hash++ {
		l.starts[hash] += l.starts[hash-1]
	}
	for i := len(l.rows) - 1; i >= 0; i-- {
		hash := l.hash(l.key(&l.rows[i]))
		l.starts[hash]--
		l.order[l.starts[hash]] = int32(i)
	}
}

// hash is below len(l.starts)-1, which is a power of two.
func (l *lookup[R, K]) hash(key K) int {
	return int(maphash.Comparable(l.seed, key) & uint64(len(l.starts)-2))
}
