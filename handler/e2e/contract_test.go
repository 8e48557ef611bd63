package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/world"
)

// exchange is one request as it came.
type exchange struct {
	method, url string
	body        []byte
}

// recorder keeps every request. It is safe for concurrent use.
type recorder struct {
	mu  sync.Mutex
	all []exchange
}

func (r *recorder) add(method, url string, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, exchange{method, url, slices.Clone(body)})
}

func (r *recorder) requests() []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// TestContract holds every request that the sample world and a few changes of
// it cause against what Microsoft publishes: paths, query options, selected
// names and the names in bodies. A simulator is written by who wrote the client;
// the published names are not.
func TestContract(t *testing.T) {
	t.Parallel()
	toGraph, toCommerce := new(recorder), new(recorder)
	given := sampleSetup(t)
	given.world.Graph.Groups = append(given.world.Graph.Groups, ownerless(t, given.settings.Instance, "000102"))
	given.graph.PageSize = 50
	given.graph.Record = func(e simgraph.Exchange) { toGraph.add(e.Method, e.URL, e.Body) }
	given.commerce.Record = toCommerce.add
	given.commerce.PageSize = 50
	given.handler = map[string]string{"MODE": "full", "ARCHIVE_AFTER": "1ms"}
	s := start(t, given)
	// A lost answer makes the handler look for the team instead of asking about
	// the operation.
	s.Tenant.Inject(simgraph.Fault{Route: "POST /teams", Times: 1, Do: simgraph.Lose})
	s.settle(t)
	handlerAsked := toCommerce.requests()

	hq := world.Headquarters{URL: s.CommerceURL}
	hired, err := hq.Hire(t.Context(), "000101", world.Recruit{})
	if err != nil {
		t.Fatal(err)
	}
	s.settle(t)
	if err := hq.Promote(t.Context(), hired.PersonnelNumber, "000101"); err != nil {
		t.Fatal(err)
	}
	if err := hq.Rename(t.Context(), "000101", "Harbour Square"); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
	s.takesOut(t, hired.PersonnelNumber)
	s.deletesAndCloses(t)
	before := len(toCommerce.requests())
	s.restartWith(t, map[string]string{"SNAPSHOT_MAX_AGE": "1h"})
	s.sync(t)
	statements := toCommerce.requests()[before:]

	t.Run("Graph", func(t *testing.T) { checkGraph(t, toGraph.requests()) })
	t.Run("Commerce", func(t *testing.T) { checkCommerce(t, handlerAsked) })
	t.Run("Commerce, who left", func(t *testing.T) { checkStatements(t, statements) })
}

// takesOut demotes and removes a manager, and removes somebody from a team whose
// members/remove is refused, as in clouds that lack it.
func (s *site) takesOut(t *testing.T, manager string) {
	t.Helper()
	do(t, s.hq().Demote(t.Context(), manager))
	s.settle(t)
	do(t, s.hq().Leave(t.Context(), manager))
	s.settle(t)
	another, err := s.hq().Hire(t.Context(), "000101", world.Recruit{})
	do(t, err)
	s.settle(t)
	s.Tenant.Inject(simgraph.Fault{
		Route: "POST /teams/{team}/members/remove", Times: 1, Do: simgraph.Refuse(http.StatusBadRequest, "BadRequest", 0),
	})
	do(t, s.hq().Leave(t.Context(), another.PersonnelNumber))
	s.settle(t)
}

// deletesAndCloses has a deleted team restored, a closed store's team archived
// and, once the store is open again, made active.
func (s *site) deletesAndCloses(t *testing.T) {
	t.Helper()
	team := s.store(t, "000101")
	do(t, s.Tenant.DeleteGroup(team.ID))
	s.settle(t)
	s.sameTeam(t, "000101", team, false)
	s.restartWith(t, map[string]string{"CLOSED_STORES": "000101"})
	s.end(t)
	s.sameTeam(t, "000101", team, true)
	s.restartWith(t, map[string]string{"CLOSED_STORES": ""})
	s.settle(t)
	s.sameTeam(t, "000101", team, false)
}

// ownerless is a store's group that an earlier run made and that lost its owner
// since: it has to get one before it can become a team.
func ownerless(t *testing.T, instance, store string) json.RawMessage {
	t.Helper()
	marker := naive.StoreMarker(instance, store)
	text, err := json.Marshal(row{
		"id": "0f0f0f0f-0000-4000-8000-000000000001", "displayName": "Left behind", "mailNickname": marker, "uniqueName": marker,
		"groupTypes": []string{"Unified"}, "mailEnabled": true, "securityEnabled": false, "visibility": "Private",
		"resourceProvisioningOptions": []string{}, "members": []row{}, "owners": []row{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// checkGraph checks requests, and that each kind that is allowed came up: an
// entry of the table that nothing uses checks nothing.
func checkGraph(t *testing.T, requests []exchange) {
	t.Helper()
	names := readGraphNames(t)
	used := map[string]bool{}
	for _, e := range requests {
		request, err := names.check(e)
		if err != nil {
			t.Errorf("%s %s %s: %v", e.method, e.url, e.body, err)
		}
		used[request] = true
	}
	for _, r := range graphRequests() {
		if !used[r.request] {
			t.Errorf("%s never came up", r.request)
		}
	}
}

func checkCommerce(t *testing.T, requests []exchange) {
	t.Helper()
	names := readCommerceNames(t)
	used := map[string]bool{}
	for _, e := range requests {
		collection, err := names.check(e)
		if err != nil {
			t.Errorf("%s %s: %v", e.method, e.url, err)
		}
		used[collection] = true
	}
	for collection := range names.Collections {
		if !used[collection] {
			t.Errorf("%s was never read", collection)
		}
	}
}

// checkStatements checks the requests of a run between two readings of Commerce:
// nothing but who left is asked for, by a filter.
func checkStatements(t *testing.T, requests []exchange) {
	t.Helper()
	names := readCommerceNames(t)
	asked := map[string]bool{}
	for _, e := range requests {
		collection, err := names.check(e)
		if err != nil || !strings.Contains(e.url, "$filter=") {
			t.Errorf("%s %s: %v", e.method, e.url, err)
		}
		asked[collection] = true
	}
	if len(asked) != 2 || !asked["RetailChannelWorkers"] || !asked["Employees"] {
		t.Errorf("asked for %v", asked)
	}
}

// TestContractRefuses makes sure that the checks above can fail.
func TestContractRefuses(t *testing.T) {
	t.Parallel()
	const id = "11111111-2222-4333-8444-555555555555"
	graph, commerce := readGraphNames(t), readCommerceNames(t)
	for _, e := range []struct{ method, url, body string }{
		{"GET", "/v1.0/groups", ""},
		{"GET", "/beta/groups/delta", ""},
		{"GET", "/v1.0/groups/" + id + "?$select=id,nickname", ""},
		{"GET", "/v1.0/groups/delta?$select=id&$top=5", ""},
		{"GET", "/v1.0/groups/delta?%24select=id", ""},
		{"GET", "/v1.0/users/delta?$select=id,licenses", ""},
		{"DELETE", "/v1.0/groups/" + id, ""},
		{"PATCH", "/v1.0/groups/" + id, `{"name":"x"}`},
		{"PATCH", "/v1.0/groups/" + id, `{"displayName":"x"`},
		{"POST", "/v1.0/groups/" + id + "/owners/$ref", `{"id":"x"}`},
		{"POST", "/v1.0/teams", `{"owner@odata.bind":"x"}`},
		{"POST", "/v1.0/teams/" + id + "/members/add", `{"members":[]}`},
		{"POST", "/v1.0/teams/" + id + "/members/add", `{"values":[{"@odata.type":"#microsoft.graph.aadUserConversationMember","role":"owner"}]}`},
		{"POST", "/v1.0/teams/" + id + "/members/add", `{"values":[{"@odata.type":"#microsoft.graph.user","displayName":"x"}]}`},
		{"POST", "/v1.0/teams/" + id + "/members/remove", `{"value":[]}`},
		{"POST", "/v1.0/teams/" + id + "/members/remove", `{"values":[{"id":"x","role":"member"}]}`},
		{"POST", "/v1.0/teams/" + id + "/close", ""},
		{"DELETE", "/v1.0/teams/" + id + "/members", ""},
		{"DELETE", "/v1.0/teams/" + id, ""},
		{"GET", "/v1.0/directory/deletedItems/" + id + "?$select=id&$expand=owners", ""},
		{"POST", "/v1.0/directory/deletedItems/" + id + "/restore", `{"all":true}`},
		{"POST", "/v1.0/$batch", `{"requests":[{"id":"1","method":"GET","path":"/users"}]}`},
	} {
		if _, err := graph.check(exchange{e.method, e.url, []byte(e.body)}); err == nil {
			t.Errorf("Graph: %s %s %s passes", e.method, e.url, e.body)
		}
	}
	for _, e := range []exchange{
		{method: http.MethodPost, url: "/data/Workers?cross-company=true&$select=Name"},
		{method: http.MethodGet, url: "/data/Shops?cross-company=true&$select=Name"},
		{method: http.MethodGet, url: "/odata/Workers?cross-company=true&$select=Name"},
		{method: http.MethodGet, url: "/data/Workers?cross-company=true&$select=Mail"},
		{method: http.MethodGet, url: "/data/Workers?cross-company=true"},
		{method: http.MethodGet, url: "/data/Workers?$select=Name"},
		{method: http.MethodGet, url: "/data/Workers?cross-company=true&$select=Name&$expand=Party"},
		{method: http.MethodGet, url: "/data/Workers?cross-company=true&$select=Name&$filter=Mail%20ge%202026-01-01T00:00:00Z"},
		{method: http.MethodGet, url: "/data/RetailChannelWorkers?cross-company=true&$select=IsActive&$filter=IsActive%20eq%20'No'"},
		{method: http.MethodGet, url: "/data/Workers?cross-company=true&$select=Name", body: []byte("{}")},
	} {
		if _, err := commerce.check(e); err == nil {
			t.Errorf("Commerce: %s %s %s passes", e.method, e.url, e.body)
		}
	}
}
