package graph_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// registry is a directory of one marker. Upserts go to the hook first, if there
// is one: it answers them, or says that they are to be served.
type registry struct {
	t     *testing.T
	id    string // of the group, once there is one
	body  string // it was created with
	hook  func(*registry) (resp *http.Response, serve bool)
	tries int
}

func (g *registry) serve(r *http.Request, body string) *http.Response {
	if !strings.HasSuffix(ask(r), " /groups(uniqueName='storeteams-p-s-1')") {
		return refusal(404, "Request_ResourceNotFound")
	}
	if r.Method == http.MethodGet {
		if g.id == "" {
			return refusal(404, "Request_ResourceNotFound")
		}
		return answer(200, `{"id":"`+g.id+`"}`)
	}
	if r.Header.Get("Prefer") != "create-if-missing" {
		g.t.Errorf("Prefer %q", r.Header.Get("Prefer"))
	}
	g.tries++
	if g.hook != nil {
		if resp, serve := g.hook(g); !serve {
			return resp
		}
	}
	g.id, g.body = "ABC-1", body
	return answer(201, `{"@odata.context":"x","id":"ABC-1","displayName":"Berlin"}`)
}

func berlin() orgsync.NewGroup {
	return orgsync.NewGroup{Marker: "storeteams-p-s-1", Name: "Berlin", Owner: user(7)}
}

func TestEnsureGroupCreatesIt(t *testing.T) {
	g := &registry{t: t}
	c := newClient(t, g.serve)
	for range 2 {
		id, _, err := c.EnsureGroup(t.Context(), berlin())
		if err != nil || id != "abc-1" {
			t.Errorf("id %q, %v", id, err)
		}
	}
	if g.tries != 1 {
		t.Errorf("%d upserts, want one: an existing group is not changed", g.tries)
	}
	var got, want any
	if err := json.Unmarshal([]byte(g.body), &got); err != nil {
		t.Fatal(err)
	}
	err := json.Unmarshal([]byte(`{
		"@odata.type": "#microsoft.graph.group",
		"displayName": "Berlin", "mailNickname": "storeteams-p-s-1", "mailEnabled": true, "securityEnabled": false,
		"groupTypes": ["Unified"], "visibility": "Private", "resourceBehaviorOptions": ["WelcomeEmailDisabled"],
		"owners@odata.bind": ["`+root+`/users/`+guid(7)+`"]}`), &want)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("created with %v, want %v", got, want)
	}
}

func TestEnsureGroupWhenTheUpsertGoesWrong(t *testing.T) {
	type hook = func(*registry) (*http.Response, bool)
	appear := func(resp *http.Response) hook {
		return func(g *registry) (*http.Response, bool) {
			g.id = "abc-2"
			return resp, false
		}
	}
	fail := func(resp *http.Response) hook {
		return func(*registry) (*http.Response, bool) { return resp, false }
	}
	tests := map[string]struct {
		hook hook
		id   string
		want fault.Kind
	}{
		"somebody else made it":            {appear(answer(204, "")), "abc-2", 0},
		"somebody else, told by 400":       {appear(refusal(400, "Request_BadRequest")), "abc-2", 0},
		"somebody else, told by 409":       {appear(refusal(409, "Request_MultipleObjectsWithSameKeyValue")), "abc-2", 0},
		"made, and the answer lost":        {appear(nil), "abc-2", 0},
		"made, and a gateway gave up":      {appear(answer(504, "<html>", "Content-Type", "text/html")), "abc-2", 0},
		"made, and the answer is a riddle": {appear(answer(201, `{"id":`)), "abc-2", 0},
		"made, not to be read yet":         {fail(answer(204, "")), "", fault.Unavailable},
		"the nickname is taken":            {fail(refusal(400, "Request_BadRequest")), "", fault.Invalid},
		"a conflict with something else":   {fail(refusal(409, "Conflict")), "", fault.Conflict},
		"denied":                           {fail(refusal(403, "Authorization_RequestDenied")), "", fault.Denied},
		"down":                             {fail(refusal(503, "serviceNotAvailable")), "", fault.Unavailable},
		"lost before it arrived":           {fail(nil), "", fault.Unavailable},
		"no id":                            {fail(answer(201, `{}`)), "", fault.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &registry{t: t, hook: test.hook}
				id, _, err := newClient(t, g.serve).EnsureGroup(t.Context(), berlin())
				switch {
				case string(id) != test.id:
					t.Errorf("id %q, %v, want %q", id, err, test.id)
				case test.id != "" && err != nil, test.id == "" && !fault.Is(err, test.want):
					t.Errorf("error %v of kind %v, want %v", err, fault.KindOf(err), test.want)
				}
				if g.tries != 1 {
					t.Errorf("%d upserts, want one: the second could meet the first one's group", g.tries)
				}
			})
		})
	}
}

func TestEnsureGroupWaitsWhenThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &registry{t: t, hook: func(g *registry) (*http.Response, bool) {
			return refusal(429, "TooManyRequests", "Retry-After", "5"), g.tries == 3
		}}
		id, _, err := newClient(t, g.serve).EnsureGroup(t.Context(), berlin())
		if err != nil || id != "abc-1" {
			t.Errorf("id %q, %v", id, err)
		}
	})
}

func TestEnsureGroupWhenTheLookFails(t *testing.T) {
	c := newClient(t, one(403, refusalBody("Authorization_RequestDenied")))
	if id, _, err := c.EnsureGroup(t.Context(), berlin()); id != "" || !fault.Is(err, fault.Denied) {
		t.Errorf("id %q, error %v, want denied", id, err)
	}
}

func TestCreateTeam(t *testing.T) {
	const relative = "/teams('g1')/operations('00000000-0000-0000-0000-000000000000')"
	tests := map[string]struct {
		resp *http.Response
		op   orgsync.Operation
		want fault.Kind
	}{
		"relative":         {answer(202, "", "Location", relative), relative, 0},
		"without slash":    {answer(202, "", "Location", relative[1:]), relative, 0},
		"absolute":         {answer(202, "", "Location", root+relative), relative, 0},
		"elsewhere":        {answer(202, "", "Location", "https://evil.example/v1.0"+relative), "", fault.Denied},
		"another version":  {answer(202, "", "Location", "http://127.0.0.1:8080/beta"+relative), "", fault.Unavailable},
		"without Location": {answer(202, ""), "", fault.Unavailable},
		"young group":      {refusal(404, "NotFound"), "", fault.NotFound},
		"a team already":   {refusal(409, "Conflict"), "", fault.Conflict},
		"no owner":         {refusal(400, "BadRequest"), "", fault.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, func(r *http.Request, body string) *http.Response {
				want := `{"template@odata.bind":"` + root + `/teamsTemplates('standard')","group@odata.bind":"` + root + `/groups('g1')"}`
				var got, wanted map[string]any
				if json.Unmarshal([]byte(body), &got) != nil || json.Unmarshal([]byte(want), &wanted) != nil {
					t.Errorf("body %s", body)
				}
				delete(got, "@odata.type")
				if ask(r) != "POST /teams" || !reflect.DeepEqual(got, wanted) {
					t.Errorf("%s %s, want %s", ask(r), body, want)
				}
				return test.resp
			})
			op, err := c.CreateTeam(t.Context(), "g1")
			if op != test.op || test.op == "" && !fault.Is(err, test.want) || test.op != "" && err != nil {
				t.Errorf("operation %q, error %v, want %q, %v", op, err, test.op, test.want)
			}
		})
	}
}

func TestOperationState(t *testing.T) {
	const op = orgsync.Operation("/teams('g1')/operations('o1')")
	operation := func(status string) server {
		return func(r *http.Request, _ string) *http.Response {
			if ask(r) != "GET "+string(op) {
				t.Errorf("asked for %s", ask(r))
			}
			return answer(200, `{"@odata.type":"#microsoft.graph.teamsAsyncOperation","id":"o1","operationType":"teamifyGroup",
				"createdDateTime":"2026-01-02T03:04:05.678Z","status":`+status+`,"attemptsCount":1,"error":null}`)
		}
	}
	tests := map[string]orgsync.OperationState{
		`"notStarted"`: orgsync.OperationRunning, `"inProgress"`: orgsync.OperationRunning,
		`"succeeded"`: orgsync.OperationSucceeded, `"failed"`: orgsync.OperationFailed,
		`"invalid"`: orgsync.OperationRunning, `"unknownFutureValue"`: orgsync.OperationRunning,
		`"paused"`: orgsync.OperationRunning, `null`: orgsync.OperationRunning,
	}
	for status, want := range tests {
		t.Run(status, func(t *testing.T) {
			got, err := newClient(t, operation(status)).OperationState(t.Context(), op)
			if err != nil || got != want {
				t.Errorf("%v, %v, want %v", got, err, want)
			}
		})
	}
	c := newClient(t, one(404, refusalBody("NotFound")))
	if _, err := c.OperationState(t.Context(), op); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown operation: %v, want not found", err)
	}
}

func TestTeamExists(t *testing.T) {
	c := newClient(t, func(r *http.Request, _ string) *http.Response {
		switch ask(r) {
		case "GET /teams/g1":
			return answer(200, `{"id":"g1"}`)
		case "GET /teams/g3":
			return refusal(403, "Forbidden")
		}
		return refusal(404, "NotFound")
	})
	if there, err := c.TeamExists(t.Context(), "g1"); err != nil || !there {
		t.Errorf("g1: %v, %v", there, err)
	}
	if there, err := c.TeamExists(t.Context(), "g2"); err != nil || there {
		t.Errorf("g2: %v, %v", there, err)
	}
	if there, err := c.TeamExists(t.Context(), "g3"); !fault.Is(err, fault.Denied) || there {
		t.Errorf("g3: %v, %v, want denied", there, err)
	}
}

func TestAddOwnerToGroup(t *testing.T) {
	owners := map[string]bool{root + "/users/" + guid(1): true}
	c := newClient(t, func(r *http.Request, body string) *http.Response {
		switch ask(r) {
		case "POST /groups/g1/owners/$ref":
			var in map[string]string
			if err := json.Unmarshal([]byte(body), &in); err != nil {
				t.Error(err)
			}
			if link := in["@odata.id"]; owners[link] || strings.HasSuffix(link, guid(3)) {
				return refusal(400, "Request_BadRequest")
			}
			owners[in["@odata.id"]] = true
			return answer(204, "")
		case "GET /groups/g1/owners":
			var all []string
			for link := range owners {
				all = append(all, `{"@odata.type":"#microsoft.graph.user","id":"`+link[len(link)-36:]+`"}`)
			}
			return answer(200, links(all...))
		}
		return refusal(404, "Request_ResourceNotFound")
	})
	for _, n := range []int{1, 2} {
		if err := c.AddOwnerToGroup(t.Context(), "g1", user(n)); err != nil || !owners[root+"/users/"+guid(n)] {
			t.Errorf("user %d: %v", n, err)
		}
	}
	if err := c.AddOwnerToGroup(t.Context(), "g1", user(3)); !fault.Is(err, fault.Invalid) {
		t.Errorf("refused and not there: %v, want invalid", err)
	}
	if err := c.AddOwnerToGroup(t.Context(), "g2", user(1)); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such group: %v, want not found", err)
	}
}
