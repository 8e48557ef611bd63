package taskorg_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/taskorg"
)

// book is the part of a ledger that is read.
type book struct {
	snapshot org.Snapshot
	links    map[org.TeamKey]*ledger.Link
	reads    int
}

func (b *book) Snapshot(context.Context) (org.Snapshot, string, error) {
	b.reads++
	return b.snapshot, "1", nil
}

func (b *book) Links(context.Context) (map[org.TeamKey]*ledger.Link, error) { return b.links, nil }

var (
	noon  = time.Date(2027, 5, 3, 12, 0, 0, 0, time.UTC)
	anna  = org.UserID{1}
	ben   = org.UserID{2}
	chief = org.UserID{3}
)

func store(number string) org.TeamKey { return org.TeamKey{Store: org.StoreNumber(number)} }

// chain is a chain of two regions: B-1 and 000102 in the North, 000103 in the West,
// without a team, 000104 closed and 000105 with an archived team.
func chain() *book {
	b := &book{links: map[org.TeamKey]*ledger.Link{
		org.Communications: {Group: "comms", Managed: ledger.Managed{{User: chief, Role: org.Owner}}},
		store("B-1"):       {Group: "g1", Managed: ledger.Managed{{User: anna, Role: org.Owner, Worker: "1"}, {User: ben, Worker: "2"}}},
		store("000102"):    {Group: "g2", Managed: ledger.Managed{{User: ben, Worker: "2"}}},
		store("000104"):    {Group: "g4"},
		store("000105"):    {Group: "g5", Archived: noon},
		store("000999"):    {Group: "g9"}, // no row any more
	}}
	b.snapshot.ReadAt = noon
	for _, s := range []struct{ number, party, zone string }{
		{"B-1", "p1", "Central Standard Time"}, {"000102", "p2", ""}, {"000103", "p3", ""}, {"000104", "p4", ""}, {"000105", "p5", ""},
	} {
		b.snapshot.Stores = append(b.snapshot.Stores, org.Store{Number: org.StoreNumber(s.number), Unit: "u" + s.party, Party: s.party, Zone: s.zone})
		b.snapshot.Units = append(b.snapshot.Units, org.Unit{Number: "u" + s.party, Party: s.party, Name: "Shop " + s.number})
	}
	b.snapshot.Purposes = []org.HierarchyPurpose{{Hierarchy: "Retail", Purpose: "RetailReporting", Default: org.Yes}}
	for _, link := range []struct{ child, name, parent string }{
		{"north", "Region North", "root"}, {"west", "West", "root"}, {"root", "Chain", ""},
		{"p1", "", "north"}, {"p2", "", "north"}, {"p3", "", "west"}, {"p4", "", "west"}, {"p5", "", "west"},
	} {
		b.snapshot.Hierarchy = append(b.snapshot.Hierarchy, org.HierarchyLink{Hierarchy: "Retail", Child: link.child, ChildName: link.name, Parent: link.parent})
	}
	return b
}

func source(b *book, now *time.Time) *taskorg.Source {
	return &taskorg.Source{
		Book: b, Rules: org.Rules{ClosedStores: []string{"000104"}, Hierarchy: "Retail"}, MaxAge: taskorg.MaxAge,
		Zone: func(name string) (*time.Location, bool) {
			return time.FixedZone("chicago", -6*3600), name == "Central Standard Time"
		},
		Now: func() time.Time { return *now },
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	now := noon
	d, err := source(chain(), &now).Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var numbers []org.StoreNumber
	for _, s := range d.Stores() {
		numbers = append(numbers, s.Number)
	}
	if !slices.Equal(numbers, []org.StoreNumber{"000102", "B-1"}) {
		t.Errorf("open stores with a team: %q", numbers)
	}
	s, found := d.Store("b-1")
	if !found || s.Number != "B-1" || s.Name != "Shop B-1" || s.Group != "g1" || s.Zone.String() != "chicago" || s.Region != "Region North" ||
		!slices.Equal(s.Nodes, []string{"Region North", "Chain"}) {
		t.Errorf("%v %+v", found, s)
	}
	if s, _ := d.Store("000102"); s.Zone != time.UTC {
		t.Errorf("a store without a zone is in %v", s.Zone)
	}
	for word, want := range map[string][]org.StoreNumber{
		"all": {"000102", "B-1"}, " ALL ": {"000102", "B-1"}, "region  NORTH": {"000102", "B-1"}, "north": {"000102", "B-1"},
		"chain": {"000102", "B-1"}, "b-1": {"B-1"}, "000103": nil, "West": nil, "Nowhere": nil, "": nil,
	} {
		if got, found := d.Named(word); !slices.Equal(got, want) || found != (want != nil) {
			t.Errorf("%q names %q, %t", word, got, found)
		}
	}
	if d.Communications() != "comms" {
		t.Errorf("the communications team is %q", d.Communications())
	}
}

func TestRightsAreCommerces(t *testing.T) {
	t.Parallel()
	now := noon
	d, err := source(chain(), &now).Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		store         org.StoreNumber
		user          org.UserID
		owns, isThere bool
	}{
		{"B-1", anna, true, true}, {"b-1", ben, false, true}, {"000102", anna, false, false}, {"000102", ben, false, true},
		{"", chief, true, true}, {"", anna, false, false}, {"Nowhere", anna, false, false},
	} {
		if owns, isThere := d.Owner(tc.store, tc.user), d.Member(tc.store, tc.user); owns != tc.owns || isThere != tc.isThere {
			t.Errorf("store %q, user %v: owns %t, is there %t", tc.store, tc.user, owns, isThere)
		}
	}
	if worker, known := d.Worker(ben); worker != "2" || !known {
		t.Errorf("ben is worker %q", worker)
	}
	if user, known := d.User("1"); user != anna || !known {
		t.Errorf("worker 1 is %v", user)
	}
	if _, known := d.Worker(chief); known {
		t.Error("who is named in settings is a worker")
	}
}

func TestADirectoryIsKeptForAWhile(t *testing.T) {
	t.Parallel()
	b, now := chain(), noon
	s := source(b, &now)
	if s.ZoneOf("B-1") != time.UTC {
		t.Error("a zone is known before anything was read")
	}
	ask := func(of func(context.Context) (interface{ Communications() org.TeamID }, error)) {
		if _, err := of(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	directory := func(ctx context.Context) (interface{ Communications() org.TeamID }, error) { return s.Directory(ctx) }
	renewed := func(ctx context.Context) (interface{ Communications() org.TeamID }, error) { return s.Renewed(ctx) }
	for _, step := range []struct {
		passes time.Duration
		of     func(context.Context) (interface{ Communications() org.TeamID }, error)
		reads  int
	}{
		{0, directory, 1}, {9 * time.Minute, directory, 1}, {0, renewed, 2}, {30 * time.Second, renewed, 2},
		{9 * time.Minute, directory, 2}, {time.Minute, directory, 3},
	} {
		now = now.Add(step.passes)
		ask(step.of)
		if b.reads != step.reads {
			t.Errorf("read %d times by %s, want %d", b.reads, now.Sub(noon), step.reads)
		}
	}
	if s.ZoneOf("B-1").String() != "chicago" {
		t.Errorf("the zone of B-1 is %v", s.ZoneOf("B-1"))
	}
}

func TestNothingWasReadYet(t *testing.T) {
	t.Parallel()
	now := noon
	if _, err := source(&book{}, &now).Directory(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v; an empty organization would dead-letter every hint", err)
	}
}
