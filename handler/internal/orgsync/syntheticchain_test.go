package orgsync_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// syntheticChain is worldgen.Chain, made straight as the ledger has it: the
// maps of the other take gigabytes at this size. One worker in ten has a user of
// Finance & Operations beside their account.
type syntheticChain struct{ stores, workers int }

const (
	syntheticInstance = "bench"
	areaStores        = 10
	regionStores      = 100
)

// head is the user at head office who owns the communications team and stands
// in for missing managers.
var head = org.User{ID: syntheticUser(0), UPN: "office@contoso.example", Enabled: org.Yes, Licensed: true}

// syntheticUser makes ids that do not compress, as Entra's do not.
func syntheticUser(n int) (id org.UserID) {
	binary.BigEndian.PutUint64(id[:], uint64(n+1)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(id[8:], uint64(n+1)*0xc2b2ae3d27d4eb4f)
	return id
}

// worker is the number of the w-th worker of the s-th store, and their user.
func (c syntheticChain) worker(s, w int) (org.PersonnelNumber, org.UserID) {
	return org.PersonnelNumber(fmt.Sprintf("%06d%03d", s+1, w)), syntheticUser(1 + s*c.workers + w)
}

func (c syntheticChain) rules() org.Rules {
	return org.Rules{
		Instance: syntheticInstance, TeamName: "{name} ({number})", CommunicationsTeamName: "Communications",
		CommunicationsRole: "Retail communications manager", ManagerRule: org.RuleAuto, MaxCaretakerTeams: 200,
		CommunicationsOwners: []string{head.UPN}, FallbackOwners: []string{head.UPN},
	}
}

func (c syntheticChain) settings() orgsync.Settings {
	return orgsync.Settings{
		Mode: orgsync.ModeFull, Rules: c.rules(), SnapshotMaxAge: 24 * time.Hour, RunBudget: time.Hour, MinSource: 80, ErrorBudgetPercent: 20,
		Binding: ledger.Binding{Instance: syntheticInstance, CommerceURL: "https://commerce.example", TenantID: "tenant"},
		Limits:  rails.Limits{Removals: 100, RemovalPercent: 5, TeamPercent: 50, SightingInterval: 15 * time.Minute},
	}
}

func (c syntheticChain) snapshot() org.Snapshot {
	s := org.Snapshot{ReadAt: time.Now().UTC(), Rows: map[string]int{}}
	s.Purposes = []org.HierarchyPurpose{{Hierarchy: "Retail", Purpose: "RetailReporting", Default: org.Yes}}
	link := func(parent, child, name string) {
		s.Hierarchy = append(s.Hierarchy, org.HierarchyLink{Hierarchy: "Retail", Parent: parent, Child: child, ChildName: name})
	}
	for i := range c.stores {
		region, area, place := fmt.Sprintf("N-R%d", i/regionStores), fmt.Sprintf("N-A%d", i/areaStores), fmt.Sprintf("%06d", i+1)
		if i%regionStores == 0 {
			link("N-0", region, "Region "+region)
			c.addCommunicationsManager(&s, i)
		}
		if i%areaStores == 0 {
			link(region, area, "Area "+area)
		}
		link(area, "P-"+place, "Shop "+place)
		manager, _ := c.worker(i, 0)
		s.Stores = append(s.Stores, org.Store{Number: org.StoreNumber(place), Channel: "C" + place, Unit: "U" + place, Party: "P-" + place})
		s.Units = append(s.Units, org.Unit{Number: "U" + place, Party: "P-" + place, Name: "Shop " + place, Manager: manager})
		s.PositionPermissions = append(s.PositionPermissions, org.PositionPermission{Position: "POS" + string(manager), Manager: org.Yes})
		for w := range c.workers {
			c.addWorker(&s, i, w, place)
		}
	}
	return s
}

func (c syntheticChain) addCommunicationsManager(s *org.Snapshot, store int) {
	worker, _ := c.worker(store, c.workers-1)
	user := fmt.Sprintf("regional%d", store)
	s.PersonUsers = append(s.PersonUsers, org.PersonUser{Party: "W-" + string(worker), User: user})
	s.SystemUsers = append(s.SystemUsers, org.SystemUser{ID: user, Alias: userName(worker)})
	s.Roles = append(s.Roles, org.RoleAssignment{User: user, Role: "RETAILCOMMUNICATIONS", Name: c.rules().CommunicationsRole, Status: "Enabled"})
}

func (c syntheticChain) addWorker(s *org.Snapshot, store, w int, place string) {
	worker, user := c.worker(store, w)
	text, title := string(worker), "Clerk"
	if w == 0 {
		title = "Store manager"
	}
	s.Workers = append(s.Workers, org.Worker{Number: worker, Party: "W-" + text})
	s.Staff = append(s.Staff, org.Staff{Worker: worker, ObjectID: user.String(), Alias: userName(worker)})
	s.ChannelWorkers = append(s.ChannelWorkers, org.ChannelWorker{Channel: "C" + place, Worker: worker, Active: org.Yes})
	s.Employments = append(s.Employments, org.Employment{Worker: worker})
	s.Positions = append(s.Positions, org.Position{ID: "POS" + text, Department: "U" + place, Title: title})
	s.Assignments = append(s.Assignments, org.Assignment{Position: "POS" + text, Worker: worker})
	if w%10 == 5 {
		s.PersonUsers = append(s.PersonUsers, org.PersonUser{Party: "W-" + text, User: "u" + text})
		s.SystemUsers = append(s.SystemUsers, org.SystemUser{ID: "u" + text, Alias: userName(worker)})
	}
}

func userName(worker org.PersonnelNumber) string { return "w" + string(worker) + "@contoso.example" }

// makeLedger makes the ledger of a chain: all that was read and, if it is
// settled, all that was done.
func (c syntheticChain) makeLedger(ctx context.Context, file string, settled bool) error {
	store, err := boltledger.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	return c.fill(ctx, store, settled)
}

func (c syntheticChain) fill(ctx context.Context, store ledger.Store, settled bool) error {
	book := ledger.NewBook(store, syntheticInstance)
	users, err := book.Users(ctx)
	if err != nil {
		return err
	}
	users.Put(head)
	for s := range c.stores {
		for w := range c.workers {
			worker, id := c.worker(s, w)
			users.Put(org.User{ID: id, UPN: userName(worker), Enabled: org.Yes, Licensed: true})
		}
	}
	snapshot := c.snapshot()
	if err := errors.Join(book.SaveUsers(ctx, users), book.SaveSnapshot(ctx, snapshot, "")); err != nil || !settled {
		return err
	}
	roster := org.BuildRoster(snapshot, users.Org(), c.rules(), time.Now())
	for i, team := range roster.Teams {
		if err := settle(ctx, book, team, i); err != nil {
			return err
		}
	}
	return nil
}

// settle keeps a team as it is once everybody is in it.
func settle(ctx context.Context, book *ledger.Book, team org.Team, number int) error {
	before := time.Now().UTC().Add(-24 * time.Hour)
	g := &ledger.Group{
		ID: org.TeamID(syntheticUser(-2 - number).String()), Marker: org.Marker(syntheticInstance, team.Key), Name: team.Name,
		Unified: true, HasTeam: true, Verified: time.Now().UTC(), Written: before,
	}
	link := &ledger.Link{Team: team.Key, Group: g.ID, Attempted: before}
	for _, e := range team.Entries {
		g.People.Set(e.User, e.Role)
	}
	link.Manage(team, g, before)
	return errors.Join(book.SaveGroup(ctx, g), book.SaveLink(ctx, link))
}

func nothingPlanned(w io.Writer) error {
	_, err := io.WriteString(w, "0 changes\n")
	return err
}
