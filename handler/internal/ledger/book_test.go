package ledger_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// noon is some time to put into rows.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newBook() (*ledger.Book, ledger.Store) {
	s := new(memledger.Store)
	return ledger.NewBook(s, "test"), s
}

func wantFault(t *testing.T, doing string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: error %v of kind %v, want %v", doing, err, fault.KindOf(err), kind)
	}
}

func shop(number string) org.TeamKey { return org.TeamKey{Store: org.StoreNumber(number)} }

func user(n int) (id org.UserID) {
	id[0], id[1], id[2], id[15] = byte(n), byte(n>>8), byte(n>>16), 1
	return id
}

func TestBind(t *testing.T) {
	ours := ledger.Binding{Instance: "prod", CommerceURL: "https://chain.example", TenantID: "t1"}
	others := map[string]ledger.Binding{
		"another instance":    {Instance: "dev", CommerceURL: ours.CommerceURL, TenantID: ours.TenantID},
		"another environment": {Instance: ours.Instance, CommerceURL: "https://sandbox.example", TenantID: ours.TenantID},
		"another tenant":      {Instance: ours.Instance, CommerceURL: ours.CommerceURL, TenantID: "t2"},
		"nobody":              {},
	}
	book, _ := newBook()
	must(t, book.Bind(t.Context(), ours))
	for name, other := range others {
		err := book.Bind(t.Context(), other)
		wantFault(t, name, err, fault.Invalid)
		for _, part := range []string{ours.Instance, ours.CommerceURL, ours.TenantID, other.Instance, other.CommerceURL, other.TenantID} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error does not name %q: %v", name, part, err)
			}
		}
	}
	must(t, book.Bind(t.Context(), ours))
}

func TestBindRace(t *testing.T) {
	for name, tenants := range map[string][]string{"same": {"t1", "t1", "t1"}, "different": {"t1", "t2", "t3"}} {
		t.Run(name, func(t *testing.T) {
			book, _ := newBook()
			errs := make([]error, len(tenants))
			var all sync.WaitGroup
			for i, tenant := range tenants {
				all.Go(func() { errs[i] = book.Bind(t.Context(), ledger.Binding{TenantID: tenant}) })
			}
			all.Wait()
			bound := map[string]bool{}
			for i, err := range errs {
				if err == nil {
					bound[tenants[i]] = true
				} else {
					wantFault(t, tenants[i], err, fault.Invalid)
				}
			}
			if len(bound) != 1 {
				t.Errorf("the ledger is bound to %v", bound)
			}
		})
	}
}

// meddled is a store in which somebody else does something just before our
// first write.
type meddled struct {
	ledger.Store
	meddle func()
}

// Put implements ledger.Store.
func (m *meddled) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	return m.Store.Put(ctx, key, value, etag)
}

func TestBindSecond(t *testing.T) {
	ours, theirs := ledger.Binding{TenantID: "t1"}, ledger.Binding{TenantID: "t2"}
	for name, first := range map[string]ledger.Binding{"to the same": ours, "to another": theirs} {
		book, s := newBook()
		late := ledger.NewBook(&meddled{s, func() { must(t, book.Bind(t.Context(), first)) }}, "test")
		switch err := late.Bind(t.Context(), ours); {
		case first == ours:
			must(t, err)
		default:
			wantFault(t, name, err, fault.Invalid)
		}
		must(t, book.Bind(t.Context(), first))
	}
}

// A value is a row: what was saved comes back, and saving it again goes on from
// its own version.
func TestValuesComeBack(t *testing.T) {
	book, s := newBook()
	fresh := ledger.NewBook(s, "test")
	link := &ledger.Link{Team: shop("000135"), Group: "g1", KeepName: "Old", Attempted: noon, Managed: ledger.People{{User: user(1), Role: org.Owner}}}
	claim := &ledger.Claim{Team: shop("Nord/2"), Began: noon, Operation: "/teams('x')/operations('y')", OperationBegan: noon, NotBefore: noon, Attempted: noon}
	group := &ledger.Group{ID: "g1", Marker: "m", Name: "Shop 🏪", Unified: true, HasTeam: true, Verified: noon, Written: noon, People: ledger.People{{User: user(2)}}}
	for range 3 {
		must(t, book.SaveLink(t.Context(), link))
		must(t, book.SaveClaim(t.Context(), claim))
		must(t, book.SaveGroup(t.Context(), group))
	}
	must(t, book.SaveLink(t.Context(), &ledger.Link{Team: org.Communications, Group: "g0"}))

	links, err := fresh.Links(t.Context())
	must(t, err)
	claims, err := fresh.Claims(t.Context())
	must(t, err)
	groups, err := fresh.Groups(t.Context())
	must(t, err)
	if got := links[link.Team]; !reflect.DeepEqual(got, link) || links[org.Communications].Group != "g0" || len(links) != 2 {
		t.Errorf("links are %+v", links)
	}
	if got := claims[claim.Team]; !reflect.DeepEqual(got, claim) || len(claims) != 1 {
		t.Errorf("claims are %+v", got)
	}
	if got := groups[group.ID]; !reflect.DeepEqual(got, group) || len(groups) != 1 {
		t.Errorf("groups are %+v", got)
	}
	must(t, fresh.DropClaim(t.Context(), claims[claim.Team]))
	must(t, book.DropClaim(t.Context(), claim)) // gone already
	must(t, book.DropClaim(t.Context(), &ledger.Claim{Team: claim.Team}))
	if claims, err := fresh.Claims(t.Context()); err != nil || len(claims) != 0 {
		t.Errorf("claims are %v (%v)", claims, err)
	}
}

func TestGroupNeedsAnID(t *testing.T) {
	book, _ := newBook()
	wantFault(t, "save", book.SaveGroup(t.Context(), &ledger.Group{Name: "nameless"}), fault.Internal)
}

// Whoever saves what somebody else changed meanwhile is told so, and changes
// nothing.
func TestStaleValuesConflict(t *testing.T) {
	type saver func(ctx context.Context, book *ledger.Book, mark string) error
	// Each reads a value, the first time an absent one, and returns what saves it
	// with a mark on it, and what reads the mark.
	cases := map[string]struct {
		read func(*testing.T, *ledger.Book) saver
		mark func(*testing.T, *ledger.Book) string
	}{
		"cursor": {
			func(t *testing.T, book *ledger.Book) saver {
				c, err := book.Cursor(t.Context(), ledger.GroupFeed)
				must(t, err)
				return func(ctx context.Context, book *ledger.Book, mark string) error {
					c.Link = mark
					return book.SaveCursor(ctx, ledger.GroupFeed, &c)
				}
			},
			func(t *testing.T, book *ledger.Book) string {
				c, err := book.Cursor(t.Context(), ledger.GroupFeed)
				must(t, err)
				return c.Link
			},
		},
		"link": {
			func(t *testing.T, book *ledger.Book) saver {
				links, err := book.Links(t.Context())
				must(t, err)
				l := links[shop("1")]
				if l == nil {
					l = &ledger.Link{Team: shop("1")}
				}
				return func(ctx context.Context, book *ledger.Book, mark string) error {
					l.KeepName = mark
					return book.SaveLink(ctx, l)
				}
			},
			func(t *testing.T, book *ledger.Book) string {
				links, err := book.Links(t.Context())
				must(t, err)
				return links[shop("1")].KeepName
			},
		},
		"claim": {
			func(t *testing.T, book *ledger.Book) saver {
				claims, err := book.Claims(t.Context())
				must(t, err)
				c := claims[shop("1")]
				if c == nil {
					c = &ledger.Claim{Team: shop("1")}
				}
				return func(ctx context.Context, book *ledger.Book, mark string) error {
					c.Operation = mark
					return book.SaveClaim(ctx, c)
				}
			},
			func(t *testing.T, book *ledger.Book) string {
				claims, err := book.Claims(t.Context())
				must(t, err)
				return claims[shop("1")].Operation
			},
		},
		"group": {
			func(t *testing.T, book *ledger.Book) saver {
				groups, err := book.Groups(t.Context())
				must(t, err)
				g := groups["g"]
				if g == nil {
					g = &ledger.Group{ID: "g"}
				}
				return func(ctx context.Context, book *ledger.Book, mark string) error {
					g.Name = mark
					return book.SaveGroup(ctx, g)
				}
			},
			func(t *testing.T, book *ledger.Book) string {
				groups, err := book.Groups(t.Context())
				must(t, err)
				return groups["g"].Name
			},
		},
		"run": {
			func(t *testing.T, book *ledger.Book) saver {
				r, err := book.LastRun(t.Context())
				if fault.Is(err, fault.NotFound) {
					r = &ledger.Run{ID: "r"}
				}
				return func(ctx context.Context, book *ledger.Book, mark string) error {
					r.Error = mark
					return book.SaveRun(ctx, r)
				}
			},
			func(t *testing.T, book *ledger.Book) string {
				r, err := book.LastRun(t.Context())
				must(t, err)
				return r.Error
			},
		},
		"users": {
			func(t *testing.T, book *ledger.Book) saver {
				u, err := book.Users(t.Context())
				must(t, err)
				return func(ctx context.Context, book *ledger.Book, mark string) error {
					u.Put(org.User{ID: user(1), UPN: mark})
					return book.SaveUsers(ctx, u)
				}
			},
			func(t *testing.T, book *ledger.Book) string {
				u, err := book.Users(t.Context())
				must(t, err)
				return u.ByID(user(1)).UPN
			},
		},
		"snapshot": {
			func(t *testing.T, book *ledger.Book) saver {
				s, version, err := book.Snapshot(t.Context())
				must(t, err)
				return func(ctx context.Context, book *ledger.Book, mark string) error {
					s.Missing = []string{mark}
					return book.SaveSnapshot(ctx, s, version)
				}
			},
			func(t *testing.T, book *ledger.Book) string {
				s, _, err := book.Snapshot(t.Context())
				must(t, err)
				return strings.Join(s.Missing, " ")
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			book, _ := newBook()
			for _, when := range []string{"new", "again"} {
				first, second := c.read(t, book), c.read(t, book)
				must(t, first(t.Context(), book, when+" first"))
				wantFault(t, when, second(t.Context(), book, when+" second"), fault.Conflict)
				if mark := c.mark(t, book); mark != when+" first" {
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

func TestCursor(t *testing.T) {
	book, _ := newBook()
	for _, feed := range []ledger.Feed{ledger.GroupFeed, ledger.UserFeed} {
		c, err := book.Cursor(t.Context(), feed)
		must(t, err)
		if c != (ledger.Cursor{}) {
			t.Errorf("a feed never read has the cursor %+v", c)
		}
		c.Link, c.At = string(feed)+" link", noon
		must(t, book.SaveCursor(t.Context(), feed, &c))
	}
	for _, feed := range []ledger.Feed{ledger.GroupFeed, ledger.UserFeed} {
		c, err := book.Cursor(t.Context(), feed)
		must(t, err)
		if c.Link != string(feed)+" link" || !c.At.Equal(noon) {
			t.Errorf("the cursor of %s is %+v", feed, c)
		}
	}
	const day = 24 * time.Hour
	c := ledger.Cursor{Link: "link", At: noon}
	for age, want := range map[time.Duration]string{0: "link", -time.Hour: "link", 5 * day: "link", 6 * day: "link", 6*day + 1: "", 400 * day: ""} {
		if got := c.From(noon.Add(age)); got != want {
			t.Errorf("after %v the cursor reads on from %q, want %q", age, got, want)
		}
	}
	if got := (ledger.Cursor{}).From(noon); got != "" {
		t.Errorf("no cursor reads on from %q", got)
	}
}
