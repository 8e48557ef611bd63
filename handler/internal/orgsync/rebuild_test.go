package orgsync_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// lose empties the ledger. What only it knew is nobody's business any more: who
// was ours to take out is who is found where they are wanted.
func (s *stage) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store = new(memledger.Store)
	s.seated, s.readings, s.taken = map[seat]org.Role{}, nil, nil
}

// goesOn checks that life is normal: somebody who is in a team, and whose row is
// gone in two readings, goes.
func (s *stage) goesOn(t *testing.T, n, k int) {
	t.Helper()
	user := s.worker(t, n, k)
	if team := s.team(t, store(n)); !slices.Contains(team.Members, user) {
		t.Fatalf("%s is not in the team of store %d", user, n)
	}
	s.vanish(t, n, k)
	s.edits()
	s.calm(t, 2)
	if team := s.team(t, store(n)); slices.Contains(team.Members, user) {
		t.Errorf("%s left store %d and is still in its team", user, n)
	}
}

// lived is a settled world with an adopted team, a stranger and an owner made by
// hand.
func lived(t *testing.T) *stage {
	t.Helper()
	w := worldgen.Chain(4, 4)
	mapped := existing(&w, "", true, w.Users[1]["id"].(string))
	w.Commerce["IntegrationSourceMappings"] = append(w.Commerce["IntegrationSourceMappings"], mapping(4, mapped))
	s := newStage(t, w, simgraph.Options{PollsUntilDone: 2})
	s.settings.Adopt = true
	s.calm(t, 1)
	must(t, s.tenant.AddMember(s.team(t, store(1)).ID, s.office(1)))
	must(t, s.tenant.AddOwner(s.team(t, store(2)).ID, s.worker(t, 2, 1)))
	s.edit(t, "RetailChannelWorkers", func(row map[string]any) bool {
		if row["PersonnelNumber"] == "000003003" {
			row["IsActive"] = "No"
		}
		return true
	})
	s.edits(s.worker(t, 3, 3))
	s.calm(t, 2)
	s.mark()
	return s
}

// Without its ledger the next run finds the same groups, by marker and mapping;
// nobody goes and nothing is made, and then life goes on.
func TestLedgerIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := lived(t)
		before, writes := s.outcome(t), s.tenant.Writes()
		s.lose()
		s.calm(t, 2)
		if now := s.outcome(t); !slices.Equal(now, before) || s.tenant.Writes() != writes {
			t.Errorf("%d writes, and the end is another:\n%s", s.tenant.Writes()-writes, difference(before, now))
		}
		s.unreplaced(t)
		s.goesOn(t, 1, 2)
		s.goesOn(t, 4, 2)
		s.manage(t, 3, "000003001")
		s.edit(t, "RetailPositionPosPermissions", func(row map[string]any) bool { return row["PositionId"] != "POS000003000" })
		s.edits()
		s.calm(t, 2)
		wantPeople(t, s.team(t, store(3)), []string{s.worker(t, 3, 1)}, []string{s.worker(t, 3, 0), s.worker(t, 3, 2)})
	})
}

// The ledger is lost before anybody has seen what changed, or in the middle of
// carrying it out. Whoever is not wanted by then is nobody's to take out; else
// all is as always.
func TestLedgerIsLostInTheMiddle(t *testing.T) {
	for name, scene := range changes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := simgraph.Options{PollsUntilDone: 2}
			effects := 0
			synctest.Test(t, func(t *testing.T) {
				p := newProcess(scene.set(t, options), 0, "")
				p.live(t)
				effects = len(p.effects)
			})
			points := 0
			for n := 0; n <= effects; n += stride(5) {
				points++
				t.Run(fmt.Sprintf("after effect %d", n), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { loseAfter(t, scene, options, n) })
				})
			}
			t.Logf("%d points in %d effects", points, effects)
		})
	}
}

func loseAfter(t *testing.T, scene scene, options simgraph.Options, n int) {
	s := scene.set(t, options)
	if len(s.groups) == 0 {
		s.mark()
	}
	if n > 0 {
		newProcess(s, n, diesAfter).live(t)
	}
	s.lose()
	for range 3 {
		s.step(t)
	}
	// Nothing tells any more that a deleted group was a store's, but that its
	// marker is taken: a person restores it, and it is the store's again.
	if deleted := s.groups[store(3)]; !s.exists(deleted) {
		must(t, s.tenant.RestoreGroup(deleted))
	}
	s.calm(t, 2)
	s.unreplaced(t)
	s.goesOn(t, scene.quiet, 1)
}

func (s *stage) exists(id string) bool {
	return slices.ContainsFunc(s.tenant.Teams(), func(team simgraph.TeamState) bool { return team.ID == id })
}

// Rows that cannot be read stop the runs. Rebuild forgets them, and what the
// tenant and Commerce can tell; the runs after it end where they were.
func TestRebuild(t *testing.T) {
	partitions := []string{"cursor", "team", "claim", "lease", "mirror", "hold", "block", "rails", "run", "blob/takings", "blob/snapshot", "blob/users/"}
	for _, partition := range append(partitions, "") {
		t.Run("garbage in "+partition, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := lived(t)
				before := s.outcome(t)
				spoilt := 0
				for _, p := range partitions {
					if partition == "" || partition == p {
						spoilt += s.spoil(t, p)
					}
				}
				if spoilt == 0 {
					t.Fatal("nothing was spoilt")
				}
				writes := s.tenant.Writes()
				pass(tick)
				if err := s.syncer(t).Run(t.Context(), "test"); err != nil {
					t.Logf("before the rebuild: %v", err)
				}
				must(t, s.syncer(t).Rebuild(t.Context()))
				if partition == "" || partition == "blob/takings" {
					s.taken = nil // what was counted is forgotten
				}
				s.calm(t, 2)
				if now := s.outcome(t); !slices.Equal(now, before) || s.tenant.Writes() != writes {
					t.Errorf("%d writes, and the end is another:\n%s", s.tenant.Writes()-writes, difference(before, now))
				}
				s.unreplaced(t)
				s.goesOn(t, 1, 2)
			})
		})
	}
}

// spoil overwrites the rows of the partitions so called, and puts one in that
// was never there. It returns how many.
func (s *stage) spoil(t *testing.T, partition string) int {
	t.Helper()
	partitions := []string{partition}
	if strings.HasSuffix(partition, "/") {
		partitions = nil
		for shard := range 256 {
			partitions = append(partitions, fmt.Sprintf("%s%02x", partition, shard))
		}
	}
	n := 0
	for _, name := range partitions {
		for row, err := range s.store.List(t.Context(), name, "") {
			must(t, err)
			_, err = s.store.Put(t.Context(), row.Key, []byte("\x00garbage"), row.ETag)
			must(t, err)
			n++
		}
	}
	if !strings.Contains(partition, "/") {
		_, err := s.store.Put(t.Context(), ledger.Key{Partition: partition, Row: "stray"}, []byte("\x00garbage"), "")
		must(t, err)
		n++
	}
	return n
}
