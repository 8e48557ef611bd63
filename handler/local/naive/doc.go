// Package naive is a second opinion on who belongs in which team. It works the
// organization rules out from the raw rows of a world file, in the order and
// the words of the rules, with nested loops and no regard for speed, so that a
// reader can lay it beside the rules and see that it says the same. The real
// implementation is judged against it on random worlds.
//
// It owns nothing the product runs on and refuses to share anything with it:
// it imports the standard library only, because a mistake in a shared type or
// function would be made on both sides and go unseen. It changes nothing, reads
// no clock and holds no state: the same world, settings and time give the same
// answer, whatever the order of the rows.
//
// Where the rules leave something open it reads them so:
//   - Key attributes (empty: the row is left out) are those by which F&O tells
//     rows apart; see shapes. A null attribute that is no key costs nothing.
//   - A number where a text is expected is its digits: F&O's record ids come as
//     either.
//   - A store that Commerce maps to several groups, or to something that is no
//     group id, waits for a person.
//   - Of several operating units with one number the smallest row counts. A
//     unit found by its number is the store's even when its name is empty.
//   - "Department equals the store's unit" compares with the number in the
//     store's own row, not with that of a unit found through the party.
//   - A communications manager is one F&O user with the role. Those without a
//     worker stand in as caretakers after those with one, by user id.
//   - A store that nobody may own gets no team, but a team that has an owner
//     already is kept up: its members are added all the same.
//   - Holds and skipped teams do not change who is wanted elsewhere: a store
//     that is skipped still counts as a store in scope and may use up a
//     caretaker.
//   - Grapheme borders cover combining marks, emoji sequences, flags and Hangul
//     syllables: what names of shops hold, not all of Unicode.
package naive
