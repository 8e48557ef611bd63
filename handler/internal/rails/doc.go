// Package rails decides which changes of a plan may be carried out now.
//
// A plan says what Commerce wants. Commerce can be wrong for an hour: an empty
// table, half a page, a copied environment, a region moved by mistake. So what
// takes something from people passes the rails first: a removal that rests on
// a missing row waits for a second complete reading; what passes a cap is held
// as a whole until a person allows it; what somebody did by hand is put back
// once, and then asked about. What adds is hardly ever stopped.
//
// The package is pure: memory, settings and the time come in, a verdict goes
// out. The ledger keeps the memory; orgsync carries out the verdict.
package rails
