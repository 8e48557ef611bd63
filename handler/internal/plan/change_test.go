package plan_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

var kinds = []plan.Kind{
	plan.CreateTeam, plan.RestoreTeam, plan.AdoptTeam, plan.MakeTeam, plan.Unarchive, plan.Rename,
	plan.Promote, plan.AddOwner, plan.AddMember, plan.Demote, plan.Remove, plan.Archive,
}

func TestKindsAreReadAsWritten(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range kinds {
		text, err := kind.MarshalText()
		if err != nil || seen[string(text)] {
			t.Errorf("kind %d is %q, like another (%v)", kind, text, err)
		}
		seen[string(text)] = true
		var back plan.Kind
		if err := back.UnmarshalText(text); err != nil || back != kind {
			t.Errorf("%q is read as %s, %v", text, back, err)
		}
	}
	var kind plan.Kind
	if err := kind.UnmarshalText([]byte("unknown change")); err == nil {
		t.Error("an unknown kind was read")
	}
	if last := kinds[len(kinds)-1] + 1; last.String() != "unknown change" {
		t.Errorf("a kind after the last is %q; is it missing from this test?", last)
	}
}

func TestWhatKindsDo(t *testing.T) {
	if !slices.IsSorted(kinds) {
		t.Error("kinds are not in the order of carrying out")
	}
	making := []plan.Kind{plan.CreateTeam, plan.RestoreTeam, plan.AdoptTeam, plan.MakeTeam}
	taking := []plan.Kind{plan.Demote, plan.Remove}
	for _, kind := range kinds {
		if kind.Making() != slices.Contains(making, kind) || kind.Taking() != slices.Contains(taking, kind) {
			t.Errorf("%s: making %t, taking %t", kind, kind.Making(), kind.Taking())
		}
	}
}

func removal(n int) plan.Change {
	return plan.Change{Team: store("1"), Kind: plan.Remove, Group: "g-1", User: user(n), Worker: worker(n), Role: org.Owner, Leave: org.Replaced, After: user(9)}
}

func TestHash(t *testing.T) {
	halt := func(change func(*plan.Halt)) plan.Halt {
		h := plan.Halt{Team: store("1"), Rail: plan.RailTeamCap, Why: "too many", Changes: []plan.Change{removal(1), removal(2)}}
		if change != nil {
			change(&h)
		}
		return h
	}
	hash := halt(nil).Hash()
	if len(hash) != 16 {
		t.Errorf("the hash is %q", hash)
	}
	same := map[string]func(*plan.Halt){
		"order":   func(h *plan.Halt) { slices.Reverse(h.Changes) },
		"wording": func(h *plan.Halt) { h.Why = "50 % of the team would go" },
		"reason":  func(h *plan.Halt) { h.Changes[0].Leave = org.Absent },
	}
	for name, change := range same {
		if got := halt(change).Hash(); got != hash {
			t.Errorf("another %s gives another hash", name)
		}
	}
	seen := map[string]string{hash: "nothing"}
	others := map[string]func(*plan.Halt){
		"team":  func(h *plan.Halt) { h.Team = store("2") },
		"rail":  func(h *plan.Halt) { h.Rail = plan.RailTotalCap },
		"kind":  func(h *plan.Halt) { h.Changes[0].Kind = plan.Demote },
		"group": func(h *plan.Halt) { h.Changes[0].Group = "g-2" },
		"user":  func(h *plan.Halt) { h.Changes[0].User = user(3) },
		"fewer": func(h *plan.Halt) { h.Changes = h.Changes[:1] },
		"more":  func(h *plan.Halt) { h.Changes = append(h.Changes, removal(3)) },
		"twice": func(h *plan.Halt) { h.Changes = append(h.Changes, removal(2)) },
		"none":  func(h *plan.Halt) { h.Changes = nil },
	}
	for name, change := range others {
		got := halt(change).Hash()
		if seen[got] != "" {
			t.Errorf("%s has the hash of %s", name, seen[got])
		}
		seen[got] = name
	}
	h := halt(func(h *plan.Halt) { slices.Reverse(h.Changes) })
	if h.Hash(); h.Changes[0].User != user(2) {
		t.Error("hashing sorted the changes of the halt")
	}
}

// Holds are kept in this form, for up to a week and over new versions.
func TestHaltsAreReadAsKept(t *testing.T) {
	add := plan.Change{Team: org.Communications, Kind: plan.AddMember, Group: "g", User: user(2), Worker: worker(2), Reason: org.StoreWorker, PutBack: true}
	halt := plan.Halt{Team: store("1"), Rail: plan.RailHands, Why: "undone by hand again", Changes: []plan.Change{
		removal(1), add, {Team: store("1"), Kind: plan.Rename, Group: "g", Name: "New", Was: "Old"},
	}}
	text, err := json.Marshal(halt)
	if err != nil {
		t.Fatal(err)
	}
	var back plan.Halt
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, halt) {
		t.Errorf("kept as %s, read as %+v, %v", text, back, err)
	}
	const kept = `{"team":"s/1","kind":"remove","group":"g-1","user":"00000000-0000-0000-0000-000000000001","worker":"W001",` +
		`"role":1,"leave":2,"after":"00000000-0000-0000-0000-000000000009"}`
	if text, err := json.Marshal(removal(1)); err != nil || string(text) != kept {
		t.Errorf("a change is kept as %s, %v", text, err)
	}
}
