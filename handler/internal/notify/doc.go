// Package notify reads what Microsoft Graph posts to a webhook, and makes and
// verifies the secret by which its notifications are told from anybody's. It is
// pure but for the randomness it is given: it asks no ledger, so that a flood of
// forged bodies costs no more than reading them.
//
// A notification is a hint. What it says of a group or a user is not believed;
// only that somebody should look there.
package notify
