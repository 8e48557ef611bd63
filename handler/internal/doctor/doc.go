// Package doctor looks for what keeps storeteams from working, or from working
// well, and says of each thing found how to cure it.
//
// [Doctor.Examine] asks Commerce, the tenant and the ledger by harmless reads
// (ports.go), takes what the last runs know beside it, and judges all of that by
// pure functions, one per check: the same signs have the same findings.
// [CheckSettings] looks at settings alone, for an app that does not even start.
//
// The package changes nothing but the ledger's own probe row, and decides
// nothing: whether somebody belongs in a team is package org's to say, whether
// they may go package rails'. It knows neither Graph nor OData, and prints no
// names, addresses or secrets: settings, collections, permissions, store numbers
// and ids only.
package doctor
