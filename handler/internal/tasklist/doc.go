// Package tasklist sends lists from the communications board to many stores, and
// shows there how far they are.
//
// On that board a bucket with a task titled Send is a list. What such a task means
// is package task's to decide ([task.ReadList], [task.Next]); this package reads
// the board, remembers each campaign in the ledger, answers on the Send task, and
// tells the stores to look. It puts no task on any store's board: package tasksync
// does, for one store at a time, whenever it looks at one.
//
// # What survives being killed
//
// [Engine.Settle] works by state. Each look reads the whole board and goes on
// where the ledger says the last one was; nothing is kept in between.
//
//   - A campaign is saved before its Send task is answered, so an answer never
//     speaks of what is not so. The other way around, only what the ledger knows
//     to have stood on the Send task can be confirmed by completing it again.
//   - The decision to send is one conditional write of the campaign's row. Two
//     looks at once cannot both make it, and making it twice would send the same
//     version, which a store takes once.
//   - Stores are told by hints, again at every look, until each board has the
//     version. The queue drops the repeated ones.
//   - The board itself is claimed before it is made, and found again by its title.
//
// # What is gone
//
// A Send task, a bucket or the whole board that is not there any more withdraws
// nothing. It is noted ([task.Campaign].Missing), or held until a person allows a
// new board.
package tasklist
