package simgraph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// crowd is a world of groups with many members each, people shared by none.
func crowd(groups, each int) simgraph.World {
	var world simgraph.World
	for i := range groups {
		id := fmt.Sprintf("bbbbbbbb-0000-4000-8000-%012d", i)
		g := simgraph.Group{
			ID: id, DisplayName: "Store " + id, MailNickname: "n" + id, UniqueName: "u" + id, GroupTypes: []string{"Unified"},
			MailEnabled: true, Visibility: "Private", ResourceProvisioningOptions: []string{"Team"},
		}
		for j := range each {
			person := fmt.Sprintf("aaaaaaaa-0000-4000-8000-%06d%06d", i, j)
			world.Users = append(world.Users, simgraph.User{ID: person, UserPrincipalName: person + "@shop.example", AccountEnabled: true})
			g.Members = append(g.Members, simgraph.Ref{ID: person})
		}
		g.Owners = g.Members[:1]
		world.Groups = append(world.Groups, g)
	}
	return world
}

func TestLargeGroupsComeInParts(t *testing.T) {
	r := rigOf(t, crowd(3, 25), simgraph.Options{DeltaLinks: 10, PageSize: 2, Seed: 7})
	items, _ := r.round(membersDelta)
	equal(t, "items", len(items), 9)
	known := mirror{}
	known.apply(items, "members")
	for _, state := range r.tenant.Teams() {
		equal(t, "members", len(known[state.ID]), 25)
	}
	inOrder := slices.IsSortedFunc(items, func(a, b map[string]any) int {
		return strings.Compare(fmt.Sprint(a["id"]), fmt.Sprint(b["id"]))
	})
	equal(t, "items come sorted", inOrder, false)
}

func TestEmptyPagesAndSeeds(t *testing.T) {
	pages := func(seed uint64) (sizes []int) {
		r := rigOf(t, crowd(40, 1), simgraph.Options{PageSize: 2, Seed: seed})
		target := "/groups/delta"
		for target != "" {
			page := r.want(200, "GET", target, nil)
			sizes = append(sizes, len(page.rows()))
			target = page.text("@odata.nextLink")
		}
		return sizes
	}
	if sizes := pages(1); !slices.Contains(sizes[:len(sizes)-1], 0) {
		t.Errorf("no empty page with a nextLink in %v", sizes)
	}
	equal(t, "the same seed", pages(3), pages(3))
}

// TestReplays checks that replays are there and that merging them is harmless:
// people come and go at random, and a client ends up with the truth.
func TestReplays(t *testing.T) {
	r := rigOf(t, crowd(4, 6), simgraph.Options{DeltaReplay: true, DeltaLinks: 2, PageSize: 3, ReadLag: time.Second, Seed: 5})
	items, link := r.round(membersDelta)
	equal(t, "parts and copies", len(items) > 4*3, true)
	known := mirror{}
	known.apply(items, "members")
	for step := range 60 {
		group := fmt.Sprintf("bbbbbbbb-0000-4000-8000-%012d", step%4)
		person := fmt.Sprintf("aaaaaaaa-0000-4000-8000-%06d%06d", step%3, step*7%6)
		if err := r.tenant.RemoveMember(group, person); err != nil {
			if err := r.tenant.AddMember(group, person); err != nil {
				t.Fatal(err)
			}
		}
		r.clock.Advance(700 * time.Millisecond)
		if step%5 == 0 {
			items, link = r.round(link)
			known.apply(items, "members")
		}
	}
	r.clock.Advance(time.Minute)
	items, link = r.round(link)
	known.apply(items, "members")
	for _, state := range r.tenant.Teams() {
		equal(t, state.ID, known.of(state.ID), slices.Sorted(slices.Values(slices.Concat(state.Owners, state.Members))))
	}
	replayed, _ := r.round(link)
	equal(t, "the last changes come once more", len(replayed) > 0, true)
}

func TestReplayOfACreationForgetsNoRemoval(t *testing.T) {
	r := newRig(t, simgraph.Options{DeltaReplay: true})
	_, link := r.round(membersDelta)
	id := r.want(201, "POST", "/groups", newGroup("new", map[string]any{"members@odata.bind": []string{user(anna), user(ben)}})).text("id")
	known := mirror{}
	items, link := r.round(link)
	known.apply(items, "members")
	r.want(204, "DELETE", "/groups/"+id+"/members/"+anna+"/$ref", nil)
	items, link = r.round(link)
	known.apply(items, "members")
	equal(t, "members", known.of(id), []string{ben})
	_, link = r.round(link)
	_, link = r.round(link)
	items, _ = r.round(link)
	equal(t, "replays end", len(items), 0)
}

func TestDeltaLags(t *testing.T) {
	r := newRig(t, simgraph.Options{ReadLag: time.Minute})
	_, link := r.round(membersDelta)
	r.want(204, "POST", "/groups/"+store+"/members/$ref", object(dora))
	r.want(201, "POST", "/groups", newGroup("new", nil))
	items, link := r.round(link)
	equal(t, "too early", len(items), 0)
	first, _ := r.round(membersDelta)
	known := mirror{}
	known.apply(first, "members")
	equal(t, "first round, too early", known.of(store), []string{anna, ben, olga})
	equal(t, "groups, too early", len(known), 2)
	r.clock.Advance(30 * time.Second)
	r.want(204, "POST", "/groups/"+store+"/members/$ref", object(gus))
	r.clock.Advance(30 * time.Second)
	items, link = r.round(link)
	known.apply(items, "members")
	equal(t, "how many changed", len(items), 2)
	equal(t, "in time", known.of(store), []string{anna, ben, olga, dora})
	r.clock.Advance(30 * time.Second)
	items, _ = r.round(link)
	known.apply(items, "members")
	equal(t, "the next", known.of(store), []string{anna, ben, olga, gus, dora})
	equal(t, "groups in time", len(known), 3)
}
