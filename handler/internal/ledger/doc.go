// Package ledger is what storeteams remembers between runs. Everything in it
// can be rebuilt from Commerce and the tenant; it saves reading them again, and
// it knows what they do not show: what we were about to do, and what we did.
//
// [Store] is the small interface that databases implement (tableledger for
// Azure Table Storage, boltledger for a file), [Book] the typed view that
// everybody else uses. Each write is conditional on the version that was read,
// so two instances of the app cannot overwrite each other: the second gets a
// fault.Conflict, gives up its run or its team, and the next tick reads again.
//
// # Key schema
//
// Partition and row; a team's row is its marker (org.Marker), which is short
// and has no awkward characters.
//
//	binding  ledger          which INSTANCE, COMMERCE_URL and TENANT_ID this is for
//	cursor   groups|users    delta links, and when they were current
//	team     <marker>        Link: the store's group, and who in it is managed
//	claim    <marker>        Claim: a creation under way
//	mirror   <group id>      Group: what the tenant last showed of one group
//	run      <run id>        Run: what a run did; the last 100 are kept
//	blob/<name>  …           a large value in pieces (blob.go). Names:
//	           snapshot        the last complete reading of Commerce
//	           users/00…3f     the tenant's users, spread by object id
//	           plan/<run id>   a run's plan as text
//
// Personal data (object ids, personnel numbers, UPNs) is in team, mirror, run and
// every blob. Names of people are nowhere.
package ledger
