// Package planner is storeteams' client of Planner, as Microsoft Graph v1.0 shows
// it: it implements tasksync's Side for the tasks of a plan, and its Boards. It
// owns how a task's fields stand in a Planner task and its details, and Planner's
// habits: two ETags a task, open types, order hints, limits, details that come
// late. It refuses to decide what is to be written, and it keeps nothing between
// calls.
//
// Requests are raw JSON through package outbound, and not the SDK's: assignments,
// checklists and references are open types, which the SDK leaves to its maps of
// additional data, and every PATCH needs If-Match and Prefer.
//
// # Fields
//
//	Title         title
//	Status        percentComplete: 0, 50, 100; what lies between is in progress
//	Due           dueDateTime's date in UTC; written as noon, compared by date
//	Assignees     the keys of assignments
//	Instructions, Contact, Progress
//	              the details' description, by package task
//	Link          one of the details' references: ours has the alias "Link", or
//	              leads nowhere and stands for a name, see [nowhere]
//
// What is of the same field already is not written, so that a person's 70 % or
// half past three stays. Everything else of a task, such as other references,
// its priority, its labels and its checklist, is neither read nor touched, but for
// a starting date later than the due date to be written, which Planner would
// refuse: the task then starts when it is due.
//
// # Listings
//
// A listing shows a task without its details, but says whether there is a
// description and how many references there are. A task without either is Whole
// in a listing: its four fields of details are empty. Of any other a listing
// shows none of the four. Whether a listing's hasDescription may lag behind the
// details is not published; it comes with the task's own version.
//
// # Versions
//
// Item.Version is the task's ETag and Item.DetailsVersion that of its details,
// empty where they were not read. Of one resource, a newer ETag is the greater
// string ("Use Microsoft Graph to access Planner: Planner resource versioning").
// So State.Ordered is true of every item: who keeps the versions seen last tells
// by them whether a reading is older, and an item of the same or a greater version
// is not.
//
// Planner takes a change of an older version if nobody changed the same property
// since. A change is then a success although the item was not the newest, and what
// is returned has both. All assignees are one property, and so are the three
// fields of the description.
//
// A change of both task and details is two requests, the details first: if one
// works and the other does not the error says so, and the next look finds what is
// left to do.
package planner
