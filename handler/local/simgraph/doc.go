// Package simgraph is a simulated Microsoft Graph v1.0 tenant: users, groups,
// teams and their members, delta and $batch, over state in memory. [Tenant] is
// an http.Handler. It speaks the wire's JSON, imports nothing of the handler,
// and refuses what the real service refuses, so that a client that works here
// has met paging, lag, lost answers and partial failures.
//
// It owns the tenant's state and nothing else: no subscriptions, no
// permissions. Planner's requests are passed on to [Options].Planner. A missing
// permission is a fault that refuses one operation ([Tenant.Inject] of [Refuse]
// with 403 and Authorization_RequestDenied). It is no general OData server:
// $filter, $search, $orderby, $expand and $count are refused with 400, loudly,
// rather than ignored.
//
// # What is assumed
//
// Where Microsoft's pages do not say, the harsher reading is taken:
//
//   - POST /teams takes exactly one member, an owner. Beside group@odata.bind
//     only settings, channels and installedApps are taken, so a description is
//     refused too.
//   - A group without owners, or not unified, gets 400; a group that has a team
//     or is getting one, 409, also from PUT. The operation of POST /teams on a
//     group is a teamifyGroup, shown as unknownFutureValue to who does not
//     prefer unknown members.
//   - uniqueName is set at creation only, compared without case, and like
//     mailNickname stays taken while the group is deleted but not purged. A
//     taken name is a 400. Without create-if-missing a missing name is a 404.
//   - An update takes no owners@odata.bind and no resourceBehaviorOptions: an
//     upsert that binds an owner fails with 400 when the group exists, and
//     changes nothing.
//   - Adding somebody who is in the team fails: a 400, or BadRequest in the row.
//     Over 200 rows to add or 20 to remove, no rows, or a row that is not
//     well-formed, fail the whole call with 400. When every row failed the
//     answer is 207 all the same. Rows come back in any order.
//   - A membership id is new each time somebody joins.
//   - A guest is never an owner by way of Teams. The directory's owners/$ref
//     does not look.
//   - The last owner cannot be removed or demoted: 400, or BadRequest in the row.
//   - Archiving an archived team is a 400, and so is making an active one
//     active; either while an operation is under way, 409. PATCH of an archived
//     team is a 403; its members can still change.
//   - A condition on a membership (If-Match) that it does not meet is a 412.
//     Memberships have ETags by an option; the published samples show none.
//   - The directory's deleted items keep unified groups only. Restoring what is
//     not there, purged or restored is a 404. A restored group has its team and
//     people at once and comes whole in delta.
//   - Groups synced from on-premises and members of dynamic groups are not
//     writable: 400.
//   - The limits of 25,000 people and 100 owners in a team and 1,000 teams of a
//     user are 400.
//   - Delta shows members only to who selects them (the published sample shows
//     them by default), owners only by an option, and never takes $filter.
//     Deleted objects come in the first round too. A dead token is 410 with a
//     Location that has lost the $select.
//   - dependsOn may name earlier requests of a batch only.
//
// # What is wrong or missing
//
//   - Every token may do everything, and none expires.
//   - Properties that are not simulated read as null; createdByAppId is not
//     served. What a body says about channels, installedApps and
//     discoverySettings is checked by name and forgotten.
//   - Delta leaves out every null, so it does not tell that a description was
//     cleared, and ignores Prefer: return=minimal.
//   - The read lag is one span for all reads of members and for delta. Other
//     properties are visible at once. A group's age keeps teams from being made
//     of it; reads of a young group succeed.
//   - A team of an operation under way is 404 everywhere; the real service shows
//     it sooner in some places than in others. An owner who is taken out of the
//     group's members by the directory stays in the team here.
//   - Reading teams more than once a day, or operations more than every 30
//     seconds, is not punished; Requests counts it.
//   - Deleted users cannot be read or restored. Deleted groups are never purged
//     by time.
//   - Throttling uses one token bucket per published limit, without the limits
//     that hold across tenants. The service may refuse sooner.
//   - A unified group must not be security-enabled at creation; the real service
//     allows it.
//   - Only users can be members.
//   - The organization has an id and a name, and of products only what they are
//     made of and how many units there are: whom they are assigned to is not
//     looked at, but in the one that a tenant has by itself. World leaves the
//     products out.
//   - Subscriptions are for users, groups and team members alone, without
//     resource data and latestSupportedTlsVersion's meaning. Notifications are
//     posted when Deliver is called, one per change, with a back-off that
//     doubles from five seconds. An endpoint is judged by 20 answers in ten
//     minutes: how many the service wants is not published. The pause until a
//     subscription is reauthorized, and lifecycle events that come by
//     themselves are left out: Lifecycle sends them. What a subscription
//     misses while it does not exist is not told later, as with the real one.
package simgraph
