// Package worldgen makes worlds: the rows of a Commerce environment and of an
// Entra tenant as they come over the wire. Random worlds hold every oddity the
// organization rules speak of, Chain is a big and orderly one to measure with.
//
// It owns what a world looks like, not what follows from it (package naive says
// that), and it draws from no source of its own: the same draws give the same
// world. A draw of zero is always the plainest choice, so that a shrinking
// source ends at a dull world with the one oddity that matters.
//
// A world keeps the promises a strict simulation asks for: ids are lower-case
// GUIDs; user principal names and mail nicknames are unique without regard to
// case, unique names too; members and owners are users of the world; a group
// with a team has an owner, and its owners are among its members; names are
// within Graph's limits.
//
// What the rules leave open is left out, because two right answers would
// differ: several rows of one operating unit, worker or position; several F&O
// users of one spelling; one F&O user for two workers; a store mapped to two
// groups; a group mapped twice that does not exist; a stale number of a unit
// beside a position in the unit's department. A communications manager who is
// no worker is limited to an organization that covers no store, so that the
// order among them does not show.
package worldgen
