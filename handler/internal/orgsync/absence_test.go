package orgsync_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// A row that is gone is believed when a second complete reading, made at least
// SIGHTING_INTERVAL later, has not got it either.
func TestAbsence(t *testing.T) {
	type steps = []func(b *bench, t *testing.T)
	gone := func(b *bench, t *testing.T) { b.vanish(t, 2, 1) }
	back := func(b *bench, t *testing.T) { b.reappear(t, 2, 1) }
	tick := func(b *bench, t *testing.T) { b.tick(t) }
	fail := func(b *bench, _ *testing.T) { b.breaks("PositionsV2") }
	short := func(b *bench, t *testing.T) { b.shrink(t, "PositionsV2", 50) }
	mend := func(b *bench, t *testing.T) { b.breaks(""); b.refill(t, "PositionsV2") }
	later := func(d time.Duration) func(b *bench, t *testing.T) {
		return func(b *bench, t *testing.T) { pass(d); b.run(t, t) }
	}
	cases := map[string]struct {
		steps steps
		stays bool
	}{
		"one reading":                        {steps{gone, tick}, true},
		"two readings":                       {steps{gone, tick, tick}, false},
		"two within the interval":            {steps{gone, tick, later(15*time.Minute - time.Second)}, true},
		"the interval is over":               {steps{gone, tick, later(14 * time.Minute), later(time.Minute)}, false},
		"many within the interval":           {steps{gone, tick, later(4 * time.Minute), later(4 * time.Minute), later(4 * time.Minute)}, true},
		"back in between":                    {steps{gone, tick, back, tick, gone, tick}, true},
		"back in between, and gone for good": {steps{gone, tick, back, tick, gone, tick, tick}, false},
		"a failed reading confirms nothing":  {steps{gone, tick, fail, tick, tick, tick}, true},
		"a failed reading clears nothing":    {steps{gone, tick, fail, tick, tick, mend, tick}, false},
		"back while readings failed":         {steps{gone, tick, fail, tick, back, tick, mend, tick, tick}, true},
		"gone while readings failed":         {steps{fail, gone, tick, tick, mend, tick}, true},
		"a short reading confirms nothing":   {steps{gone, tick, short, tick, tick, tick}, true},
		"a short reading clears nothing":     {steps{gone, tick, short, tick, tick, mend, tick}, false},
		"back in a short reading only":       {steps{gone, tick, short, back, tick, gone, mend, tick}, false},
		"a short reading sights nothing":     {steps{short, gone, tick, tick, mend, tick}, true},
		"back while readings were short":     {steps{gone, tick, short, tick, back, mend, tick, tick}, true},
	}
	each(t, cases, func(t *testing.T, c struct {
		steps steps
		stays bool
	},
	) {
		b := newFull(t, 6, 4)
		before := b.places(t)
		for i, step := range c.steps {
			step(b, t)
			if i < len(c.steps)-1 {
				b.wantPlaces(t, "on the way", before, nil, nil)
			}
		}
		var lost []string
		if !c.stays {
			lost = []string{b.place(t, 2, 1)}
		}
		b.wantPlaces(t, "in the end", before, lost, nil)
	})
}

// A snapshot that serves several ticks is one reading: it does not confirm
// itself, however long it is used.
func TestSnapshotConfirmsNothingOfItself(t *testing.T) {
	for name, broken := range map[string]bool{"an hour": false, "a day without Commerce": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newFull(t, 6, 4)
				before := b.places(t)
				b.vanish(t, 2, 1)
				b.tick(t) // the first reading
				b.maxAge = time.Hour
				b.ticks(t, 45*time.Minute)
				if broken {
					b.breaks("RetailStores")
					b.looks(t, day, 2*time.Hour)
				}
				b.wantPlaces(t, "with one reading", before, nil, nil)
				b.breaks("")
				b.tick(t)
				b.wantPlaces(t, "with another", before, []string{b.place(t, 2, 1)}, nil)
			})
		})
	}
}

// What is known of somebody's identity stops additions only, however long it
// lasts. So does what nobody understands.
func TestUnusableAccountsStay(t *testing.T) {
	licence := func(plans ...simgraph.Plan) func(b *bench, t *testing.T, k int) {
		return func(b *bench, t *testing.T, k int) {
			must(t, b.tenant.SetUser(b.worker(t, 2, k), func(u *simgraph.User) { u.AssignedPlans = plans }))
		}
	}
	rows := func(collection string, change func(row map[string]any) bool) func(b *bench, t *testing.T, k int) {
		return func(b *bench, t *testing.T, k int) { b.editWorker(t, collection, 2, k, change) }
	}
	each(t, map[string]func(b *bench, t *testing.T, k int){
		"nobody has that identity": rows("RetailStaff", func(row map[string]any) bool {
			row["ExternalSubIdentifier"], row["ExternalIdentityAlias"] = "bbbbbbbb-0000-4000-8000-000000000001", "nobody@contoso.example"
			return true
		}),
		"no identity": rows("RetailStaff", func(row map[string]any) bool {
			row["ExternalSubIdentifier"], row["ExternalIdentityAlias"] = nil, nil
			return true
		}),
		"no row of the identity": rows("RetailStaff", func(map[string]any) bool { return false }),
		"suspended licence":      licence(simgraph.Plan{ServicePlanID: simgraph.TeamsPlan, CapabilityStatus: "Suspended"}),
		"no licence":             licence(),
		"a guest now": func(b *bench, t *testing.T, k int) {
			must(t, b.tenant.SetUser(b.worker(t, 2, k), func(u *simgraph.User) { u.UserType = "Guest" }))
		},
		"unknown value": rows("RetailChannelWorkers", func(row map[string]any) bool { row["IsActive"] = "Perhaps"; return true }),
	}, func(t *testing.T, spoil func(*bench, *testing.T, int)) {
		b := newFull(t, 6, 4)
		before := b.places(t)
		for k := range 3 { // the manager too
			spoil(b, t, k)
		}
		b.ticks(t, 6*time.Hour)
		b.wantOnlyCaretakers(t, "hours later", before, nil, nil)
	})
}

// A worker's new account comes in, and then the old one goes. One that cannot
// be used, or is refused, takes nobody's place.
func TestChangedAccount(t *testing.T) {
	each(t, map[string]struct {
		spoil func(b *bench, t *testing.T, account string)
		goes  bool
	}{
		"usable": {func(*bench, *testing.T, string) {}, true},
		"without a licence": {func(b *bench, t *testing.T, account string) {
			must(t, b.tenant.SetUser(account, func(u *simgraph.User) { u.AssignedPlans = nil }))
		}, false},
		"disabled": {func(b *bench, t *testing.T, account string) {
			must(t, b.tenant.SetUser(account, func(u *simgraph.User) { u.AccountEnabled = false }))
		}, false},
		"refused by Teams": {func(b *bench, _ *testing.T, _ string) {
			b.tenant.Inject(simgraph.Fault{Route: "POST /teams/{team}/members/add", Do: simgraph.Refuse(403, "Forbidden", 0)})
		}, false},
		"its adding never answered": {func(b *bench, _ *testing.T, _ string) {
			b.tenant.Inject(simgraph.Fault{Route: "POST /teams/{team}/members/add", Do: simgraph.Drop})
		}, false},
	}, func(t *testing.T, c struct {
		spoil func(b *bench, t *testing.T, account string)
		goes  bool
	},
	) {
		for _, k := range []int{1, 0} {
			var b *bench
			var account string
			b = newFullWith(t, 6, 4, simgraph.Options{OnRemove: func(group, user string) {
				for _, team := range b.tenant.Teams() {
					if team.ID == group && !contains(append(team.Owners, team.Members...), account) {
						t.Errorf("%s went before the new account came", user)
					}
				}
			}})
			before := b.places(t)
			old := b.place(t, 2, k)
			var upn string
			account, upn = b.newAccount(t, 1)
			c.spoil(b, t, account)
			b.editWorker(t, "RetailStaff", 2, k, func(row map[string]any) bool {
				row["ExternalSubIdentifier"], row["ExternalIdentityAlias"] = account, upn
				return true
			})
			b.ticks(t, 2*time.Hour-tick)
			if record := b.tick(t); record.Waiting > 0 && len(record.Failed) == 0 {
				t.Errorf("%d wait for nobody: %+v", record.Waiting, record.Notes)
			}
			if c.goes {
				role := map[int]string{0: "owner", 1: "member"}[k]
				b.wantPlaces(t, "hours later", before, []string{old}, []string{at(2, role, account)})
				continue
			}
			if now := b.places(t); !contains(now, old) || contains(now, at(2, "member", account)) {
				t.Errorf("hours later the old account of worker %d is gone, or the new one there", k)
			}
		}
	})
}
