// Package tasksync keeps the tasks of each store equal in Teams and where they
// came from: Commerce, or a list on the communications board.
//
// It works by state, not by event. A hint says where to look; then both sides
// are read, package task decides, what follows is written with the versions that
// were read as condition, and what was seen goes into the store's one row of the
// ledger ([ledger.Board]). So an echo of our own write, a hint that comes twice,
// late or never, and two instances at once cost time and change nothing.
//
// # A look at a store
//
// [Settler.SettleTask] looks at one task, [Settler.SettleStore] at a whole store.
// Only a look at a whole store finds new tasks, makes boards, buckets and tasks, and
// takes an absence for one; a look at one task that finds more than a change in
// a field becomes one at the whole store.
//
//   - The board, its buckets and its tasks have ids that Planner chooses, and
//     Planner's creations cannot be repeated without harm. So what is about to be
//     created is claimed first, by one conditional write of the store's row. A
//     claim without a result is looked for on the board (a task of our app that no
//     entry names, of the same title and due date); it is created again only when
//     it was not found for longer than readings may lag (ClaimPatience).
//   - What a creation left that was repeated all the same, because it turned up
//     later than that, is deleted if nobody touched it.
//   - Everything else is a write that can be repeated: of fields, with If-Match;
//     a deletion, with If-Match; an insertion into Commerce under an id that
//     follows from the task's own.
//   - The row is saved last. Killed before that, the next look sees both sides as
//     they are by then and comes to the same end.
//
// # What is gone
//
// A task is gone for a side when a whole reading does not show it and a reading
// of just that task does not either; what follows from that needs a second such
// sighting. Where much is gone at once (the board, all of a campaign's tasks in
// the store, or more than MaxDeletionPercent of them) nothing follows: it is a
// hold, told of in the row's Problem, until a person allows it ([Settler.Allow]).
package tasksync
