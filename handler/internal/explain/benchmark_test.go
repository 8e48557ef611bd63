package explain_test

import (
	"fmt"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/explain"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// BenchmarkChain sets one explanation beside the computing of the plan that it
// is about, at 1,000 stores with 50 workers each.
func BenchmarkChain(b *testing.B) {
	w := newWorld()
	for i := range 1000 {
		channel, unit := fmt.Sprintf("C9%03d", i), fmt.Sprintf("U9%03d", i)
		w.snapshot.Stores = append(w.snapshot.Stores, org.Store{Number: org.StoreNumber(fmt.Sprintf("9%05d", i)), Channel: channel, Unit: unit, Party: "P" + unit})
		for k := range 50 {
			worker := org.PersonnelNumber(fmt.Sprintf("%06d", 100_000+i*50+k))
			w.hire(worker)
			w.assign(worker, channel, org.Yes)
			if k == 0 {
				w.snapshot.Units = append(w.snapshot.Units, org.Unit{Number: unit, Party: "P" + unit, Name: "Shop " + unit, Manager: worker})
			}
		}
	}
	s := &orgsync.Survey{At: w.now, Settings: w.settings, Snapshot: w.snapshot, Users: org.NewUsers(w.users)}
	compute := func() {
		s.Roster = org.BuildRoster(s.Snapshot, s.Users, s.Settings.Rules, s.At)
		s.Plan = plan.Build(s.Roster, nil, s.Roster.Evidence, plan.Options{Takes: true})
	}
	compute()
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			compute()
		}
	})
	b.Run("worker", func(b *testing.B) {
		for b.Loop() {
			if _, err := explain.Worker(s, "100123", "", nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("user", func(b *testing.B) {
		for b.Loop() {
			if _, err := explain.User(s, account("100123"), "", nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("store", func(b *testing.B) {
		for b.Loop() {
			if _, err := explain.Store(s, "900500", nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
