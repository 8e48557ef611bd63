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
//	act      <time>-<random>  Event: what an operator did; for 90 days
//	job      <job id>         an operator's call that takes long: how far it is, and
//	                          that it ended; for a day (job.go)
//	board    s/<number>|c     Board: a store's board, and what both sides of its tasks
//	                          last showed, packed when large
//	campaign <planner id>     Campaign: a list sent from the communications board
//	rails    task-deletions   how many tasks were deleted in the last 24 hours
//	probe    <random>         a row that a probe writes, reads and deletes; what a
//	                          killed one left, a later one deletes (probe.go)
//	blob/<name>  …            a large value in pieces (blob.go). Names:
//	           snapshot         the last complete reading of Commerce (snapshot.go)
//	           users/00…3f      the tenant's users, spread by object id
//	           sweep            Sweep: what the last look at all boards showed
//	           takings          Takings: what counts against the caps for 24 hours
//	           plan/<run id>    a run's plan as text
//	           events/<run id>  the changes a run carried out, an Event a line; none
//	                            if there were none, or if it was killed
//	           job/<job id>     what the call was answered, as it was sent
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
//	board     titles of tasks, and texts that lost against other texts, for 90 days
//	campaign  what people wrote in a list
//	plan/…    object ids and personnel numbers
//	events/…  the same
//	act       object ids of those it was about, for 90 days
//	job, job/…
//	          what an operator was answered: object ids, UPNs and personnel numbers;
//	          for a day, and on until the next job begins
//
// There is none in binding, cursor, claim, lease, rails, sweep and probe. Names of
// people are nowhere.
package ledger
