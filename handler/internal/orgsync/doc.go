// Package orgsync keeps the tenant's teams as Commerce's organization wants
// them. One run reads, computes, carries out and records:
//
//	snapshot   Commerce's rows: read whole, or from the ledger with those over
//	           them that state a leave
//	mirror     the tenant's groups and users: what the delta feeds add to it
//	roster     who belongs where (package org)
//	plan       what differs (package plan)
//	verdict    what of it may be done now (package rails)
//	apply      each team by itself, leavers first, then the longest-waiting
//	record     what became of it
//
// A run is level-triggered: it never asks what happened, only what is, and it
// may be killed between any two steps. Creating a team is the one thing with
// steps that build on each other; a claim in the ledger remembers how far it
// got (provision.go). All else is found again by looking.
//
// The package declares what it needs of the outside world (ports.go) and knows
// neither Graph nor OData.
package orgsync
