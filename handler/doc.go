// Command handler is storeteams: the custom handler that the Azure Functions
// host starts, and everything it does.
//
// # A tour
//
// storeteams keeps Microsoft Teams in step with Dynamics 365 Commerce. Read the
// packages in this order:
//
//	internal/fault        what can go wrong, by what one can do about it
//	internal/org          the organization: Commerce's rows and what they mean.
//	                      BuildRoster says who belongs in which team, and why.
//	                      Pure: no clock, no I/O
//	internal/plan         wanted minus found: the changes, as a value. Pure
//	internal/ledger       what is remembered between runs. Store is the small
//	                      interface databases implement (boltledger, tableledger;
//	                      memledger for tests), Book the typed view on top, with
//	                      the key schema in its doc.go
//	internal/orgsync      the engine: read, compute, carry out, record. ports.go
//	                      declares what it needs of the world
//	internal/outbound     the one way out to other servers: token, patience,
//	                      and the rule that a token leaves for one host only
//	internal/commerce     Commerce's OData, behind orgsync.Commerce
//	internal/graph        Microsoft Graph, behind orgsync.Directory,
//	                      orgsync.Provisioner and orgsync.Teams. The only package
//	                      that imports the Graph SDK's models
//	internal/task         a task: its fields, who wins each, what becomes of it,
//	                      lists and the roll-up. Pure
//	internal/tasksync     the engine of tasks: one look at a store makes both
//	                      sides equal. ports.go has what it needs: Side is either
//	                      end, behind which are planner and commerce
//	internal/tasklist     lists on the communications board
//	internal/tasksweep    finds what changed, and hints at it
//	internal/inbox        looks where a hint says, or decides what becomes of it
//	internal/bus          the queue of hints, and its dead letters
//	internal/taskorg      the organization as tasks see it, out of the ledger
//	internal/config       the settings, and everything wrong with them at once
//	internal/trigger      the Functions host's protocol, and Operations over HTTP
//
// Package main (main.go, wiring.go, tasks.go, hints.go) reads settings and puts these together. It
// is the only code that names concrete adapters.
//
// Beside it, handler/local is a second program: the local environment. Its
// simulators (simgraph, simplanner, simcommerce) and its stand-ins for Service Bus
// and the Functions host (simbus, simhost) speak the real protocols and share no code with the handler, so
// that they cannot share a mistake; package naive works out from the rules'
// text, a second time, what the state has to be, and worldgen makes up worlds
// for the two to agree on. None of it is linked into the handler.
//
// # How a worker hired in Commerce becomes a team member
//
//  1. The host's timer posts to /OrgSync; trigger decodes the envelope and calls
//     orgsync.Syncer.Run.
//  2. commerce.Client reads every collection to its end, or the last complete
//     reading serves if it is young enough. graph.Client adds to the mirror what
//     the delta feeds of groups and users show.
//  3. org.BuildRoster wants the worker's account in the store's team;
//     plan.Build finds it missing there: one change, with its reason.
//  4. The team's job adds them, with everybody else who is missing, in one bulk
//     call, and writes down who is in the team now and is managed.
//  5. Killed anywhere, the next run sees what is and goes on. Only making a team
//     has steps that build on each other; a claim remembers how far they got.
//
// # How a task ticked on a board reaches the till
//
//  1. The timer posts to /TaskSweep; tasksweep lists the boards, finds a digest
//     that differs, reads that store's row, and sends a hint for each task whose
//     version is not the one in it.
//  2. The host delivers the hint to /TaskChanged, one at a time for each store;
//     inbox parses it and asks tasksync.Settler to look at the task.
//  3. Both sides are read anew; task.Merge compares each with what it showed last
//     and finds that the board moved; Commerce is written to; the row is saved.
//  4. Killed anywhere, or hinted at twice, the next look finds what is still to do,
//     or nothing.
//
// # How a disabled account is out within half a minute
//
//  1. Graph posts to /api/graph/notifications; trigger bounds it, webhook has
//     notify check each item's signature, and puts a hint for each user on
//     org-hints before it answers 202.
//  2. The host delivers the hint to /OrgChanged; orgchange writes a row for the
//     user and has the queue deliver one word, "due", some seconds later. Hints
//     that come meanwhile find the row.
//  3. Due, it takes all rows, and orgsync.Syncer.RunHinted reads the delta feeds
//     and does what is due in the teams concerned, as a run of everything would.
//  4. It deletes the rows that nobody wrote since. Killed before, the next word
//     finds them, and the timer looks anyway.
//
// subscription keeps Graph telling us, and its canary notices when it does not.
//
// # Who is told what happened
//
// trigger, outbound, orgsync, tasksync and webhook tell package telemetry through
// functions they are given; it alone knows OpenTelemetry, and puts the
// invocation into every log line. Alerts in infra/modules read those lines.
//
// decisions.md beside this file says what was decided along the way, and what
// was refused.
package main
