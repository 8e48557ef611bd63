package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
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

	t.Run("Graph", func(t *testing.T) { checkGraph(t, toGraph.requests()) })
	t.Run("Commerce", func(t *testing.T) { checkCommerce(t, handlerAsked) })
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
		{method: http.MethodGet, url: "/data/Workers?cross-company=true&$select=Name", body: []byte("{}")},
	} {
		if _, err := commerce.check(e); err == nil {
			t.Errorf("Commerce: %s %s %s passes", e.method, e.url, e.body)
		}
	}
}
