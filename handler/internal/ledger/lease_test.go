package ledger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

func take(t *testing.T, book *ledger.Book, owner string, now time.Time) *ledger.Lease {
	t.Helper()
	lease, err := book.TakeLease(t.Context(), shop("1"), owner, now)
	must(t, err)
	return lease
}

func TestLeaseIsOneOwners(t *testing.T) {
	book, _ := newBook()
	mine := take(t, book, "a", noon)
	if mine.Team != shop("1") || mine.Owner != "a" || mine.Generation != 1 || !mine.Expires.Equal(noon.Add(time.Minute)) {
		t.Errorf("the lease is %+v", mine)
	}
	last := noon.Add(ledger.LeaseTime - 1)
	_, err := book.TakeLease(t.Context(), shop("1"), "b", last)
	wantFault(t, "another takes it", err, fault.Conflict)
	_, err = book.TakeLease(t.Context(), org.Communications, "b", noon)
	must(t, err) // another team's is another

	must(t, book.RenewLease(t.Context(), mine, last))
	_, err = book.TakeLease(t.Context(), shop("1"), "b", noon.Add(ledger.LeaseTime))
	wantFault(t, "another takes it when it was renewed", err, fault.Conflict)

	theirs := take(t, book, "b", last.Add(ledger.LeaseTime))
	if theirs.Generation != 2 {
		t.Errorf("the second generation is %d", theirs.Generation)
	}
	wantFault(t, "renew what was lost", book.RenewLease(t.Context(), mine, noon), fault.Conflict)
	must(t, book.ReleaseLease(t.Context(), mine)) // lost already
	must(t, book.RenewLease(t.Context(), theirs, last))
}

func TestLeaseIsReleased(t *testing.T) {
	book, _ := newBook()
	mine := take(t, book, "a", noon)
	for range 2 {
		must(t, book.ReleaseLease(t.Context(), mine))
		wantFault(t, "renew what was released", book.RenewLease(t.Context(), mine, noon), fault.Conflict)
	}
	must(t, book.RenewLease(t.Context(), take(t, book, "b", noon), noon))
	wantFault(t, "renew what another has", book.RenewLease(t.Context(), mine, noon), fault.Conflict)
	if again := take(t, book, "b", noon); again.Generation != 3 {
		t.Errorf("the third generation is %d: the row was not kept", again.Generation)
	}
}

// The owner may take what they have; what they took before is lost.
func TestLeaseIsTakenAgain(t *testing.T) {
	book, _ := newBook()
	first := take(t, book, "a", noon)
	second := take(t, book, "a", noon)
	wantFault(t, "renew the first", book.RenewLease(t.Context(), first, noon), fault.Conflict)
	must(t, book.ReleaseLease(t.Context(), first))
	must(t, book.RenewLease(t.Context(), second, noon))
	if second.Generation != 2 {
		t.Errorf("the second generation is %d", second.Generation)
	}
	_, err := book.TakeLease(t.Context(), shop("1"), "", noon)
	wantFault(t, "nobody takes it", err, fault.Internal)
}

// One that expired is the owner's until another takes it.
func TestExpiredLeaseIsRenewed(t *testing.T) {
	book, _ := newBook()
	lease := take(t, book, "a", noon)
	later := noon.Add(time.Hour)
	must(t, book.RenewLease(t.Context(), lease, later))
	_, err := book.TakeLease(t.Context(), shop("1"), "b", later)
	wantFault(t, "take", err, fault.Conflict)
}

// Of many who want a free lease at once one gets it.
func TestLeaseRace(t *testing.T) {
	book, _ := newBook()
	const owners = 20
	var got [owners]bool
	var group errgroup.Group
	for i := range owners {
		group.Go(func() error {
			_, err := book.TakeLease(t.Context(), shop("1"), fmt.Sprint(i), noon)
			if got[i] = err == nil; fault.Is(err, fault.Conflict) {
				err = nil
			}
			return err
		})
	}
	must(t, group.Wait())
	winners := 0
	for _, won := range got {
		if won {
			winners++
		}
	}
	if winners != 1 {
		t.Errorf("%d owners have the lease", winners)
	}
}

// After a write whose answer was lost the lease is still its owner's.
func TestLeaseAfterLostAnswer(t *testing.T) {
	_, s := newBook()
	lost := errors.New("lost")
	store := &losing{Store: s, err: lost}
	book := ledger.NewBook(store, "test")
	if _, err := book.TakeLease(t.Context(), shop("1"), "a", noon); !errors.Is(err, lost) {
		t.Fatalf("take: %v", err)
	}
	lease := take(t, book, "a", noon)
	store.err = lost
	if err := book.RenewLease(t.Context(), lease, noon); !errors.Is(err, lost) {
		t.Fatalf("renew: %v", err)
	}
	must(t, book.RenewLease(t.Context(), lease, noon.Add(time.Second)))
	store.err = lost
	if err := book.RenewLease(t.Context(), lease, noon); !errors.Is(err, lost) {
		t.Fatalf("renew: %v", err)
	}
	store.err = lost
	if err := book.ReleaseLease(t.Context(), lease); !errors.Is(err, lost) {
		t.Fatalf("release: %v", err)
	}
	wantFault(t, "renew what is free", book.RenewLease(t.Context(), lease, noon), fault.Conflict)
	must(t, book.ReleaseLease(t.Context(), lease))
	take(t, book, "b", noon)
}
