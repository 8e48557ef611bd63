package orgsync_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// The manager of a store that closes is often its team's last owner, and often
// leaves then: somebody of FALLBACK_OWNERS comes in first.
func TestManagerOfAClosedStoreLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 8, 4)
		before := b.places(t)
		b.closes(t)
		b.ticks(t, time.Hour)
		b.dismiss(t, 2, 0)
		b.ticks(t, tick)
		b.wantPlaces(t, "at the next run", before, []string{b.place(t, 2, 0)}, []string{at(2, "owner", b.office(0))})
		b.reopens(t)
		b.ticks(t, 2*time.Hour)
		stoodIn := at(2, "owner", b.office(0))
		if slices.Contains(b.places(t), stoodIn) {
			t.Errorf("%s still, although the store is back with a caretaker of its own", stoodIn)
		}
	})
}
