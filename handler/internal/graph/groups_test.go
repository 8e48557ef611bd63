package graph_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// inBatches serves $batch from one function of the address below the root; any
// other request too.
func inBatches(t *testing.T, serve func(url string) (status int, body, headers string)) server {
	t.Helper()
	return func(r *http.Request, body string) *http.Response {
		if ask(r) == "POST /$batch" {
			return batched(t, body, serve)
		}
		status, text, _ := serve(strings.TrimPrefix(r.URL.String(), root))
		return answer(status, text)
	}
}

func links(people ...string) string { return `{"value":[` + strings.Join(people, ",") + `]}` }

func linkTo(n int) string {
	return fmt.Sprintf(`{"@odata.type":"#microsoft.graph.user","id":%q}`, guid(n))
}

func TestGroupsReadsThemWhole(t *testing.T) {
	serve := func(url string) (int, string, string) {
		path, _, _ := strings.Cut(url, "?")
		switch {
		case path == "/groups/g1":
			return 200, `{"id":"G1","uniqueName":"m1","mailNickname":"n1","displayName":"Berlin","groupTypes":["Unified"],
				"resourceProvisioningOptions":["Team"],"onPremisesSyncEnabled":null}`, ""
		case path == "/groups/g1/members" && strings.Contains(url, "$skiptoken=2"):
			return 200, links(linkTo(4)), ""
		case path == "/groups/g1/members":
			return 200, `{"value":[` + linkTo(2) + `,` + linkTo(1) + `,{"@odata.type":"#microsoft.graph.device","id":"` + guid(9) +
				`"}],"@odata.nextLink":"` + root + `/groups/g1/members?$skiptoken=2"}`, ""
		case path == "/groups/g1/owners":
			return 200, links(linkTo(1), linkTo(3)), ""
		case path == "/groups/dyn":
			return 200, `{"id":"dyn","groupTypes":["Unified","DynamicMembership"],"onPremisesSyncEnabled":true}`, ""
		case strings.HasPrefix(path, "/groups/dyn/"):
			return 200, links(), ""
		case path == "/groups/fading":
			return 200, `{"id":"fading"}`, ""
		}
		return 404, refusalBody("Request_ResourceNotFound"), ""
	}
	got, failed, err := newClient(t, inBatches(t, serve)).Groups(t.Context(), []org.TeamID{"dyn", "gone", "g1", "fading", "g1"})
	if err != nil {
		t.Fatal(err)
	}
	// "gone" is in neither; "fading" is there, but its people are not to be had.
	if len(failed) != 1 || !fault.Is(failed["fading"], fault.Incomplete) {
		t.Errorf("failed: %v, want fading as incomplete", failed)
	}
	want := map[org.TeamID]orgsync.Group{
		"g1": {
			ID: "g1", Marker: "m1", Name: "Berlin", Unified: true, HasTeam: true,
			People: []orgsync.Person{owner(1), member(2), owner(3), member(4)},
		},
		"dyn": {ID: "dyn", Unified: true, Dynamic: true, OnPremises: true, People: []orgsync.Person{}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// plain serves any group, without people.
func plain200(url string) (int, string, string) {
	path, _, _ := strings.Cut(url, "?")
	if parts := strings.Split(path, "/"); len(parts) == 3 {
		return 200, fmt.Sprintf(`{"id":%q}`, parts[2]), ""
	}
	return 200, links(), ""
}

func TestGroupsOfManyBatches(t *testing.T) {
	var ids []org.TeamID
	for i := range 50 {
		ids = append(ids, org.TeamID(fmt.Sprintf("g-%d", i)))
	}
	got, _, err := newClient(t, inBatches(t, plain200)).Groups(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got[id].ID != id {
			t.Errorf("%s is missing", id)
		}
	}
	none, _, err := newClient(t, inBatches(t, plain200)).Groups(t.Context(), nil)
	if err != nil || len(none) != 0 {
		t.Errorf("no ids: %v, %v", none, err)
	}
}

func TestGroupsErrors(t *testing.T) {
	tests := map[string]struct {
		serve server
		want  fault.Kind
	}{
		"an item denied": {inBatches(t, func(string) (int, string, string) {
			return 403, refusalBody("Authorization_RequestDenied"), ""
		}), fault.Denied},
		"an item without content": {inBatches(t, func(string) (int, string, string) { return 204, "null", "" }), fault.Incomplete},
		"people without content": {inBatches(t, func(url string) (int, string, string) {
			if strings.Contains(url, "/members") {
				return 204, "null", ""
			}
			return plain200(url)
		}), fault.Incomplete},
		"a group of another shape":  {inBatches(t, func(string) (int, string, string) { return 200, `"x"`, "" }), fault.Incomplete},
		"a group without id":        {inBatches(t, func(string) (int, string, string) { return 200, `{}`, "" }), fault.Incomplete},
		"an item unanswered":        {one(200, `{"responses":[{"id":"0","status":200,"body":{"id":"a"}}]}`), fault.Incomplete},
		"no JSON":                   {one(200, `<html>`), fault.Incomplete},
		"the whole batch malformed": {one(400, refusalBody("BadRequest")), fault.Invalid},
		"people's pages elsewhere": {inBatches(t, func(url string) (int, string, string) {
			if strings.Contains(url, "/members") {
				return 200, `{"value":[],"@odata.nextLink":"http://evil.example/v1.0/groups"}`, ""
			}
			return plain200(url)
		}), fault.Denied},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, failed, err := newClient(t, test.serve).Groups(t.Context(), []org.TeamID{"a"})
			if err == nil { // what is wrong with one group is told of that group
				err = failed["a"]
			}
			if !fault.Is(err, test.want) || len(got) != 0 {
				t.Errorf("got %v, error %v, want %v", got, err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "Secret") {
				t.Errorf("the error quotes the server: %v", err)
			}
		})
	}
}

func TestGroupByMarker(t *testing.T) {
	var mu sync.Mutex
	exists := true
	batch := inBatches(t, func(url string) (int, string, string) {
		mu.Lock()
		defer mu.Unlock()
		if !exists {
			return 404, refusalBody("Request_ResourceNotFound"), ""
		}
		return plain200(url)
	})
	c := newClient(t, func(r *http.Request, body string) *http.Response {
		switch ask(r) {
		case "GET /groups(uniqueName='storeteams-p-s-1')":
			return answer(200, `{"id":"G-1"}`)
		case "GET /groups(uniqueName='odd')":
			return answer(200, `{}`)
		case "POST /$batch":
			return batch(r, body)
		}
		return refusal(404, "Request_ResourceNotFound")
	})
	got, err := c.GroupByMarker(t.Context(), "storeteams-p-s-1")
	if err != nil || got.ID != "g-1" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.GroupByMarker(t.Context(), "storeteams-p-s-2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown marker: %v, want not found", err)
	}
	if _, err := c.GroupByMarker(t.Context(), "odd"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("an answer without id: %v, want unavailable", err)
	}
	mu.Lock()
	exists = false
	mu.Unlock()
	if _, err := c.GroupByMarker(t.Context(), "storeteams-p-s-1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("gone in between: %v, want not found", err)
	}
}
