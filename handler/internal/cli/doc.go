// Package cli is the operator's seat: the command line of the handler's binary.
//
// It is a client of the function Operations and nothing else. Only the app opens
// the ledger or calls Commerce and Graph; what an operator's machine holds is the
// function's key or, better, a login that Azure lets read that key. So this
// package owns how a command is said, how its answer is fetched, waited for and
// shown, and the exit codes:
//
//	0  done, or nothing to do
//	1  failed, or something must be fixed
//	2  wrong use or settings
//	3  changes or holds are waiting
//
// What the app answers is somebody else's text to a terminal: its control
// characters are made visible before they are written. A key is sent in one
// header, over https or to this machine only, and is never written anywhere.
//
// Answers go to stdout, everything else (errors, progress, questions) to stderr.
package cli
