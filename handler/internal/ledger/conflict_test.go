package ledger_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// marked reads one value of the book, or makes the first of its kind. It
// returns the mark the value has, and what saves it with another.
type marked func(t *testing.T, book *ledger.Book) (mark string, save func(mark string) error)

func everyValue() map[string]marked {
	return map[string]marked{
		"cursor": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			c, err := book.Cursor(t.Context(), ledger.GroupFeed)
			must(t, err)
			return c.Link, func(mark string) error {
				c.Link = mark
				return book.SaveCursor(t.Context(), ledger.GroupFeed, &c)
			}
		},
		"link": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			links, err := book.Links(t.Context())
			must(t, err)
			l := oneOf(links, &ledger.Link{Team: shop("1")})
			return l.KeepName, func(mark string) error { l.KeepName = mark; return book.SaveLink(t.Context(), l) }
		},
		"claim": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			claims, err := book.Claims(t.Context())
			must(t, err)
			c := oneOf(claims, &ledger.Claim{Team: shop("1")})
			return c.Operation, func(mark string) error { c.Operation = mark; return book.SaveClaim(t.Context(), c) }
		},
		"group": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			groups, err := book.Groups(t.Context())
			must(t, err)
			g := oneOf(groups, &ledger.Group{ID: "g"})
			return g.Name, func(mark string) error { g.Name = mark; return book.SaveGroup(t.Context(), g) }
		},
		"run": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			r, err := book.LastRun(t.Context())
			if fault.Is(err, fault.NotFound) {
				r = &ledger.Run{ID: "r"}
			}
			return r.Error, func(mark string) error { r.Error = mark; return book.SaveRun(t.Context(), r) }
		},
		"baseline": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			base, err := book.Baseline(t.Context())
			must(t, err)
			return oneKey(base.Rows), func(mark string) error {
				base.ReadAt, base.Rows = noon, map[string]int{mark: 1}
				return book.SaveBaseline(t.Context(), base)
			}
		},
		"quarantine": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			q, err := book.Quarantine(t.Context())
			must(t, err)
			if q == nil {
				q = &ledger.Quarantine{Quarantine: rails.Quarantine{Since: noon}}
			}
			return q.Run, func(mark string) error { q.Run = mark; return book.SaveQuarantine(t.Context(), q) }
		},
		"takings": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			takings, err := book.Takings(t.Context())
			must(t, err)
			mark := ""
			for _, taking := range takings.All {
				mark = string(taking.Team.Store)
			}
			return mark, func(mark string) error {
				takings.All = append(takings.All, rails.Taking{Team: shop(mark), User: user(1), Kind: plan.Remove, At: noon})
				return book.SaveTakings(t.Context(), takings)
			}
		},
		"users": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			u := readUsers(t, book)
			return u.ByID(user(1)).UPN, func(mark string) error {
				u.Put(org.User{ID: user(1), UPN: mark})
				return book.SaveUsers(t.Context(), u)
			}
		},
		"snapshot": func(t *testing.T, book *ledger.Book) (string, func(string) error) {
			s, version, err := book.Snapshot(t.Context())
			must(t, err)
			return strings.Join(s.Missing, " "), func(mark string) error {
				s.Missing = []string{mark}
				return book.SaveSnapshot(t.Context(), s, version)
			}
		},
	}
}

// oneOf returns the only value there is, or the first one.
func oneOf[K comparable, V any](all map[K]*V, first *V) *V {
	for _, value := range all {
		return value
	}
	return first
}

// oneKey returns the only key there is, if any.
func oneKey(m map[string]int) string { return strings.Join(slices.Collect(maps.Keys(m)), " ") }

// Whoever saves what somebody else changed meanwhile is told so, and changes
// nothing.
func TestStaleValuesConflict(t *testing.T) {
	for name, value := range everyValue() {
		t.Run(name, func(t *testing.T) {
			book, _ := newBook()
			for _, when := range []string{"new", "again"} {
				_, first := value(t, book)
				_, second := value(t, book)
				must(t, first(when+" first"))
				wantFault(t, when, second(when+" second"), fault.Conflict)
				if mark, _ := value(t, book); mark != when+" first" {
					t.Errorf("%s: the row has %q", when, mark)
				}
			}
		})
	}
}

// A claim that somebody else took up is not ours to drop.
func TestStaleClaimIsNotDropped(t *testing.T) {
	book, _ := newBook()
	claim := &ledger.Claim{Team: shop("1")}
	must(t, book.SaveClaim(t.Context(), claim))
	claims, err := book.Claims(t.Context())
	must(t, err)
	must(t, book.SaveClaim(t.Context(), claims[shop("1")]))
	wantFault(t, "drop", book.DropClaim(t.Context(), claim), fault.Conflict)
	if claims, err := book.Claims(t.Context()); err != nil || len(claims) != 1 {
		t.Errorf("claims are %v (%v)", claims, err)
	}
}

// After a write of which nobody knows whether it worked, the value has its old
// version, and reading again tells.
func TestLostWrite(t *testing.T) {
	_, s := newBook()
	lost := errors.New("lost")
	book := ledger.NewBook(&losing{s, lost}, "test")
	link := &ledger.Link{Team: shop("1"), Group: "g"}
	if err := book.SaveLink(t.Context(), link); !errors.Is(err, lost) {
		t.Fatalf("error %v", err)
	}
	wantFault(t, "save once more", book.SaveLink(t.Context(), link), fault.Conflict)
	links, err := book.Links(t.Context())
	must(t, err)
	must(t, book.SaveLink(t.Context(), links[link.Team]))
}

// losing is a store whose first write works and is not answered.
type losing struct {
	ledger.Store
	err error
}

// Put implements ledger.Store.
func (l *losing) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	next, err := l.Store.Put(ctx, key, value, etag)
	if lost := l.err; err == nil && lost != nil {
		l.err = nil
		return "", lost
	}
	return next, err
}
