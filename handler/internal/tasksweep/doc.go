// Package tasksweep finds the changes of tasks that nobody hinted at, and sends
// the hints. It changes no task: package tasksync does, wherever a hint leads.
//
// Planner tells nobody what changes, so its boards are listed: twenty a call,
// those on which something changed lately at each tick, the others every quarter
// of an hour. Of each listing a digest is compared with the one that was settled
// last; only where it differs the store's row is read, to see which tasks moved.
// Commerce is read as a whole every few minutes, and compared in the same way.
// Besides, each store is looked at whole once an hour, which finds what no listing
// shows.
//
// What is remembered of all that is one blob ([ledger.Sweep]), read and written
// once a tick. Hints are sent before it is written: killed in between, they are
// sent again, and the queue drops those it had. Two sweeps at once cost calls; the
// blob is the faster one's. Lost, everything is looked at once.
package tasksweep
