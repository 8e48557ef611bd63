package org

import "slices"

// blocks are the orders to keep users out: of the stores named, by number in
// lower case, or with the empty number of every team.
type blocks map[UserID][]string

func newBlocks(rows []Block) blocks {
	b := make(blocks, len(rows))
	for _, row := range rows {
		b[row.User] = append(b[row.User], row.Store.Folded())
	}
	return b
}

// cover reports whether a user is to be kept out of a team.
func (b blocks) cover(user UserID, key TeamKey) bool {
	return slices.ContainsFunc(b[user], func(number string) bool {
		return number == "" || number == key.Store.Folded()
	})
}
