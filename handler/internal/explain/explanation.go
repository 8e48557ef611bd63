// Package explain says why a worker, a user or a store is as it is: what was
// read, which rule matched, what is wanted, what was found, what the next run
// does and what was done when.
//
// It reads an orgsync.Survey and touches nothing else. It has no rules of its
// own: whether somebody belongs to a team is what package org says, what would
// change is in the survey's plan, and what is stopped in its halts. So it cannot
// tell a story that the next run does not act out.
//
// It is the one report by person, and the one place that shows user principal
// names. Names of persons it does not have.
package explain

// Explanation says, step by step and with values, why something is as it is.
type Explanation struct {
	Subject string `json:"subject"` // "worker 001008", "store 000101", "user <object id>"
	Verdict string `json:"verdict"` // the answer, one or two sentences
	Steps   []Step `json:"steps"`
}

// Step is one stage of the way from Commerce's rows to who is in a team.
type Step struct {
	Title  string `json:"title"` // e.g. "What Commerce says"
	Facts  []Fact `json:"facts"`
	Result string `json:"result"` // what follows from the facts, one sentence
}

// Fact is one value that was looked at.
type Fact struct {
	Name  string `json:"name"`  // where it is from: "RetailChannelWorkers 5637144576"
	Value string `json:"value"` // what it says: "IsActive Yes"
}
