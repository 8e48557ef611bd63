package simgraph_test

import (
	"fmt"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

type part map[string]any

func get(id, url string) part { return part{"id": id, "method": "GET", "url": url} }

// batch sends parts and returns the answers by id.
func (r *rig) batch(parts ...part) (byID map[string]map[string]any, order []string) {
	r.t.Helper()
	got := r.want(200, "POST", "/$batch", map[string]any{"requests": parts})
	byID = map[string]map[string]any{}
	list, _ := got.body["responses"].([]any)
	for _, each := range list {
		answer, _ := each.(map[string]any)
		id := fmt.Sprint(answer["id"])
		byID[id] = answer
		order = append(order, id)
	}
	return byID, order
}

func TestBatch(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.tenant.Inject(simgraph.Fault{Route: "GET /groups/{group}/owners", Times: 1, Do: simgraph.Refuse(429, "TooManyRequests", 9)})
	got, _ := r.batch(
		get("a", "/users/"+anna+"?$select=id"),
		get("b", "groups/"+ghost),
		get("c", "/groups/"+store+"/owners"),
		part{"id": "d", "method": "PATCH", "url": "/groups/" + store, "body": map[string]any{"displayName": "Batched"},
			"headers": map[string]any{"content-TYPE": "application/json"}},
		part{"id": "e", "method": "PATCH", "url": "/groups/" + store, "body": map[string]any{"displayName": "Untyped"}},
		part{"id": "f", "method": "GET", "url": "/users/" + anna, "dependsOn": []string{"B"}},
		part{"id": "g", "method": "GET", "url": "/users/" + anna, "dependsOn": []string{"d"}},
		get("h", "https://graph.microsoft.com/v1.0/users"),
		part{"id": "i", "method": "POST", "url": "/$batch", "body": map[string]any{}},
		part{"id": "j", "method": "PATCH", "url": "/groups(uniqueName='b-1')", "body": newGroup("b-1", nil),
			"headers": map[string]any{"content-type": "application/json", "PREFER": "create-if-missing"}},
	)
	statuses := map[string]any{}
	for id, answer := range got {
		statuses[id] = answer["status"]
	}
	equal(t, "statuses", statuses, map[string]int{
		"a": 200, "b": 404, "c": 429, "d": 204, "e": 415, "f": 424, "g": 200, "h": 400, "i": 400, "j": 201,
	})
	body, _ := got["a"]["body"].(map[string]any)
	equal(t, "body", body["id"], anna)
	headers, _ := got["c"]["headers"].(map[string]any)
	equal(t, "Retry-After", headers["Retry-After"], "9")
	if _, there := got["d"]["body"]; there {
		t.Error("a 204 has a body")
	}
	equal(t, "name", r.state(store).Name, "Batched")
	equal(t, "writes", r.tenant.Writes(), 3)
}

func TestBatchAnswersInAnyOrder(t *testing.T) {
	r := newRig(t, simgraph.Options{Seed: 2})
	var parts []part
	for i := range 20 {
		parts = append(parts, get(fmt.Sprintf("%02d", i), "/users/"+anna))
	}
	_, order := r.batch(parts...)
	equal(t, "answers", len(order), 20)
	inOrder := true
	for i, id := range order {
		inOrder = inOrder && id == fmt.Sprintf("%02d", i)
	}
	equal(t, "in the order sent", inOrder, false)
	r.want(400, "POST", "/$batch", map[string]any{"requests": append(parts, get("20", "/users"))})
}

func TestBatchRefuses(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	for name, body := range map[string]any{
		"same id in other case": map[string]any{"requests": []part{get("a", "/users"), get("A", "/users")}},
		"no requests":           map[string]any{"requests": []part{}},
		"no list":               map[string]any{},
		"no id":                 map[string]any{"requests": []part{{"method": "GET", "url": "/users"}}},
		"no method":             map[string]any{"requests": []part{{"id": "1", "url": "/users"}}},
		"no url":                map[string]any{"requests": []part{{"id": "1", "method": "GET"}}},
		"depends on nothing":    map[string]any{"requests": []part{{"id": "1", "method": "GET", "url": "/users", "dependsOn": []string{"2"}}}},
		"unknown property":      map[string]any{"request": []part{get("1", "/users")}},
		"no JSON":               "{",
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{t: t, tenant: r.tenant, clock: r.clock}).want(400, "POST", "/$batch", body)
		})
	}
	equal(t, "parts run", r.tenant.Requests()["GET /users"], 0)
}
