// Package simplanner is a simulated Planner, as Microsoft Graph v1.0 shows it:
// plans, their details and buckets, tasks and their details, over state in
// memory. [Service] is an http.Handler that a simulated tenant passes requests
// on to. It speaks the wire's JSON, imports nothing of the handler, and refuses
// what the real service refuses, so that a client that works here has met
// ETags that go stale, limits, order hints and details that come late.
//
// It owns Planner's state and nothing else: which groups there are and who
// belongs to them it asks ([Options].Group, [Options].Belongs). "Authorization:
// Bearer user:<object id>" acts as that user, in Planner's own app; any other
// token is the app [Options].AppID. It is no general OData server: a query
// option other than $select, $expand=details on one task, and the $skiptoken of
// its own links is refused with 400.
//
// # What is assumed
//
// Where Microsoft's pages do not say, the harsher reading is taken:
//
//   - error.code is empty, except for limits and a missing token. The message
//     of a missing permission is the published one.
//   - ETags number the versions of one resource from 1, so fresh resources of a
//     kind share theirs, as in the wild. Their order as strings is that of the
//     versions. Every PATCH that names a property makes a version, also when it
//     changes nothing; an empty one makes none.
//   - A missing If-Match, one that is malformed, "*", of another kind of resource
//     or of a version that never was is 412. An older version will do if none of
//     the properties written is one that was written since, else 409. An open
//     type counts as one property: two edits of different checklist items
//     conflict. Deleting an older version is 409.
//   - A task's details are a resource of their own. Changing them makes a
//     new version of the task only if a property of the task changes with them:
//     hasDescription, referenceCount, checklistItemCount,
//     activeChecklistItemCount, previewType. So editing a description that stays
//     a description does not show in a listing, ticking off a checklist item
//     does.
//   - Read-only properties in a body are refused, previewType on a task among
//     them; POST of a task takes no details. Annotations are ignored where they
//     are not needed.
//   - An open type without entries, an entry without a type or properties, and
//     null for the whole are 400. Null for an entry removes it; removing what is
//     not there does nothing. Keys of checklist items are GUIDs, those of
//     references http addresses with the characters % . : @ # encoded.
//   - Titles and names have 1 to 255 UTF-16 units and are not blank; titles of
//     checklist items at most 100.
//   - A bucket of another plan is 400, one that does not exist 404. bucketId
//     cannot be cleared.
//   - A container names its group by url (either version's, or this service's)
//     or by containerId and type, or by all three. The old owner is refused.
//     POST of a plan answers 201.
//   - The details of a young task are 404 and, expanded, null.
//   - Reopening a task is refused when the plan is full of active ones.
//   - New tasks and buckets come first in order.
//   - A group whose plans cannot be seen yet gives one status for all of them.
//
// # What is wrong or missing
//
//   - No task board formats, no rosters, no archive, no delta, nothing of beta.
//   - No throttling of its own: the limits of Planner are not published. Inject
//     429s where the tenant is put together.
//   - Permissions are membership alone: every member may delete a plan. The app
//     may do everything. Assignees need not exist or belong to the group, and
//     are not told.
//   - The limits on what one user owns, creates or is assigned are not counted,
//     nor how long a description may be, nor how many a plan is shared with.
//   - The real service may notice that two edits set the same value, or that
//     they concern different entries of an open type, and take both.
//   - The read lag is one span for all reads. Groups and their members are seen
//     as they are.
//   - What the real service's order hints look like is imitated, not known.
//   - Ids are random; a client cannot read anything out of them.
package simplanner
