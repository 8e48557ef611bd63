package worldgen

import (
	"fmt"
	"testing"

	"github.com/storeteams/storeteams/handler/local/naive"
)

// A chain is what it says: every store has its manager and its workers, nobody
// is unmapped, and each region has its communications manager.
func TestChain(t *testing.T) {
	const stores, workers = 230, 5
	w, s := Chain(stores, workers), ChainSettings("test")
	if err := promises(w); err != nil {
		t.Fatal(err)
	}
	e := naive.Expect(w, s, now)
	if len(e.Stores) != stores || e.Held || len(e.Unmapped) != 0 {
		t.Fatalf("%d stores, held %v, unmapped %v", len(e.Stores), e.Held, e.Unmapped)
	}
	for number, team := range e.Stores {
		if len(team.Owners) != 1 || len(team.Members) != workers-1 || team.Skipped != "" {
			t.Errorf("store %s: %+v", number, team)
		}
	}
	if team := e.Stores["000007"]; team.Name != "Shop 7 (000007)" || team.Owners[0] != guid("worker 000007000") {
		t.Errorf("store 000007: %+v", team)
	}
	if c := e.Communications; len(c.Owners) != 1 || len(c.Members) != 3 {
		t.Errorf("communications: %+v", c)
	}
}

// Regions and areas are above the stores.
func TestChainHierarchy(t *testing.T) {
	w, s := Chain(230, 1), ChainSettings("test")
	for scope, want := range map[string]int{"Company": 230, "Region 1": 100, "Region 2": 30, "Area 3": 10, "000230": 1} {
		s.Scope = []string{scope}
		if got := len(naive.Expect(w, s, now).Stores); got != want {
			t.Errorf("scope %s has %d stores, want %d", scope, got, want)
		}
	}
}

// How long the second opinion takes is good to know before asking for it.
func BenchmarkExpect(b *testing.B) {
	for _, stores := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("%d stores of 50", stores), func(b *testing.B) {
			w, s := Chain(stores, 50), ChainSettings("test")
			for b.Loop() {
				naive.Expect(w, s, now)
			}
		})
	}
}
