package ledger_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
)

// state is a job's state after so many steps of it.
func state(n int) []byte { return fmt.Appendf(nil, `{"done":%d}`, n) }

// wantJob asserts what a job looks like.
func wantJob(t *testing.T, book *ledger.Book, id string, state, answer []byte) {
	t.Helper()
	gotState, gotAnswer, err := book.ReadJob(t.Context(), id)
	must(t, err)
	if !bytes.Equal(gotState, state) || !bytes.Equal(gotAnswer, answer) {
		t.Fatalf("job %s is %s with %d bytes, want %s with %d", id, gotState, len(gotAnswer), state, len(answer))
	}
}

func wantNoJob(t *testing.T, book *ledger.Book, id string) {
	t.Helper()
	_, _, err := book.ReadJob(t.Context(), id)
	wantFault(t, "read job "+id, err, fault.NotFound)
}

func TestJobGoesItsWay(t *testing.T) {
	for name, answer := range map[string][]byte{
		"nothing": {}, "short": []byte("answer\n"), "in chunks": blobNoise(1, twoChunks),
	} {
		t.Run(name, func(t *testing.T) {
			book, s := newBook()
			other := ledger.NewBook(s, "test")
			wantNoJob(t, book, "j")
			must(t, book.BeginJob(t.Context(), "j", state(0), noon))
			must(t, book.BeginJob(t.Context(), "k", state(7), noon))
			wantJob(t, other, "j", state(0), nil)
			for n := range 3 {
				must(t, book.RenewJob(t.Context(), "j", state(n)))
				wantJob(t, other, "j", state(n), nil)
			}
			must(t, book.EndJob(t.Context(), "j", state(3), answer))
			wantJob(t, other, "j", state(3), answer)
			wantJob(t, other, "k", state(7), nil)
		})
	}
}

func TestJobsThatAreNotThere(t *testing.T) {
	book, s := newBook()
	wantFault(t, "renew", book.RenewJob(t.Context(), "j", state(1)), fault.NotFound)
	wantFault(t, "end", book.EndJob(t.Context(), "j", state(1), nil), fault.NotFound)
	wantNoJob(t, book, "j")
	if rows := len(partition(t, s, "job")) + len(partition(t, s, "blob/job/j")); rows != 0 {
		t.Errorf("%d rows are there now", rows)
	}
}

// An id is one job's, and what it was answered stays as it is.
func TestJobIsNotOverwritten(t *testing.T) {
	book, _ := newBook()
	must(t, book.BeginJob(t.Context(), "j", state(0), noon))
	wantFault(t, "begin again", book.BeginJob(t.Context(), "j", state(9), noon), fault.Conflict)
	wantJob(t, book, "j", state(0), nil)
	must(t, book.EndJob(t.Context(), "j", state(1), []byte("first")))
	must(t, book.EndJob(t.Context(), "j", state(2), []byte("second")))
	wantFault(t, "renew the ended", book.RenewJob(t.Context(), "j", state(9)), fault.Conflict)
	wantJob(t, book, "j", state(1), []byte("first"))
}

func TestJobWithoutAnID(t *testing.T) {
	book, _ := newBook()
	wantFault(t, "begin", book.BeginJob(t.Context(), "", state(0), noon), fault.Internal)
	wantFault(t, "read", func() error { _, _, err := book.ReadJob(t.Context(), ""); return err }(), fault.Invalid)
}

// A row that another writes between our reading and our writing stays theirs.
func TestJobWritesAreConditional(t *testing.T) {
	for name, act := range map[string]func(*ledger.Book) error{
		"renew": func(b *ledger.Book) error { return b.RenewJob(t.Context(), "j", state(2)) },
		"end":   func(b *ledger.Book) error { return b.EndJob(t.Context(), "j", state(2), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			book, s := newBook()
			must(t, book.BeginJob(t.Context(), "j", state(0), noon))
			late := ledger.NewBook(&meddled{s, func() { must(t, book.RenewJob(t.Context(), "j", state(1))) }}, "test")
			wantFault(t, name, act(late), fault.Conflict)
			wantJob(t, book, "j", state(1), nil)
			must(t, act(late))
			if got, _, err := book.ReadJob(t.Context(), "j"); err != nil || !bytes.Equal(got, state(2)) {
				t.Errorf("said again the job is %s (%v)", got, err)
			}
		})
	}
}

// Killed, or failing, at any step of its end, a job still runs or has its whole
// answer, and it ends when that is said again.
func TestJobEndMishap(t *testing.T) {
	for name, answer := range map[string][]byte{"short": []byte("answer\n"), "in chunks": blobNoise(1, twoChunks)} {
		for _, how := range mishaps() {
			for at, ended := 0, false; !ended; at++ {
				book, s := newBook()
				must(t, book.BeginJob(t.Context(), "j", state(0), noon))
				failing := failing(s, at, how)
				err := ledger.NewBook(failing, "test").EndJob(t.Context(), "j", state(1), answer)
				ended = failing.steps <= at
				if ended && err != nil || err != nil && !fault.Is(err, fault.Unavailable) {
					t.Fatalf("%s, %+v at %d: %v", name, how, at, err)
				}
				if err == nil {
					wantJob(t, book, "j", state(1), answer)
				} else if now, got, err := book.ReadJob(t.Context(), "j"); err != nil ||
					(got != nil && !bytes.Equal(got, answer)) || (got == nil) != bytes.Equal(now, state(0)) {
					t.Fatalf("%s, %+v at %d: the job is %s with %d bytes (%v)", name, how, at, now, len(got), err)
				}
				must(t, book.EndJob(t.Context(), "j", state(1), answer))
				wantJob(t, book, "j", state(1), answer)
			}
		}
	}
}

// An earlier try that comes late, with a part of the answer, is not taken for
// the whole.
func TestJobEndsAfterALateTry(t *testing.T) {
	book, s := newBook()
	answer := blobNoise(1, twoChunks)
	must(t, book.BeginJob(t.Context(), "j", state(0), noon))
	late := ledger.NewBook(&meddled{s, func() {
		_, err := s.Put(t.Context(), ledger.Key{Partition: "blob/job/j", Row: "pointer"}, []byte(`{"v":1,"pending":true}`), "")
		must(t, err)
	}}, "test")
	wantFault(t, "end", late.EndJob(t.Context(), "j", state(1), answer), fault.Conflict)
	wantJob(t, book, "j", state(0), nil)
	must(t, late.EndJob(t.Context(), "j", state(1), answer))
	wantJob(t, book, "j", state(1), answer)
}

// TestJobsAreForgotten a day after they began, when another one begins.
func TestJobsAreForgotten(t *testing.T) {
	book, s := newBook()
	const day = 24 * time.Hour
	for id, age := range map[string]time.Duration{"old": day + 1, "older": 9 * day, "young": day, "new": 0} {
		must(t, book.BeginJob(t.Context(), id, state(1), noon.Add(-age)))
		must(t, book.EndJob(t.Context(), id, state(2), blobNoise(2, twoChunks)))
	}
	must(t, book.BeginJob(t.Context(), "running", state(1), noon.Add(-2*day)))
	put(t, s, "job/half", "{")
	put(t, s, "job/keyless", "{}")
	put(t, s, "job/another", `{"id":"new","begun":"2026-11-23T12:00:00Z"}`)

	for range 2 {
		must(t, book.BeginJob(t.Context(), "next"+strings.Repeat("x", len(partition(t, s, "job"))), state(0), noon))
		for _, id := range []string{"old", "older", "running", "half", "keyless", "another"} {
			wantNoJob(t, book, id)
			if left := partition(t, s, "blob/job/"+id); len(left) != 0 {
				t.Errorf("of %s are left %v", id, left)
			}
		}
		wantJob(t, book, "young", state(2), blobNoise(2, twoChunks))
		wantJob(t, book, "new", state(2), blobNoise(2, twoChunks))
	}
}

// Killed, or failing, at any step, forgetting leaves no job that looks ended
// and has no answer, and is finished the next time. A job whose beginning
// failed is there or not.
func TestForgetJobsMishap(t *testing.T) {
	for _, how := range mishaps() {
		for at, ended := 0, false; !ended; at += stride() {
			s := new(memledger.Store)
			book := ledger.NewBook(s, "test")
			must(t, book.BeginJob(t.Context(), "old", state(0), noon.Add(-48*time.Hour)))
			must(t, book.EndJob(t.Context(), "old", state(1), blobNoise(2, twoChunks)))
			failing := failing(s, at, how)
			err := ledger.NewBook(failing, "test").BeginJob(t.Context(), "j", state(0), noon)
			if ended = failing.steps <= at; ended != (err == nil) || !ended && !fault.Is(err, fault.Unavailable) {
				t.Fatalf("%+v at %d: %v", how, at, err)
			}
			if _, answer, err := book.ReadJob(t.Context(), "old"); !fault.Is(err, fault.NotFound) && len(answer) != twoChunks {
				t.Fatalf("%+v at %d: the old job has %d bytes (%v)", how, at, len(answer), err)
			}
			must(t, book.BeginJob(t.Context(), "k", state(0), noon))
			wantNoJob(t, book, "old")
			if left := partition(t, s, "blob/job/old"); len(left) != 0 {
				t.Fatalf("%+v at %d: left are %v", how, at, left)
			}
		}
	}
}

// Two instances forget the same job at once, or one ends what the other
// forgets: neither is in the way of a new one.
func TestForgetJobsMeanwhile(t *testing.T) {
	for name, meanwhile := range map[string]func(*ledger.Book) error{
		"forgotten": func(b *ledger.Book) error { return b.BeginJob(t.Context(), "theirs", state(0), noon) },
		"ended": func(b *ledger.Book) error {
			err := b.EndJob(t.Context(), "old", state(1), []byte("late"))
			if fault.Is(err, fault.NotFound) {
				return nil
			}
			return err
		},
	} {
		for at, ended := 0, false; !ended; at++ {
			book, s := newBook()
			must(t, book.BeginJob(t.Context(), "old", state(0), noon.Add(-48*time.Hour)))
			busy := interrupt(s, at, func() { must(t, meanwhile(book)) })
			if err := ledger.NewBook(busy, "test").BeginJob(t.Context(), "j", state(0), noon); err != nil {
				t.Fatalf("%s before step %d: %v", name, at, err)
			}
			ended = busy.steps <= at
			wantJob(t, book, "j", state(0), nil)
			must(t, book.BeginJob(t.Context(), "k", state(0), noon))
			wantNoJob(t, book, "old")
		}
	}
}

func TestMalformedJobs(t *testing.T) {
	for _, text := range []string{"", "{", "[]", "{}", "null", `{"id":7}`, `{"id":"k"}`} {
		book, s := newBook()
		put(t, s, "job/j", text)
		_, _, err := book.ReadJob(t.Context(), "j")
		wantFault(t, text, err, fault.Internal)
		wantFault(t, text, book.RenewJob(t.Context(), "j", state(1)), fault.Internal)
		wantFault(t, text, book.EndJob(t.Context(), "j", state(1), nil), fault.Internal)
	}
}
