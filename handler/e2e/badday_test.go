package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// TestBadDay plays the README's bad day, in the order it is told there, with the
// staged binary's command line in the sample world. What a command answers has
// to be what the README shows.
func TestBadDay(t *testing.T) {
	t.Parallel()
	given := sampleSetup(t)
	given.handler = map[string]string{"MODE": "full"} // as the local environment has it
	d := newDay(t, start(t, given))
	d.settle(t)
	before := d.tenant(t)
	// One bad hour leaves what the next begins with.
	for _, hour := range []struct {
		name string
		play func(*testing.T)
	}{
		{"a table is emptied", d.tableEmptied}, {"a collection is smaller on purpose", d.hierarchyGivenUp},
		{"many rows are gone", d.rowsGone}, {"out now", d.outNow}, {"not in a team", d.notInTeam}, {"a team is deleted", d.teamDeleted},
	} {
		if !t.Run(hour.name, hour.play) {
			break
		}
	}
	d.finish(t)
	if diff := difference(before, d.tenant(t)); t.Failed() || strings.Count(diff, "\n") != 4 {
		t.Errorf("two teams should be other than in the morning:\n%s", diff)
	}
}

// tableEmptied: somebody empties RetailChannelWorkers, and it comes back. Nobody
// is out meanwhile. A caretaker comes where a manager is only known by a row of
// it, and goes again.
func (d *day) tableEmptied(t *testing.T) {
	before, morning := d.tenant(t), d.Tenant.Teams()
	rows := d.Commerce.Rows("RetailChannelWorkers")
	do(t, d.Commerce.SetRows("RetailChannelWorkers", nil))
	d.sync(t)
	d.sync(t)
	for i, now := range d.Tenant.Teams() {
		if was := morning[i]; now.ID != was.ID || len(now.Members) < len(was.Members) || len(now.Owners) < len(was.Owners) {
			t.Errorf("a team was %+v and is %+v", was, now)
		}
	}
	d.handler(t, exitDone, "status")
	d.handler(t, exitFailed, "doctor", "commerce", "", "", "", "")
	d.handler(t, exitDone, "plan", "store 000101", "", "", "0 changes")
	d.handler(t, exitDone, "baseline show", "accepted", "", "", "RetailChannelWorkers  ")

	do(t, d.Commerce.SetRows("RetailChannelWorkers", rows))
	d.settle(t)
	d.handler(t, exitDone, "plan", "nothing to do")
	if diff := difference(before, d.tenant(t)); diff != "" {
		t.Errorf("the teams are other than before:\n%s", diff)
	}
}

// hierarchyGivenUp: a collection that came short is as it should be.
func (d *day) hierarchyGivenUp(t *testing.T) {
	d.edit(t, "OrganizationHierarchyPublishedV2", having(row{"HierarchyType": "Stores by format"}), nil)
	d.still(t)
	d.handler(t, exitDone, "baseline show", "accepted", "", "", "OrganizationHierarchyPublishedV2  ", "newest is short")
	d.handler(t, exitDone, "baseline accept --reading "+d.newest(t), "Accepted")
	if run := d.sync(t); noted(run, "short", "") != "" || run.Held+run.Later > 0 {
		t.Errorf("the reading that was accepted is short still: %+v", run)
	}
}

// newest is which reading of Commerce is the newest.
func (d *day) newest(t *testing.T) string {
	t.Helper()
	var said struct {
		Newest string `json:"newest"`
	}
	d.site.handler(t, "baseline", "show", "--output", "json").read(t, &said)
	return said.Newest
}

// rowsGone: nobody works in two stores any more. One was meant, the other not.
func (d *day) rowsGone(t *testing.T) {
	const meant, mistake = "000102", "000104"
	rows := d.Commerce.Rows("RetailChannelWorkers")
	was, other := d.store(t, meant), d.store(t, mistake)
	var kept, mistaken []json.RawMessage
	for _, raw := range rows {
		switch d.storeOf(t, raw) {
		case meant:
		case mistake:
			mistaken = append(mistaken, raw)
		default:
			kept = append(kept, raw)
		}
	}
	do(t, d.Commerce.SetRows("RetailChannelWorkers", kept))
	d.still(t)
	d.samePeople(t, meant, was)
	d.handler(t, exitWaiting, "holds list")
	hash := d.hash(t, meant)
	d.handler(t, exitDone, "holds show "+hash, "hold ", "", "", "waits for")
	if got := d.site.handler(t, "holds", "allow", hash[:8]); got.code != exitUsage || !strings.Contains(got.errout, "all its 16 digits") {
		t.Errorf("half a hash: exit code %d, %s", got.code, got.errout)
	}
	d.handler(t, exitDone, "holds allow "+hash, "Hold ", "at once")
	d.handler(t, exitWaiting, "run --store "+meant, "done ", "") // the other store waits still
	d.are(t, meant, out, was.Members...)
	d.are(t, meant, owner, was.Owners...)
	d.samePeople(t, mistake, other)

	do(t, d.Commerce.SetRows("RetailChannelWorkers", append(kept, mistaken...)))
	d.still(t)
	d.handler(t, exitDone, "holds list")
	d.samePeople(t, mistake, other)
}

// storeOf is the store that a row of RetailChannelWorkers is about.
func (d *day) storeOf(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var place, store struct{ RetailChannelID, StoreNumber string }
	do(t, json.Unmarshal(raw, &place))
	for _, candidate := range d.world.Commerce["RetailStores"] {
		do(t, json.Unmarshal(candidate, &store))
		if store.RetailChannelID == place.RetailChannelID {
			return store.StoreNumber
		}
	}
	return ""
}

// hash is the hash of the hold that waits about a store.
func (d *day) hash(t *testing.T, store string) string {
	t.Helper()
	var holds []struct{ Hash, Team, Decision string }
	d.site.handler(t, "holds", "list", "--output", "json").read(t, &holds)
	for _, h := range holds {
		if h.Team == "s/"+store && h.Decision == "waiting" {
			return h.Hash
		}
	}
	t.Fatalf("no hold about store %s: %+v", store, holds)
	return ""
}

// outNow: the only manager of a store is dismissed, which Commerce does not know
// yet.
func (d *day) outNow(t *testing.T) {
	const store, worker = "000101", "001006"
	manager := d.store(t, store).Owners
	d.handler(t, exitDone, "explain --worker "+worker, "Worker ", "", "rule ", "", "")
	d.handler(t, exitFailed, "revoke --worker "+worker)
	d.are(t, store, owner, manager...) // a team is never without an owner
	d.handler(t, exitDone, "run --store "+store, "done ", "store "+store, "", "")
	d.are(t, store, out, manager...)
	d.handler(t, exitDone, "explain --worker "+worker, "Worker ", "", "block ", "wanted", "in it", "revoke", "")
	d.sync(t)
	d.are(t, store, out, manager...)

	d.handler(t, exitDone, "unblock --worker "+worker)
	d.settle(t)
	d.are(t, store, owner, manager...)
	if team := d.store(t, store); len(team.Owners) != 1 {
		t.Errorf("the owners are %v", team.Owners)
	}
}

// notInTeam: somebody is missed in a team. Their account has no licence.
func (d *day) notInTeam(t *testing.T) {
	const store, worker, account = "000111", "001208", "8666e798-4ac2-4816-8367-251aa66f3939"
	d.are(t, store, out, account)
	d.handler(t, exitDone, "explain --worker "+worker+" --store "+store,
		"Worker ", "", "account ", "", "", "rule ", "", "")
	licence := []simgraph.Plan{{ServicePlanID: simgraph.TeamsPlan, Service: "TeamspaceAPI", CapabilityStatus: "Enabled"}}
	do(t, d.Tenant.SetUser(account, func(u *simgraph.User) { u.AssignedPlans = licence }))
	d.handler(t, exitDone, "run --store "+store, "done ", "store "+store, "")
	d.are(t, store, member, account)
	d.handler(t, exitDone, "explain --worker "+worker+" --store "+store, "Worker ", "")
}

// teamDeleted: somebody deletes a team, twice.
func (d *day) teamDeleted(t *testing.T) {
	const store = "000104"
	was := d.store(t, store)
	do(t, d.Tenant.DeleteGroup(was.ID))
	d.handler(t, exitDone, "run", "done ", "store "+store, "")
	d.sameTeam(t, store, was, false)
	d.samePeople(t, store, was)

	do(t, d.Tenant.DeleteGroup(was.ID))
	d.handler(t, exitWaiting, "run", "stopped ", "plan", "", "", "")
	hash := d.hash(t, store)
	d.handler(t, exitDone, "holds allow "+hash, "Hold ", "", "")
	d.handler(t, exitDone, "run --store "+store, "done ")
	d.sameTeam(t, store, was, false)
	d.samePeople(t, store, was)
}
