package orgsync_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// A protected user is never removed or demoted, whatever says that they left.
func TestProtected(t *testing.T) {
	cases := map[string]evidence{}
	for _, e := range evidences {
		cases[e.name] = e
	}
	each(t, cases, func(t *testing.T, e evidence) {
		b := newFull(t, 6, 4)
		b.protected = []string{b.worker(t, 2, 1), "W000003000@contoso.example"}
		before := b.places(t)
		e.state(b, t)
		b.vanish(t, 3, 2)
		b.dismiss(t, 3, 0)
		b.ticks(t, time.Hour)
		b.wantPlaces(t, "protected", before, []string{b.place(t, 3, 2)}, []string{at(3, "owner", b.worker(t, 1, 3))})
		b.protected = nil
		b.tick(t)
		b.wantPlaces(t, "no longer", before,
			[]string{b.place(t, 3, 2), b.place(t, 2, 1), b.place(t, 3, 0)}, []string{at(3, "owner", b.worker(t, 1, 3))})
	})
}

// succeed makes worker 1 of the second store its manager in the place of worker 0.
func (b *bench) succeed(t *testing.T) {
	t.Helper()
	b.edit(t, "OperatingUnits", func(row map[string]any) bool {
		if row["ManagerPersonnelNumber"] == number(2, 0) {
			row["ManagerPersonnelNumber"] = number(2, 1)
		}
		return true
	})
	b.edit(t, "RetailPositionPosPermissions", func(row map[string]any) bool {
		if row["PositionId"] == "POS"+number(2, 0) {
			row["PositionId"] = "POS" + number(2, 1)
		}
		return true
	})
}

// owned checks before each removal and demotion that another owner is there.
func owned(t *testing.T, b **bench) func(group, user string) {
	return func(group, user string) {
		for _, team := range (*b).tenant.Teams() {
			if team.ID == group && len(slices.DeleteFunc(team.Owners, func(o string) bool { return o == user })) == 0 {
				t.Errorf("%s went and nobody else owned the team", user)
			}
		}
	}
}

// refuseOwners makes Teams refuse to make anybody owner.
func refuseOwners(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, _ := io.ReadAll(r.Body)
	if bytes.Contains(body, []byte(`"owner"`)) {
		simgraph.Refuse(403, "Forbidden", 0)(w, r, next)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	next.ServeHTTP(w, r)
}

// Owners come first: as long as the new one is refused the old one stays, and
// everybody else comes and goes.
func TestOwnersFirst(t *testing.T) {
	cases := map[string]struct {
		change       func(b *bench, t *testing.T)
		lost, gained func(b *bench, t *testing.T) []string // when owners may come
	}{
		"a member becomes manager": {
			func(b *bench, t *testing.T) { b.succeed(t) },
			func(b *bench, t *testing.T) []string { return []string{b.place(t, 2, 0), b.place(t, 2, 1)} },
			func(b *bench, t *testing.T) []string {
				return []string{at(2, "owner", b.worker(t, 2, 1)), at(2, "member", b.worker(t, 2, 0))}
			},
		},
		"the manager is dismissed": {
			func(b *bench, t *testing.T) { b.dismiss(t, 2, 0) },
			func(b *bench, t *testing.T) []string { return []string{b.place(t, 2, 0)} },
			func(b *bench, t *testing.T) []string { return []string{at(2, "owner", b.worker(t, 1, 3))} },
		},
		"the manager is dismissed, beside an owner by hand": {
			func(b *bench, t *testing.T) {
				must(t, b.tenant.AddOwner(b.team(t, store(2)).ID, b.office(1)))
				b.dismiss(t, 2, 0)
			},
			func(b *bench, t *testing.T) []string { return []string{b.place(t, 2, 0)} },
			func(b *bench, t *testing.T) []string { return []string{at(2, "owner", b.worker(t, 1, 3))} },
		},
		"the manager is gone": {
			func(b *bench, t *testing.T) { b.vanishManager(t) },
			func(b *bench, t *testing.T) []string { return []string{b.place(t, 2, 0)} },
			func(b *bench, t *testing.T) []string { return []string{at(2, "owner", b.worker(t, 1, 3))} },
		},
	}
	each(t, cases, func(t *testing.T, c struct {
		change       func(b *bench, t *testing.T)
		lost, gained func(b *bench, t *testing.T) []string
	},
	) {
		for _, refused := range []bool{false, true} {
			var b *bench
			b = newFullWith(t, 6, 4, simgraph.Options{OnRemove: owned(t, &b), OnDemote: owned(t, &b)})
			before := b.places(t)
			if refused {
				b.tenant.Inject(simgraph.Fault{Route: "POST /teams/{team}/members/add", Do: refuseOwners})
				b.tenant.Inject(simgraph.Fault{Route: "PATCH /teams/{team}/members/{membership}", Do: refuseOwners})
			}
			c.change(b, t)
			lost, gained := []string{b.place(t, 2, 3)}, []string(nil)
			if byHand := at(2, "owner", b.office(1)); contains(b.places(t), byHand) {
				gained = append(gained, byHand)
			}
			b.inactive(t, 2, 3)
			b.ticks(t, 2*time.Hour)
			if !refused {
				lost, gained = append(lost, c.lost(b, t)...), append(gained, c.gained(b, t)...)
			}
			b.wantPlaces(t, "hours later", before, lost, gained)
		}
	})
}

// vanishManager takes every row away that makes worker 0 of the second store its
// manager, or a worker of it.
func (b *bench) vanishManager(t *testing.T) {
	t.Helper()
	b.vanish(t, 2, 0)
	b.edit(t, "OperatingUnits", func(row map[string]any) bool {
		if row["ManagerPersonnelNumber"] == number(2, 0) {
			row["ManagerPersonnelNumber"] = nil
		}
		return true
	})
	b.edit(t, "RetailPositionPosPermissions", func(row map[string]any) bool { return row["PositionId"] != "POS"+number(2, 0) })
}

// nobodyStandsIn makes everybody who might be a caretaker unusable.
func (b *bench) nobodyStandsIn(t *testing.T) {
	t.Helper()
	for _, user := range []string{b.office(0), b.office(1), b.worker(t, 1, 3)} {
		must(t, b.tenant.SetUser(user, func(u *simgraph.User) { u.AssignedPlans = nil }))
	}
}

// The last owner stays, although they left the company, until somebody else owns
// the team.
func TestLastOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		b.nobodyStandsIn(t)
		before := b.places(t)
		b.dismiss(t, 2, 0, 1)
		for range 4 {
			if record := b.tick(t); !noted(record, "skipped", "last owner") || len(record.Failed) > 0 {
				t.Errorf("the record says %+v", record.Notes)
			}
		}
		b.wantPlaces(t, "nobody else", before, []string{b.place(t, 2, 1)}, nil)
		must(t, b.tenant.AddOwner(b.team(t, store(2)).ID, b.office(1)))
		b.tick(t)
		b.wantPlaces(t, "somebody else", before,
			[]string{b.place(t, 2, 0), b.place(t, 2, 1)}, []string{at(2, "owner", b.office(1))})
	})
}

// Somebody took the other owner out by hand after the run had read the tenant:
// Teams' own list, asked right before, keeps the last one.
func TestLastOwnerByTeamsOwnAccount(t *testing.T) {
	each(t, map[string]func(b *bench, t *testing.T){
		"removed": func(b *bench, t *testing.T) { b.dismiss(t, 2, 0) },
		"demoted": func(b *bench, t *testing.T) { b.succeed(t); b.unusable(t, 2, 1); b.tick(t) },
	}, func(t *testing.T, leave func(*bench, *testing.T)) {
		b := newFull(t, 6, 4)
		b.nobodyStandsIn(t)
		team := b.team(t, store(2)).ID
		must(t, b.tenant.AddOwner(team, b.office(1)))
		b.tick(t)
		before := b.places(t)
		leave(b, t)
		b.interrupted(t, func() { must(t, b.tenant.RemoveMember(team, b.office(1))) })
		lost := []string{at(2, "owner", b.office(1))}
		b.wantPlaces(t, "the run that did not know", before, lost, nil)
		record, err := b.syncer(t).LastRun(t.Context())
		must(t, err)
		if len(record.Failed) > 0 || !noted(record, "waiting", "nobody else owns the team") {
			t.Errorf("failed are %v; %+v", record.Failed, record.Notes)
		}
		b.ticks(t, 2*time.Hour)
		b.wantPlaces(t, "hours later", before, lost, nil)
	})
}

// unusable takes the licence of a worker.
func (b *bench) unusable(t *testing.T, n, k int) {
	t.Helper()
	must(t, b.tenant.SetUser(b.worker(t, n, k), func(u *simgraph.User) { u.AssignedPlans = nil }))
}
