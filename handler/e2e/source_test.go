package e2e

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// The tests of this file feed the handler bad answers.

// fails runs OrgSync, which has to fail and to say why in its record, and
// checks that the tenant stays as it is.
func (s *site) fails(t *testing.T, why string) {
	t.Helper()
	before, writes := s.tenant(t), s.Tenant.Writes()
	if run, err := s.Sync(t.Context()); err == nil {
		t.Errorf("the run ended well: %+v", run)
	}
	run, err := s.LastRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if run.Outcome != "failed" || !strings.Contains(run.Error, why) {
		t.Errorf("outcome %q, %q; want failed, and %q", run.Outcome, run.Error, why)
	}
	if diff := difference(before, s.tenant(t)); diff != "" || s.Tenant.Writes() != writes {
		t.Errorf("a failed run changed the tenant:\n%s", diff)
	}
}

// of makes a fault happen to requests for one collection.
func of(collection string, fault simcommerce.Fault) func(*http.Request) simcommerce.Fault {
	return func(r *http.Request) simcommerce.Fault {
		if r.URL.Path != "/data/"+collection {
			return simcommerce.Fault{}
		}
		return fault
	}
}

// A page that always breaks in the middle is no reading at all: not the rows
// that came through, not the other collections. The handler asks again and
// again before it gives up, which takes a minute.
func TestBrokenPage(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(3, 3)))
	s.Commerce.Intercept(of("RetailChannelWorkers", simcommerce.Fault{Truncate: true}))
	s.fails(t, "read Commerce")
	s.Commerce.Intercept(nil)
	s.check(t, s.settle(t))
}

// A refused collection, unlike a broken page, is not worth another try.
func TestRefusedCollection(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(3, 3)))
	s.Commerce.Intercept(of("Workers", simcommerce.Fault{Status: http.StatusForbidden}))
	s.fails(t, "Workers")
	s.Commerce.Intercept(nil)
	s.Commerce.Publish("Workers", false)
	s.fails(t, "Workers")

	// What an environment may lack is done without.
	s.Commerce.Publish("Workers", true)
	s.Commerce.Publish("Employees", false)
	s.Commerce.Publish("SecurityUserRoleOrganizations", false)
	s.check(t, s.settle(t))
}

// elsewhere is a server that nobody has a reason to talk to.
func elsewhere(t *testing.T) (url string, connections *atomic.Int64) {
	t.Helper()
	connections = new(atomic.Int64)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, connections
}

// A link to another host is followed by nobody, since the token would go with
// the request.
func TestLinksToElsewhere(t *testing.T) {
	t.Parallel()
	const why = "only http://127.0.0.1:"
	url, connections := elsewhere(t)

	t.Run("Commerce", func(t *testing.T) {
		s := start(t, chainSetup(t, chain(3, 3)))
		s.Commerce.Intercept(of("Workers", simcommerce.Fault{NextLink: url + "/data/Workers?$skiptoken=2"}))
		s.fails(t, why)
		s.Commerce.Intercept(nil)
		s.check(t, s.settle(t))
	})
	t.Run("Graph", func(t *testing.T) {
		s := start(t, chainSetup(t, chain(3, 3)))
		s.Tenant.Inject(simgraph.Fault{Route: "GET /users/delta", Times: 1, Do: page(`{"value":[],"@odata.nextLink":"` + url + `/v1.0/users/delta?$skiptoken=2"}`)})
		s.fails(t, why)
		s.Tenant.Inject(simgraph.Fault{Route: "POST /teams", Times: 1, Do: located(url + "/v1.0/teams('1')/operations('1')")})
		s.check(t, s.settle(t))
	})
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections elsewhere", n)
	}
}

// page answers with a body in place of the tenant.
func page(body string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body)) // a client that left misses nothing
	}
}

// located lets the tenant do its work and names another place for what came of it.
func located(url string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		w.Header().Set("Location", url)
		w.WriteHeader(http.StatusAccepted)
	}
}

// Collections that come back empty once everything is in step, as a broken
// export leaves them, make nobody's team worse.
func TestEmptyCollections(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(5, 3)))
	s.settle(t)
	before, writes := s.tenant(t), s.Tenant.Writes()

	all := collections(s.world)
	held := []string{"everything", "RetailStores", "RetailStaff"}
	for _, name := range append([]string{"everything"}, all...) {
		emptied := []string{name}
		if name == "everything" {
			emptied = all
		}
		t.Run(name, func(t *testing.T) {
			s.empty(t, emptied)
			run := s.sync(t)
			if isHeld := run.Outcome == "held"; isHeld != slices.Contains(held, name) || isHeld == (run.Error == "") {
				t.Errorf("outcome %s, %q", run.Outcome, run.Error)
			}
			if diff := difference(before, s.tenant(t)); diff != "" || s.Tenant.Writes() != writes {
				t.Errorf("the tenant changed:\n%s", diff)
			}
			s.refill(t, emptied)
			s.calm(t)
		})
	}
	s.check(t, s.settle(t))
}

// empty takes every row out of collections.
func (s *site) empty(t *testing.T, names []string) {
	t.Helper()
	for _, name := range names {
		if err := s.Commerce.SetRows(name, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// refill puts back what a collection had at the beginning.
func (s *site) refill(t *testing.T, names []string) {
	t.Helper()
	for _, name := range names {
		if err := s.Commerce.SetRows(name, s.world.Commerce[name]); err != nil {
			t.Fatal(err)
		}
	}
}

// The same before anything was made: without stores nothing is made, not even
// the communications team; without channel workers, managers get their teams
// and the others come when Commerce names them again.
func TestEmptyFromTheStart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		emptied []string // nil: all
		held    bool
	}{
		{"everything", nil, true},
		{"RetailStores", []string{"RetailStores"}, true},
		{"RetailChannelWorkers", []string{"RetailChannelWorkers"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, chainSetup(t, chain(3, 3)))
			emptied := test.emptied
			if emptied == nil {
				emptied = collections(s.world)
			}
			s.empty(t, emptied)
			run := s.settle(t)
			if (run.Outcome == "held") != test.held {
				t.Errorf("outcome %s, %q", run.Outcome, run.Error)
			}
			if test.held && s.Tenant.Writes() > 0 {
				t.Errorf("%d writes", s.Tenant.Writes())
			}
			s.check(t, run)

			s.refill(t, emptied)
			s.check(t, s.settle(t))
		})
	}
}

// Rows with nulls, values of the wrong kind and enum members that nobody knows
// are reported; the rows beside them count.
func TestOddRows(t *testing.T) {
	t.Parallel()
	w := chain(5, 3)
	add := func(collection string, r row) { w.Commerce[collection] = append(w.Commerce[collection], r) }
	bad := 0
	addBad := func(collection string, r row) { add(collection, r); bad++ }

	addBad("RetailStores", row{"StoreNumber": nil, "RetailChannelId": "C000001"})
	addBad("RetailStores", row{"StoreNumber": []any{"000007"}, "RetailChannelId": "C000001"})
	addBad("Workers", row{"PersonnelNumber": "   "})
	addBad("RetailChannelWorkers", row{"RetailChannelId": nil, "PersonnelNumber": "000001001", "IsActive": "Yes"})
	addBad("PositionWorkerAssignmentsV2", row{"PositionId": "POS000002000", "PersonnelNumber": "000002001", "ValidFrom": "soon", "ValidTo": nil})
	add("OperatingUnits", row{"OperatingUnitNumber": "U-NULL", "PartyNumber": nil, "Name": nil, "ManagerPersonnelNumber": nil})
	add("RetailChannelWorkers", row{"RetailChannelId": "C000002", "PersonnelNumber": "000001001", "IsActive": "Perhaps"})
	add("RetailChannelWorkers", row{"RetailChannelId": "C000002", "PersonnelNumber": "000001002", "IsActive": nil})
	add("RetailPositionPosPermissions", row{"PositionId": "POS000003001", "ManagerPrivileges": "Sometimes", "PosPermissionGroupId": nil})
	add("SecurityUserRoleAssociations", row{"UserId": "nobody", "SecurityRoleName": nil, "SecurityRoleIdentifier": nil, "AssignmentStatus": "Someday"})
	add("IntegrationSourceMappings", row{"SourceType": "Warehouse", "SourceId": "000001", "TeamId": "11111111-2222-4333-8444-555555555555"})

	s := start(t, chainSetup(t, w))
	run := s.settle(t)
	s.check(t, run)
	if run.BadRows != bad {
		t.Errorf("%d bad rows, want %d: %+v", run.BadRows, bad, run.Notes)
	}
	if team := s.store(t, "000002"); len(team.Owners)+len(team.Members) != 3 {
		t.Errorf("store 000002 has %v and %v", team.Owners, team.Members)
	}
	if team := s.store(t, "000003"); len(team.Owners) != 1 {
		t.Errorf("store 000003 is owned by %v", team.Owners)
	}
	s.calm(t)
}

// Commerce that asks for patience gets it.
func TestCommerceThrottles(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(2, 2)))
	var asked atomic.Int64
	s.Commerce.Intercept(func(*http.Request) simcommerce.Fault {
		if n := asked.Add(1); n == 3 || n == 9 {
			return simcommerce.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second}
		}
		return simcommerce.Fault{}
	})
	s.check(t, s.settle(t))
	if asked.Load() < 9 {
		t.Error("nothing was throttled")
	}
}
