package orgsync_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// event is what Commerce says of a worker.
func event(n int, worker string) []byte {
	return fmt.Appendf(nil, `{"BusinessEventId":"WorkerChanged","EventId":"00000000-0000-4000-8000-%012d","PersonnelNumber":%q}`, n, worker)
}

func (h *hinted) disable(t *testing.T, user string) {
	t.Helper()
	must(t, h.tenant.SetUser(user, func(u *simgraph.User) { u.AccountEnabled = false }))
}

// Half a minute after somebody was hired, left, or lost their account, the teams
// show it. No timer runs.
func TestHintsAloneKeepUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHinted(t, 4, 4, 1)
		before := h.places(t)
		h.disable(t, h.worker(t, 1, 2))
		h.dismiss(t, 2, 1)
		must(t, h.events.Receive(t.Context(), event(1, number(2, 1))))
		hired := h.hire(t, 3, 7)
		must(t, h.events.Receive(t.Context(), event(2, "900000007")))
		h.quiet(t, 30*time.Second)
		h.wantPlaces(t, "half a minute later", before,
			[]string{h.place(t, 1, 2), h.place(t, 2, 1)}, []string{at(3, "member", hired)})
		// A run with the reading of before does not take the hire for gone.
		if record := h.tick(t); len(record.Rows) > 0 || record.Later > 0 || record.Planned["add member"] > 0 {
			t.Errorf("the timer's run: %+v", record.Run)
		}
		h.ticks(t, 3*time.Hour)
		h.wantPlaces(t, "hours later", before,
			[]string{h.place(t, 1, 2), h.place(t, 2, 1)}, []string{at(3, "member", hired)})
	})
}

// F&O may answer from a replica that does not have the hire yet.
func TestHireThatShowsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHinted(t, 3, 3, 1)
		before := h.places(t)
		must(t, h.events.Receive(t.Context(), event(2, "900000007")))
		h.quiet(t, 30*time.Second)
		hired := h.hire(t, 3, 7)
		h.quiet(t, 2*time.Minute)
		h.wantPlaces(t, "minutes later", before, nil, []string{at(3, "member", hired)})
	})
}

// Five hundred hints at one store are one look.
func TestBurstIsOneLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHinted(t, 3, 3, 1)
		runs := len(h.runs(t))
		for range 500 {
			must(t, h.queue.Send(t.Context(), []hint.Hint{{Kind: hint.Store, Store: store(2).Store}}))
		}
		h.quiet(t, time.Minute)
		if now := len(h.runs(t)); now != runs+1 {
			t.Errorf("%d runs", now-runs)
		}
		if left, err := h.book().Pending(t.Context()); err != nil || len(left) > 0 {
			t.Errorf("left waiting: %v, %v", left, err)
		}
	})
}

// What hints name is changed, and nothing else, however due it is; and nobody
// goes for want of a row that a hinted run did not see.
func TestHintedRunKeepsToItsTeams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 4, 4)
		b.maxAge = time.Hour
		b.tick(t)
		before := b.places(t)
		b.dismiss(t, 1, 1)
		b.dismiss(t, 2, 1)
		b.vanish(t, 2, 2)
		for range 5 {
			pass(tick / 5)
			_, err := b.syncer(t).RunHinted(t.Context(), "x", orgsync.Hints{
				Stores: []org.StoreNumber{store(2).Store}, Workers: []org.PersonnelNumber{org.PersonnelNumber(number(2, 2))},
			})
			must(t, err)
		}
		b.wantPlaces(t, "after hinted runs", before, []string{b.place(t, 2, 1)}, nil)
		if record := b.runs(t)[len(b.runs(t))-1]; !record.Hinted || !record.OfSome() {
			t.Errorf("the record: %+v", record)
		}
		if status, err := b.syncer(t).Status(t.Context()); err != nil || time.Since(*status.LastGood) < tick/2 {
			t.Errorf("hinted runs pass for the timer's: %v, %v", status.LastGood, err)
		}
	})
}

// While somebody looks where hints say, others that were hinted at wait, and the
// timer's run goes first for a minute and a half at most.
func TestHintedRunsGiveWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 2, 3)
		_, err := b.book().TakeLease(t.Context(), ledger.TheOrganization, "OrgChanged/x", time.Now())
		must(t, err)
		if _, err := b.syncer(t).RunHinted(t.Context(), "x", orgsync.Hints{Everything: true}); !errors.Is(err, orgsync.ErrBusy) {
			t.Errorf("two look at once: %v", err)
		}
		began := time.Now()
		must(t, b.syncer(t).Run(t.Context(), "x")) // it was killed, and its lease ends
		if waited := time.Since(began); waited < 30*time.Second || waited > 90*time.Second {
			t.Errorf("waited %v", waited)
		}
		_, err = b.book().TakeLease(t.Context(), ledger.TheOrganization, "another timer", time.Now())
		must(t, err)
		began = time.Now()
		must(t, b.syncer(t).Run(t.Context(), "x"))
		if waited := time.Since(began); waited > time.Second {
			t.Errorf("waited %v for a run that is not hinted", waited)
		}
	})
}

// An event that only a whole reading shows has the next run read Commerce, though
// the last reading is young; but not every time one comes.
func TestEventsAskForAReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHinted(t, 2, 3, 1)
		h.tick(t)
		storeEvent := []byte(`{"MessageName":"Create","PrimaryEntityName":"mserp_retailstoreentity","OperationId":"1","InputParameters":[]}`)
		must(t, h.events.Receive(t.Context(), storeEvent))
		h.quiet(t, 30*time.Second)
		if record := h.tick(t); len(record.Rows) == 0 {
			t.Error("Commerce was not read")
		}
		if record := h.tick(t); len(record.Rows) > 0 {
			t.Error("Commerce was read again")
		}
	})
}

// A bulk change is read whole by the next run, not worker by worker.
func TestManyWorkersAskForAReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHinted(t, 2, 3, 1)
		h.tick(t)
		asked := func() (all int) {
			for _, n := range h.commerce.Requests() {
				all += n
			}
			return all
		}
		before := asked()
		for n := range 300 {
			must(t, h.events.Receive(t.Context(), event(n, fmt.Sprintf("8%08d", n))))
		}
		h.quiet(t, 30*time.Second)
		if n := asked() - before; n > 10 {
			t.Errorf("Commerce was asked %d times", n)
		}
		if record := h.tick(t); len(record.Rows) == 0 {
			t.Error("Commerce was not read")
		}
	})
}

// Nothing arrives any more: storeteams says so and looks by itself, and when it is
// told again it says that too.
func TestCanary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHinted(t, 2, 3, 1)
		tend := func(d time.Duration) {
			for range d / (5 * time.Minute) {
				h.quiet(t, 5*time.Minute)
				must(t, h.keeper(t).Run(t.Context(), "timer"))
			}
		}
		silent := func() bool {
			health, err := h.keeper(t).Health(t.Context())
			must(t, err)
			return !health.Silent.IsZero()
		}
		tend(5 * time.Hour)
		if silent() {
			t.Fatal("silent, and notifications arrive")
		}
		h.fate = func() simgraph.Fate { return simgraph.Fate{Drop: true} }
		tend(2 * time.Hour)
		if !silent() {
			t.Fatal("nothing arrives, and nobody says so")
		}
		before := h.places(t)
		h.disable(t, h.worker(t, 1, 1))
		tend(15 * time.Minute)
		h.wantPlaces(t, "without notifications", before, []string{h.place(t, 1, 1)}, nil)
		h.fate = func() simgraph.Fate { return simgraph.Fate{} }
		tend(time.Hour)
		if silent() {
			t.Error("still silent, and notifications arrive")
		}
	})
}

var (
	hintedSeeds = flag.Int("hinted.seeds", 40, "how many worlds TestNoUpdateIsLost tries; at most 4 with -short")
	hintedFrom  = flag.Uint64("hinted.from", 1, "the first one's seed")
)

// Notifications are lost, doubled and late, the queue is away for minutes, and
// processes are killed at any effect: whatever people change in Entra and in
// Commerce, at the end the teams are as those of a twin that is told of nothing
// and looks by its timer alone; and nobody was taken out whom nobody dismissed.
func TestNoUpdateIsLost(t *testing.T) {
	seeds := *hintedSeeds
	if testing.Short() {
		seeds = min(seeds, 4)
	}
	for seed := *hintedFrom; seed < *hintedFrom+uint64(seeds); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { loseNothing(t, seed) })
		})
	}
}

func loseNothing(t *testing.T, seed uint64) {
	h, twin := newHinted(t, 4, 5, seed), newHinted(t, 4, 5, seed)
	h.kills = true
	h.fate = func() simgraph.Fate {
		return simgraph.Fate{
			Drop: h.rng.IntN(10) < 3, Twice: h.rng.IntN(5) == 0, Delay: time.Duration(h.rng.IntN(300)) * time.Second,
		}
	}
	twin.fate = func() simgraph.Fate { return simgraph.Fate{Drop: true} }
	people := edits(h.rng)
	leavers := map[string]bool{}
	for n, edit := range people {
		// Both at the same moment: the end of an employment is one.
		edit.to(t, h, n, leavers)
		edit.to(t, twin, n, leavers)
		if edit.told && h.rng.IntN(3) > 0 {
			_ = h.events.Receive(t.Context(), event(n, edit.worker(n))) // the queue may be away
		}
		h.queue.full = h.rng.IntN(4) == 0
		h.quiet(t, time.Duration(1+h.rng.IntN(90))*time.Second)
	}
	h.queue.full, h.kills = false, false
	h.quiet(t, time.Minute)
	for range 10 {
		h.tick(t)
		twin.run(t, t)
	}
	if now, want := h.places(t), twin.places(t); !slices.Equal(now, want) {
		t.Errorf("seed %d: after %v the places are\n%q\nand the twin's\n%q", seed, people, now, want)
	}
	for _, user := range h.took {
		if !leavers[user] {
			t.Errorf("seed %d: %s was taken out, whom nobody dismissed", seed, user)
		}
	}
	if left, err := h.book().Pending(t.Context()); err != nil || len(left) > 0 {
		t.Logf("seed %d: left waiting: %d, %v", seed, len(left), err) // they cost a look when somebody hints again
	}
}

// edit is something that people do, once a person.
type edit struct {
	what     string
	store, k int
	told     bool // Commerce may say so
}

// worker is whom Commerce's event of the n-th edit names.
func (e edit) worker(n int) string {
	if e.what == "hire" {
		return fmt.Sprintf("9%08d", n)
	}
	return number(e.store, e.k)
}

func (e edit) String() string { return fmt.Sprintf("%s %d/%d", e.what, e.store, e.k) }

// edits draws some.
func edits(rng *rand.Rand) []edit {
	var all []edit
	for store := 1; store <= 4; store++ {
		for k := 1; k < 5; k++ {
			switch rng.IntN(7) {
			case 0:
				all = append(all, edit{"disable", store, k, false})
			case 1:
				all = append(all, edit{"dismiss", store, k, true})
			case 2:
				all = append(all, edit{"inactive", store, k, true})
			case 3:
				all = append(all, edit{"hire", store, k, true})
			case 4:
				all = append(all, edit{"take out by hand", store, k, false})
			}
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// to does it.
func (e edit) to(t *testing.T, h *hinted, n int, leavers map[string]bool) {
	t.Helper()
	user := h.worker(t, e.store, e.k)
	switch e.what {
	case "disable":
		h.disable(t, user)
		leavers[user] = true
	case "dismiss":
		h.dismiss(t, e.store, e.k)
		leavers[user] = true
	case "inactive":
		h.inactive(t, e.store, e.k)
		leavers[user] = true
	case "hire":
		h.hire(t, e.store, n)
	case "take out by hand":
		link := h.link(t, store(e.store))
		must(t, h.tenant.RemoveMember(string(link.Group), user))
	}
}
