package explain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/explain"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// drawWorld is a world in which anything may have happened since its teams were
// made.
func drawWorld(t *rapid.T) *world {
	w := newWorld()
	w.moreStores()
	workers := []org.PersonnelNumber{"001008", "001009", "002008", "001000", "003000", "002000"}
	anybody := rapid.SampledFrom(workers)
	w.settings.Mode = rapid.SampledFrom([]orgsync.Mode{orgsync.ModePlan, orgsync.ModeAdd, orgsync.ModeFull}).Draw(t, "mode")
	w.settings.Rules.ManagerRule = rapid.SampledFrom([]org.ManagerRule{org.RuleAuto, org.RuleUnit, org.RuleStore, org.RuleDepartment}).Draw(t, "rule")
	if rapid.IntRange(0, 3).Draw(t, "scope") == 0 {
		w.settings.Rules.Scope = []string{rapid.SampledFrom([]string{"000101", "North", "000103"}).Draw(t, "in scope")}
	}
	if rapid.Bool().Draw(t, "teams are there") {
		w.settle()
	}
	happenings := []func(org.PersonnelNumber){
		w.vanish, w.dismiss,
		func(n org.PersonnelNumber) {
			w.setActive(n, rapid.SampledFrom([]org.Flag{org.No, org.Unknown}).Draw(t, "active"))
		},
		func(n org.PersonnelNumber) {
			w.assign(n, rapid.SampledFrom([]string{"C1", "C2", "C3"}).Draw(t, "channel"), org.Yes)
		},
		func(n org.PersonnelNumber) { *w.staff(n) = org.Staff{Worker: n} },
		func(n org.PersonnelNumber) { *w.staff(n) = org.Staff{Worker: n, Alias: upn(anybody.Draw(t, "alias"))} },
		func(n org.PersonnelNumber) { w.user(n).Enabled = org.No },
		func(n org.PersonnelNumber) { w.user(n).Licensed = false },
		func(n org.PersonnelNumber) { w.user(n).Guest = true },
		func(n org.PersonnelNumber) { w.blocks = append(w.blocks, org.Block{User: account(n)}) },
		func(n org.PersonnelNumber) {
			w.settings.Rules.ProtectedUsers = append(w.settings.Rules.ProtectedUsers, upn(n))
		},
		func(n org.PersonnelNumber) {
			w.position(n, "POS"+string(n), "U1", w.now.AddDate(-1, 0, 0), w.now.AddDate(0, rapid.IntRange(-1, 1).Draw(t, "until"), 0), org.Yes)
		},
		func(n org.PersonnelNumber) {
			for _, g := range w.groups {
				g.People.Drop(account(n))
			}
		},
		func(n org.PersonnelNumber) {
			if w.link(storeTwo) != nil {
				w.group(storeTwo).People.Set(account(n), org.Member)
			}
		},
		func(org.PersonnelNumber) {
			w.settings.Rules.ClosedStores = append(w.settings.Rules.ClosedStores, "000102")
		},
		func(org.PersonnelNumber) { w.snapshot.Stores = slices.Delete(w.snapshot.Stores, 0, 1) },
	}
	for range rapid.IntRange(0, 4).Draw(t, "happenings") {
		happenings[rapid.IntRange(0, len(happenings)-1).Draw(t, "what")](anybody.Draw(t, "to whom"))
	}
	return w
}

// TestVerdictsAgree: whatever happened, what the verdict claims of one team is
// what the mirror, the roster and the plan have.
func TestVerdictsAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(r)
		s := w.survey(t)
		for _, number := range []org.PersonnelNumber{"001008", "001009", "002008", "001000", "003000", "002000"} {
			for _, store := range []org.StoreNumber{storeOne, storeTwo, "000103"} {
				e, err := explain.Worker(s, number, store, nil)
				if err != nil {
					if !strings.Contains(err.Error(), "nothing knows a store") {
						r.Fatal(err)
					}
					continue
				}
				if problem := disagrees(s, e.Verdict, number, store); problem != "" {
					r.Fatalf("%s\nbut %s", e.Verdict, problem)
				}
			}
		}
	})
}

// disagrees looks at a verdict about a worker in one store with its own eyes.
func disagrees(s *orgsync.Survey, verdict string, number org.PersonnelNumber, store org.StoreNumber) string {
	found := s.Found[key(store)]
	own, _ := org.AccountOf(s.Snapshot, s.Users, number, s.At)
	_, in := ledger.People(found.People).Role(own)
	former := false // an account of theirs from before is in
	for _, of := range s.Found {
		former = former || slices.ContainsFunc(of.Managed, func(m org.Managed) bool {
			_, there := ledger.People(found.People).Role(m.User)
			return there && m.Worker == number
		})
	}
	wanted := false
	for _, team := range s.Roster.Teams {
		wanted = wanted || team.Key == key(store) && slices.ContainsFunc(team.Entries, func(e org.Entry) bool { return e.User == own })
	}
	comes := s.Plan.Hold == "" && s.Settings.Mode != orgsync.ModePlan && slices.ContainsFunc(s.Plan.Changes, func(c plan.Change) bool {
		return c.Team == key(store) && c.User == own && !own.IsZero() && !c.Kind.Taking() && c.Kind != plan.Promote
	})
	goes := slices.ContainsFunc(s.Plan.Changes, func(c plan.Change) bool {
		return c.Team == key(store) && c.User == own && !own.IsZero() && c.Kind == plan.Remove
	})
	claim := strings.TrimPrefix(verdict, fmt.Sprintf("Worker %s ", number))
	isIn := strings.HasPrefix(claim, "is in ")
	switch {
	case isIn && !in && !former:
		return "they are not in it"
	case !isIn && in:
		return "they are in it"
	case strings.HasPrefix(claim, "is to be added ") != comes:
		return fmt.Sprintf("whether the plan adds them: %v", comes)
	case strings.Contains(claim, "is to be taken out at the next run") && in && !goes:
		return "the plan does not take them out"
	case goes && !strings.Contains(claim, "taken out"):
		return "the plan takes them out"
	case strings.HasPrefix(claim, "belongs ") && !wanted && !strings.Contains(claim, "no usable account"):
		return "the roster does not want them"
	case strings.HasPrefix(claim, "is not in ") && wanted && !strings.Contains(claim, "MODE=plan") && !strings.Contains(claim, "blocked"):
		return "the roster wants them"
	case strings.Contains(verdict, "%!"):
		return "the sentence is broken"
	}
	return ""
}
