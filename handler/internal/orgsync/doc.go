// Package orgsync keeps the tenant's teams as Commerce's organization wants
// them. One run reads, computes, carries out and records:
//
//	snapshot   Commerce's rows: read whole, or an hour old from the ledger
//	mirror     the tenant's groups and users: what the delta feeds add to it
//	roster     who belongs where (package org)
//	plan       what differs (package plan)
//	apply      each team by itself, the longest-waiting first
//	record     what became of it
//
// A run is level-triggered: it never asks what happened, only what is, and it
// may be killed between any two steps. Creating a team is the one thing with
// steps that build on each other; a claim in the ledger remembers how far it
// got (provision.go). All else is found again by looking.
//
// The package declares what it needs of the outside world (ports.go) and knows
// neither Graph nor OData. It removes, demotes and archives nothing.
package orgsync
