package org

// Presence says what Commerce shows of a team's store. Numbers compare without
// case. The communications team is always InScope.
func (e *Evidence) Presence(key TeamKey) Presence {
	if e == nil || !key.IsStore() {
		return InScope
	}
	store, listed := e.store(key)
	switch {
	case e.closed[key.Store.Folded()]:
		return Closed
	case !listed && e.unread.open("", key)&onExistence != 0:
		return Unreadable
	case !listed:
		return Missing
	}
	if _, inScope := e.entries[TeamKey{store.Number}]; !inScope {
		return OutOfScope
	}
	return InScope
}

// closedStores are the numbers that CLOSED_STORES names, folded.
func closedStores(setting []string) map[string]bool {
	closed := make(map[string]bool, len(setting))
	for _, number := range setting {
		closed[fold(number)] = true
	}
	return closed
}
