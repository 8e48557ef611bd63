package ledger_test

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
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
		if err := late.Bind(t.Context(), ours); first == ours {
			must(t, err)
		} else {
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
	link := &ledger.Link{
		Team: shop("000135"), Group: "g1", KeepName: "Old", Attempted: noon,
		Managed: ledger.Managed{{User: user(1), Role: org.Owner, Worker: "000042", Since: noon}},
		Rails: rails.Memory{
			Sightings: []rails.Sighting{{User: user(1), Kind: plan.Demote, ReadAt: noon}},
			Hands:     []rails.Hand{{User: user(2), Noticed: noon, PutBack: noon}},
		},
		Closing: rails.Closing{Sighted: noon, Closed: noon}, Archived: noon, Restored: noon,
	}
	claim := &ledger.Claim{Team: shop("Nord/2"), Operation: "/teams('x')/operations('y')", OperationBegan: noon, NotBefore: noon, Attempted: noon}
	group := &ledger.Group{ID: "g1", Marker: "m", Name: "Shop 🏪", Unified: true, HasTeam: true, Archived: true, Verified: noon, Written: noon, People: ledger.People{{User: user(2)}}}
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
	oneLink, err := fresh.ReadLink(t.Context(), link.Team)
	must(t, err)
	oneClaim, err := fresh.ReadClaim(t.Context(), claim.Team)
	must(t, err)
	oneGroup, err := fresh.ReadGroup(t.Context(), group.ID)
	must(t, err)
	if !reflect.DeepEqual(oneLink, link) || !reflect.DeepEqual(oneClaim, claim) || !reflect.DeepEqual(oneGroup, group) {
		t.Errorf("read alone they are %+v, %+v, %+v", oneLink, oneClaim, oneGroup)
	}
	must(t, fresh.DropClaim(t.Context(), claims[claim.Team]))
	must(t, book.DropClaim(t.Context(), claim)) // gone already
	must(t, book.DropClaim(t.Context(), &ledger.Claim{Team: claim.Team}))
	if claims, err := fresh.Claims(t.Context()); err != nil || len(claims) != 0 {
		t.Errorf("claims are %v (%v)", claims, err)
	}
}

// What is not there is nil, and no error.
func TestNothingToRead(t *testing.T) {
	book, _ := newBook()
	link, err := book.ReadLink(t.Context(), org.Communications)
	must(t, err)
	claim, err := book.ReadClaim(t.Context(), shop("1"))
	must(t, err)
	group, err := book.ReadGroup(t.Context(), "g")
	must(t, err)
	quarantine, err := book.Quarantine(t.Context())
	must(t, err)
	if link != nil || claim != nil || group != nil || quarantine != nil {
		t.Errorf("there are %v, %v, %v, %v", link, claim, group, quarantine)
	}
	baseline, err := book.Baseline(t.Context())
	must(t, err)
	if !reflect.DeepEqual(baseline, new(ledger.Baseline)) {
		t.Errorf("the baseline of no reading is %+v", baseline)
	}
}

// A value that lacks what names its row is refused before it is written.
func TestNamelessValues(t *testing.T) {
	book, _ := newBook()
	for name, err := range map[string]error{
		"group":      book.SaveGroup(t.Context(), &ledger.Group{Name: "nameless"}),
		"run":        book.SaveRun(t.Context(), &ledger.Run{Started: noon}),
		"baseline":   book.SaveBaseline(t.Context(), new(ledger.Baseline)),
		"quarantine": book.SaveQuarantine(t.Context(), new(ledger.Quarantine)),
	} {
		wantFault(t, name, err, fault.Internal)
	}
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
