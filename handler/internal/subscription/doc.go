// Package subscription keeps the Graph subscriptions that storeteams wants: it
// makes them, renews them before two thirds of their life are over, makes them
// anew after a loss, and deletes strays of ours. It decides; package graph asks.
//
// # What is wanted
//
// One subscription to all groups and one to all users of the tenant. An app may
// have 100 of that kind in a tenant, so there is no room for one per store; what
// is told of groups that are none of ours costs a look at one row. Teams' own
// notifications about members, one subscription a team, are asked for where a
// setting says so.
//
// # What they are good for
//
// Graph's notifications may be lost, late, twice and out of order, and for groups
// and users nobody tells that some were missed. So after every gap of ours, such
// as a subscription that was made anew, the whole tenant is hinted at: the delta
// feeds know what was missed. The timers look in any case.
//
// A canary proves that notifications arrive: a security group without anybody in
// it, whose description gets the time. If nothing arrives after that, storeteams
// says so, makes its subscriptions anew, and has the tenant's changes read at each
// tick until something does.
package subscription
