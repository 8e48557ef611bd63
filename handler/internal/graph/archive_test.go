package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

func TestTeamArchived(t *testing.T) {
	tests := map[string]struct {
		status   int
		body     string
		archived bool
		want     fault.Kind
	}{
		"archived":       {200, `{"id":"t1","isArchived":true}`, true, 0},
		"active":         {200, `{"id":"t1","isArchived":false}`, false, 0},
		"does not say":   {200, `{"id":"t1","isArchived":null}`, false, 0},
		"no such team":   {404, refusalBody("NotFound"), false, fault.NotFound},
		"not to be read": {403, refusalBody("Forbidden"), false, fault.Denied},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, func(r *http.Request, _ string) *http.Response {
				if ask(r) != "GET /teams/t1" || r.URL.Query().Get("$select") != "id,isArchived" {
					t.Errorf("asked for %s", r.URL)
				}
				return answer(test.status, test.body)
			})
			archived, err := c.TeamArchived(t.Context(), "t1")
			if archived != test.archived || test.status == 200 && err != nil || test.status != 200 && !fault.Is(err, test.want) {
				t.Errorf("%v, %v, want %v, %v", archived, err, test.archived, test.want)
			}
		})
	}
}

// way is one direction of archiving.
type way struct {
	action string
	do     func(*graph.Client, context.Context, org.TeamID) (orgsync.Operation, error)
}

func ways() map[bool]way {
	return map[bool]way{true: {"archive", (*graph.Client).Archive}, false: {"unarchive", (*graph.Client).Unarchive}}
}

func TestArchiveAndUnarchive(t *testing.T) {
	const relative = "/teams('t1')/operations('o1')"
	const already, other, blind = 1, 2, 3 // what a look at the team finds
	tests := map[string]struct {
		resp *http.Response
		look int
		op   orgsync.Operation
		want fault.Kind
	}{
		"begun":                  {answer(202, "", "Location", relative), 0, relative, 0},
		"begun, absolute":        {answer(202, "", "Location", root+relative), 0, relative, 0},
		"begun elsewhere":        {answer(202, "", "Location", "https://evil.example/v1.0"+relative), 0, "", fault.Denied},
		"without Location":       {answer(202, ""), 0, "", fault.Unavailable},
		"so already, by 400":     {refusal(400, "BadRequest"), already, "", gone},
		"so already, by 409":     {refusal(409, "Conflict"), already, "", gone},
		"under way":              {refusal(409, "Conflict"), other, "", fault.Conflict},
		"no owner":               {refusal(400, "BadRequest"), other, "", fault.Invalid},
		"refused, and no look":   {refusal(400, "BadRequest"), blind, "", fault.Invalid},
		"no such team":           {refusal(404, "NotFound"), 0, "", fault.NotFound},
		"not allowed":            {refusal(403, "Forbidden"), 0, "", fault.Denied},
		"a server that has gone": {refusal(503, "serviceNotAvailable"), 0, "", fault.Unavailable},
	}
	for name, test := range tests {
		for archived, way := range ways() {
			t.Run(name+"/"+way.action, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newClient(t, func(r *http.Request, body string) *http.Response {
						switch asked := ask(r); {
						case asked == "POST /teams/t1/"+way.action && body == "":
							return test.resp
						case asked != "GET /teams/t1" || test.look == 0:
							t.Errorf("asked for %s %s", asked, body)
						case test.look == blind:
							return refusal(403, "Forbidden")
						}
						return answer(200, fmt.Sprintf(`{"id":"t1","isArchived":%t}`, archived == (test.look == already)))
					})
					op, err := way.do(c, t.Context(), "t1")
					fine := test.op != "" || test.want == gone
					if op != test.op || fine && err != nil || !fine && !fault.Is(err, test.want) {
						t.Errorf("operation %q, error %v, want %q, %v", op, err, test.op, test.want)
					}
				})
			})
		}
	}
}

func TestDeletedGroup(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		there  bool
		want   fault.Kind
	}{
		"deleted":          {200, `{"@odata.type":"#microsoft.graph.group","id":"g1"}`, true, gone},
		"without its type": {200, `{"id":"g1"}`, true, gone},
		"something else":   {200, `{"@odata.type":"#microsoft.graph.user","id":"g1"}`, false, gone},
		"not there":        {404, refusalBody("Request_ResourceNotFound"), false, gone},
		"not allowed":      {403, refusalBody("Authorization_RequestDenied"), false, fault.Denied},
		"a riddle":         {200, `{"id":`, false, fault.Incomplete},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, func(r *http.Request, _ string) *http.Response {
				if ask(r) != "GET /directory/deletedItems/g1" || r.URL.RawQuery != "$select=id" {
					t.Errorf("asked for %s", r.URL)
				}
				return answer(test.status, test.body)
			})
			there, err := c.DeletedGroup(t.Context(), "g1")
			if there != test.there || test.want == gone && err != nil || test.want != gone && !fault.Is(err, test.want) {
				t.Errorf("%v, %v, want %v, %v", there, err, test.there, test.want)
			}
		})
	}
}

func TestRestoreGroup(t *testing.T) {
	group := func() *http.Response { return answer(200, `{"@odata.type":"#microsoft.graph.group","id":"g1"}`) }
	missing := func() *http.Response { return refusal(404, "Request_ResourceNotFound") }
	tests := map[string]struct {
		restore, look func() *http.Response
		want          fault.Kind
	}{
		"restored":               {group, nil, gone},
		"restored, no content":   {func() *http.Response { return answer(204, "") }, nil, gone},
		"there already":          {missing, group, gone},
		"there already, by 400":  {func() *http.Response { return refusal(400, "Request_BadRequest") }, group, gone},
		"nowhere":                {missing, missing, fault.NotFound},
		"perhaps there":          {missing, func() *http.Response { return refusal(503, "") }, fault.Unavailable},
		"refused":                {func() *http.Response { return refusal(400, "Request_BadRequest") }, missing, fault.Invalid},
		"not allowed":            {func() *http.Response { return refusal(403, "") }, missing, fault.Denied},
		"restored, answer lost":  {func() *http.Response { return nil }, group, gone},
		"lost, and not there":    {func() *http.Response { return nil }, missing, fault.Unavailable},
		"a gateway that gave up": {func() *http.Response { return answer(504, "<html>") }, missing, fault.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				c := newClient(t, func(r *http.Request, body string) *http.Response {
					switch {
					case ask(r) == "POST /directory/deletedItems/g1/restore" && body == "":
						asked++
						return test.restore()
					case ask(r) == "GET /groups/g1" && test.look != nil:
						return test.look()
					}
					t.Errorf("asked for %s %s", ask(r), body)
					return missing()
				})
				err := c.RestoreGroup(t.Context(), "g1")
				if test.want == gone && err != nil || test.want != gone && !fault.Is(err, test.want) {
					t.Errorf("error %v, want %v", err, test.want)
				}
				if asked != 1 {
					t.Errorf("asked %d times: after a lost answer a second try finds nothing", asked)
				}
			})
		})
	}
}

func TestRestoreGroupWaitsWhenThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		c := newClient(t, func(*http.Request, string) *http.Response {
			if asked++; asked < 3 {
				return refusal(429, "TooManyRequests", "Retry-After", "5")
			}
			return answer(200, `{"id":"g1"}`)
		})
		if err := c.RestoreGroup(t.Context(), "g1"); err != nil || asked != 3 {
			t.Errorf("%v after %d tries", err, asked)
		}
	})
}
