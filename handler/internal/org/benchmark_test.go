package org_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// BenchmarkBuildRoster builds the rosters of whole chains, the largest we are
// made for among them, and reports time and memory for each membership.
func BenchmarkBuildRoster(b *testing.B) {
	sizes := []struct{ stores, workers int }{{1_000, 50}, {10_000, 100}}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%dx%d", size.stores, size.workers), func(b *testing.B) {
			c := bigChain(size.stores, size.workers)
			users := org.NewUsers(c.users)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			memberships := 0
			for b.Loop() {
				r := org.BuildRoster(c.Snapshot, users, c.rules, now)
				memberships = 0
				for _, team := range r.Teams {
					memberships += len(team.Entries)
				}
			}
			runtime.ReadMemStats(&after)
			n := float64(b.N) * float64(memberships)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/membership")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "B/membership")
		})
	}
}

// BenchmarkEvidence asks a roster's evidence about one person of each store, and
// reports what the evidence keeps in memory, before the first question and after,
// for each membership.
func BenchmarkEvidence(b *testing.B) {
	const stores, workers = 1_000, 50
	c := bigChain(stores, workers)
	users := org.NewUsers(c.users)
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	var kept, asked float64
	for b.Loop() {
		r := org.BuildRoster(c.Snapshot, users, c.rules, now)
		with := heap()
		for s := range stores {
			number := fmt.Sprintf("%06d", s)
			m := org.Managed{User: id(fmt.Sprintf("%s-0", number)), Worker: org.PersonnelNumber(number + "-0"), Since: since}
			r.Evidence.Departure(org.TeamKey{Store: org.StoreNumber(fmt.Sprintf("%06d", (s+1)%stores))}, m)
		}
		after := heap()
		r.Evidence = nil
		without := heap()
		kept, asked = with-without, after-without
		runtime.KeepAlive(r)
	}
	b.ReportMetric(kept/(stores*workers), "B/membership")
	b.ReportMetric(asked/(stores*workers), "B-asked/membership")
	runtime.KeepAlive(c)
}

// bigChain has stores of so many workers each, in regions of twenty. Every
// second manager is named by the unit, the others by their position; one worker
// in ten has an account through SystemUsers only.
func bigChain(stores, workers int) *chain {
	c := newChain()
	c.Stores, c.Units = nil, nil
	for s := range stores {
		number := fmt.Sprintf("%06d", s)
		c.stores(number).below("p"+number, fmt.Sprintf("region %d", s/20))
		manager := ""
		for w := range workers {
			label := fmt.Sprintf("%s-%d", number, w)
			worker, user := org.PersonnelNumber(label), "user "+label
			c.active(number, worker)
			c.Workers = append(c.Workers, org.Worker{Number: worker, Party: "party " + label})
			c.Employments = append(c.Employments, org.Employment{Worker: worker})
			c.PersonUsers = append(c.PersonUsers, org.PersonUser{Party: "party " + label, User: user})
			c.SystemUsers = append(c.SystemUsers, org.SystemUser{ID: user, Alias: upn(label)})
			c.position("position "+label, "u"+number, worker)
			if w%10 > 0 {
				c.Staff = append(c.Staff, org.Staff{Worker: worker, ObjectID: id(label).String()})
			}
			c.account(label)
			manager = label
		}
		if s%2 == 0 {
			c.Units[s].Manager = org.PersonnelNumber(manager)
		} else {
			c.PositionPermissions = append(c.PositionPermissions, org.PositionPermission{Position: "position " + manager, Manager: org.Yes})
		}
	}
	return c
}
