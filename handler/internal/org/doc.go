// Package org knows the organization: what Commerce's rows mean, and who
// therefore belongs in which team, as owner or as member, and why.
//
// It is pure: standard library and grapheme clusters, no clock, no input or
// output, no logging. Time and users come in as arguments. It never fails:
// what is odd in the data becomes an Unmapped or a Finding beside the roster,
// because one bad row must not cost forty stores their day. The result does
// not depend on the order of rows.
//
// Reading order: snapshot.go (what came in), index.go (rows made findable),
// identity.go, managers.go, hierarchy.go, caretaker.go, block.go (one rule each),
// build.go and crowd.go (the roster); then leave.go, evidence.go, absence.go,
// presence.go and unread.go: what is known of those whom the roster does not want.
package org
