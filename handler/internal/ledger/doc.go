// Package ledger is what storeteams remembers between runs. What Commerce and
// the tenant show is in it to save reading them again, and can be forgotten at
// any time ([Book.Forget]). The rest they do not show: what we were about to do,
// what we did and whom we may take out again, what the rails wait for, and what
// a person decided.
//
// [Store] is the small interface that databases implement (tableledger for
// Azure Table Storage, boltledger for a file), [Book] the typed view that
// everybody else uses. Each write is conditional on the version that was read,
// so two instances of the app cannot overwrite each other: the second gets a
// fault.Conflict, gives up its run or its team, and the next tick reads again.
// A row that does not say in its content which row it is was not written by us,
// and is an error to read.
//
// # Key schema
//
// Partition and row; a team's row is its marker (org.Marker), which is short
// and has no awkward characters.
//
//	binding  ledger           which INSTANCE, COMMERCE_URL and TENANT_ID this is for
//	cursor   groups|users     delta links, and when they were current
//	team     <marker>         Link: the store's group, who in it is managed, and
//	                          what the rails remember of the team and its store
//	claim    <marker>         Claim: a creation under way
//	lease    <marker>         Lease: who changes the team now; the row stays when it is free
//	mirror   <group id>       Group: what the tenant last showed of one group
//	hold     <hash>           a hold, with its changes and what a person said of it
//	block    <user>/<store>   a user kept out of a store, or (no store) of every team
//	rails    baseline         Baseline: how many rows the last good reading had
//	rails    quarantine       Quarantine: since when runs are slowed, and why
//	run      <run id>         Run: what a run did; the last 100 are kept
//	blob/<name>  …            a large value in pieces (blob.go). Names:
//	           snapshot         the last complete reading of Commerce (snapshot.go)
//	           users/00…3f      the tenant's users, spread by object id
//	           takings          Takings: what counts against the caps for 24 hours
//	           plan/<run id>    a run's plan as text
//
// # Personal data
//
//	team      object ids and personnel numbers of the managed; object ids of those
//	          who are about to go, or whom somebody took out by hand
//	mirror    object ids of who is in each group
//	hold      object ids and personnel numbers of those it is about, for 7 days
//	block     object ids of those blocked, until they are unblocked
//	run       object ids and personnel numbers in notes
//	snapshot  personnel numbers, object ids, UPNs
//	users     object ids and UPNs; of a deleted account the object id alone, until
//	          the next full reading
//	takings   object ids, for 24 hours
//	plan/…    object ids and personnel numbers
//
// There is none in binding, cursor, claim, lease and rails. Names of people are
// nowhere.
package ledger
