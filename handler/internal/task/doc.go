// Package task is what a task is, whatever application shows it, and what is to
// become of one that two applications show differently. It is pure: it reads no
// clock, sends nothing and keeps nothing; package tasksync does.
//
// A task is seen from two sides. Teams is the store's board in Planner. Home is
// where the task came from: Commerce, or a list on the communications board; a
// store's own task was made on its board and has its home in Commerce only if it
// can be put there.
//
// A side says of a task what it shows ([State]), never what happened to it. What
// happened follows from what each side showed the last time ([Base]): [Merge]
// goes through the fields one by one, by the rules of [Matrix].
package task
