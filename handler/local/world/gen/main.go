// Command gen writes the sample world, ../sample.json: Larkmoor, a retailer that
// does not exist, with its stores, its people and its tenant. It uses neither a
// clock nor chance, so that the file only changes when this program does.
//
// Ordinary stores and their staff come from a few rules (stores.go, staff.go).
// The odd cases, which are what the sample is for, are written out one by one
// with the rule each of them shows, in a comment that begins with CASE: people in
// headoffice.go, oddpeople.go and oddaccounts.go, stores in oddstores.go and
// stores.go, groups in tenant.go, tasks in campaigns.go, rows no one should write
// in badrows.go.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	out := flag.String("o", "sample.json", "the file to write")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(path string) error {
	data, err := larkmoor().encode()
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// larkmoor builds the retailer. The order decides personnel numbers, and with
// them who wins where the lowest number does.
func larkmoor() *retailer {
	r := newRetailer()
	r.headOffice()
	r.openStores()
	r.addOddStores()
	r.buildHierarchies()
	r.staffStores()
	r.addOddPeople()
	r.addOddAccounts()
	r.addBadRows()
	r.fillTenant()
	r.addGroups()
	r.addCampaigns()
	return r
}
