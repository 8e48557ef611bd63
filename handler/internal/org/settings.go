package org

import "fmt"

// ownersBySetting checks FALLBACK_OWNERS and COMMUNICATIONS_OWNERS, gives the
// fallback owners to the caretakers, and returns who owns the communications team.
func (b *builder) ownersBySetting() []account {
	b.caretaker.fallback = b.named("FALLBACK_OWNERS", b.rules.FallbackOwners)
	for _, a := range b.caretaker.fallback {
		if a.mayOwn() {
			b.roster.FallbackOwners = append(b.roster.FallbackOwners, a.user.ID)
		}
	}
	own := b.named("COMMUNICATIONS_OWNERS", b.rules.CommunicationsOwners)
	if owners := b.whoMayOwn(own); len(owners) > 0 {
		return owners
	}
	return b.whoMayOwn(b.caretaker.fallback)
}

// named finds the users whom a setting names as owners, and reports those who
// may not be.
func (b *builder) named(setting string, names []string) []account {
	all := make([]account, len(names))
	for i, name := range names {
		if all[i] = b.ids.named(name); !all[i].mayOwn() {
			b.find(BadOwnerSetting, TeamKey{}, fmt.Sprintf(
				"entry %d of %s is no enabled, licensed member of the tenant", i+1, setting))
		}
	}
	return all
}

// whoMayOwn returns those who may own the communications team.
func (b *builder) whoMayOwn(named []account) []account {
	var owners []account
	for _, a := range named {
		if !a.usable() || b.blocks.cover(a.user.ID, Communications) {
			b.hidden.add(Communications, "", a)
		} else if a.mayOwn() {
			owners = append(owners, a)
		}
	}
	return owners
}

// protectedUsers finds the users whom PROTECTED_USERS names. An object id
// protects whether or not the tenant shows its user.
func (b *builder) protectedUsers() map[UserID]bool {
	protected := make(map[UserID]bool, len(b.rules.ProtectedUsers))
	for i, name := range b.rules.ProtectedUsers {
		if _, there := b.ids.users.named(name); !there {
			b.find(BadProtectedUser, TeamKey{}, fmt.Sprintf("entry %d of PROTECTED_USERS is no user of the tenant", i+1))
		}
		if id, stands := b.ids.users.IDOf(name); stands {
			protected[id] = true
		}
	}
	return protected
}
