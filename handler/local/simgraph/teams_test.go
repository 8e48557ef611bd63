package simgraph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

const standard = "https://graph.microsoft.com/v1.0/teamsTemplates('standard')"

func teamOf(group string) map[string]any {
	return map[string]any{
		"template@odata.bind": standard,
		"group@odata.bind":    "https://graph.microsoft.com/v1.0/groups('" + group + "')",
	}
}

func TestTeamOfGroup(t *testing.T) {
	r := newRig(t, simgraph.Options{PollsUntilDone: 2})
	started := r.want(202, "POST", "/teams", teamOf(plain))
	equal(t, "body", started.raw, "")
	location := started.header.Get("Location")
	equal(t, "Content-Location", started.header.Get("Content-Location"), "/teams('"+plain+"')")
	if !strings.HasPrefix(location, "/teams('"+plain+"')/operations('") {
		t.Fatalf("Location %q is not the relative operation", location)
	}
	r.want(409, "POST", "/teams", teamOf(store))
	var statuses []string
	for range 3 {
		statuses = append(statuses, r.want(200, "GET", location, nil).text("status"))
	}
	equal(t, "statuses", statuses, []string{"notStarted", "inProgress", "succeeded"})
	plainForm := strings.NewReplacer("('", "/", "')", "").Replace(location)
	last := r.want(200, "GET", plainForm, nil)
	equal(t, "operation", []string{last.text("operationType"), last.text("targetResourceId")}, []string{"unknownFutureValue", plain})
	told := r.want(200, "GET", location, nil, header{"Prefer": "include-unknown-enum-members"})
	equal(t, "operationType", told.text("operationType"), "teamifyGroup")

	equal(t, "team", r.want(200, "GET", "/teams/"+plain, nil).text("visibility"), "private")
	equal(t, "options", r.want(200, "GET", "/groups/"+plain, nil).body["resourceProvisioningOptions"], []string{"Team"})
	// The owner of the group is a member of the team, in both views.
	equal(t, "members", column(r.all("/groups/"+plain+"/members"), "id"), []string{olga})
	equal(t, "roles", r.all("/teams/" + plain + "/members")[0]["roles"], []string{"owner"})
	r.want(409, "POST", "/teams", teamOf(plain))
	r.want(409, "PUT", "/groups/"+plain+"/team", map[string]any{})
	r.want(404, "GET", "/teams('"+plain+"')/operations('"+ghost+"')", nil)
	r.want(404, "GET", strings.Replace(location, plain, store, 1), nil)
}

func TestTeamIsMissingUntilTheOperationSucceeds(t *testing.T) {
	r := newRig(t, simgraph.Options{OperationTime: time.Minute})
	r.want(202, "POST", "/teams", teamOf(plain))
	r.want(404, "GET", "/teams/"+plain, nil)
	r.want(404, "GET", "/teams/"+plain+"/members", nil)
	r.want(409, "POST", "/teams", teamOf(plain))
	equal(t, "team yet", r.state(plain).HasTeam, false)
	r.clock.Advance(time.Minute)
	r.want(200, "GET", "/teams/"+plain, nil)
	equal(t, "team now", r.state(plain).HasTeam, true)
}

func TestLostLocationStillEnds(t *testing.T) {
	r := newRig(t, simgraph.Options{PollsUntilDone: 2})
	r.want(202, "POST", "/teams", teamOf(plain))
	r.want(404, "GET", "/teams/"+plain, nil)
	r.want(409, "POST", "/teams", teamOf(plain))
	r.want(200, "GET", "/teams/"+plain, nil)
}

func TestOutcomes(t *testing.T) {
	tests := []struct {
		name    string
		outcome simgraph.Outcome
		status  string
		team    bool
		again   int
	}{
		{"fails", simgraph.Fail, "failed", false, 202},
		{"sticks", simgraph.Stick, "notStarted", false, 409},
		{"misleads", simgraph.Mislead, "notStarted", true, 409},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{PollsUntilDone: 1, Outcome: func(kind, team string) simgraph.Outcome {
				if kind == "teamifyGroup" && team == plain {
					return test.outcome
				}
				return simgraph.Succeed
			}})
			location := r.want(202, "POST", "/teams", teamOf(plain)).header.Get("Location")
			var last answer
			for range 5 {
				last = r.want(200, "GET", location, nil)
			}
			equal(t, "status", last.text("status"), test.status)
			equal(t, "error", last.body["error"] != nil, test.status == "failed")
			equal(t, "team", r.state(plain).HasTeam, test.team)
			r.want(test.again, "POST", "/teams", teamOf(plain))
		})
	}
}

func TestYoungGroup(t *testing.T) {
	r := newRig(t, simgraph.Options{GroupDelay: 15 * time.Minute})
	made := r.want(201, "POST", "/groups", newGroup("young", map[string]any{"owners@odata.bind": []string{user(olga)}}))
	id := made.text("id")
	r.clock.Advance(15*time.Minute - time.Second)
	r.want(404, "POST", "/teams", teamOf(id))
	r.want(404, "PUT", "/groups/"+id+"/team", map[string]any{})
	r.clock.Advance(time.Second)
	equal(t, "id", r.want(201, "PUT", "/groups/"+id+"/team", map[string]any{}).text("id"), id)
	// Groups of the world are old enough.
	r.want(202, "POST", "/teams", teamOf(plain))
}

func TestTeamOfGroupRefuses(t *testing.T) {
	with := func(name string, value any) map[string]any {
		body := teamOf(plain)
		body[name] = value
		return body
	}
	tests := []struct {
		name   string
		body   map[string]any
		status int
	}{
		{"displayName", with("displayName", "x"), 400},
		{"description", with("description", "x"), 400},
		{"visibility", with("visibility", "private"), 400},
		{"members", with("members", []any{member(olga, "owner")}), 400},
		{"unknown property", with("displayname", "x"), 400},
		{"unknown setting", with("memberSettings", map[string]any{"allowAll": true}), 400},
		{"no such group", with("group@odata.bind", "https://graph.microsoft.com/v1.0/groups('"+ghost+"')"), 404},
		{"a user as group", with("group@odata.bind", user(anna)), 400},
		{"relative group", with("group@odata.bind", "/groups/"+plain), 400},
		{"no template", with("template@odata.bind", nil), 400},
		{"other template", with("template@odata.bind", "https://graph.microsoft.com/v1.0/teamsTemplates('x')"), 400},
		{"settings", with("memberSettings", map[string]any{"allowDeleteChannels": false}), 202},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{})
			r.want(test.status, "POST", "/teams", test.body)
			equal(t, "team", r.state(plain).HasTeam, test.status == 202)
		})
	}
}

func TestTeamNeedsAnOwnerAndAUnifiedGroup(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	anonymous := r.want(201, "POST", "/groups", newGroup("anonymous", nil)).text("id")
	r.want(400, "POST", "/teams", teamOf(anonymous))
	r.want(400, "PUT", "/groups/"+anonymous+"/team", map[string]any{})
	r.want(204, "POST", "/groups/"+anonymous+"/owners/$ref", object(dora))
	r.want(202, "POST", "/teams", teamOf(anonymous))
	security := r.want(201, "POST", "/groups", newGroup("sec", map[string]any{
		"groupTypes": []string{}, "mailEnabled": false, "securityEnabled": true, "owners@odata.bind": []string{user(olga)},
	})).text("id")
	r.want(400, "POST", "/teams", teamOf(security))
}

func TestTeamFromNothing(t *testing.T) {
	body := func(members ...any) map[string]any {
		return map[string]any{
			"template@odata.bind": standard, "displayName": "Brand new", "description": "d", "members": members,
		}
	}
	tests := []struct {
		name   string
		body   map[string]any
		status int
	}{
		{"one owner", body(member(dora, "owner")), 202},
		{"nobody", body(), 400},
		{"two owners", body(member(dora, "owner"), member(olga, "owner")), 400},
		{"a member", body(member(dora)), 400},
		{"a guest", body(member(gus, "owner")), 400},
		{"nobody we know", body(member(ghost, "owner")), 404},
		{"no name", map[string]any{"template@odata.bind": standard, "members": []any{member(dora, "owner")}}, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{})
			got := r.want(test.status, "POST", "/teams", test.body)
			if test.status != 202 {
				equal(t, "groups", len(r.tenant.Teams()), 2)
				return
			}
			var id string
			if _, err := fmt.Sscanf(got.header.Get("Content-Location"), "/teams('%36s')", &id); err != nil {
				t.Fatal(err)
			}
			equal(t, "team", r.state(id), simgraph.TeamState{ID: id, Name: "Brand new", HasTeam: true, Owners: []string{dora}})
			equal(t, "nickname", r.want(200, "GET", "/groups/"+id, nil).text("mailNickname"), "Brandnew")
		})
	}
}

func TestPatchTeam(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.want(204, "PATCH", "/teams/"+store, map[string]any{
		"displayName": "Renamed", "funSettings": map[string]any{"allowGiphy": false},
	})
	equal(t, "group", r.want(200, "GET", "/groups/"+store, nil).text("displayName"), "Renamed")
	r.want(204, "PATCH", "/teams/"+store, map[string]any{"funSettings": map[string]any{"allowCustomMemes": true}})
	equal(t, "settings", r.want(200, "GET", "/groups/"+store+"/team", nil).body["funSettings"],
		map[string]any{"allowGiphy": false, "allowCustomMemes": true})
	for _, body := range []map[string]any{
		{"isArchived": true}, {"webUrl": "x"}, {"displayName": ""}, {"funSettings": map[string]any{"giphy": true}}, {"members": []any{}},
	} {
		r.want(400, "PATCH", "/teams/"+store, body)
	}
	equal(t, "name", r.state(store).Name, "Renamed")
	r.want(404, "PATCH", "/teams/"+plain, map[string]any{"displayName": "x"})
}

func TestArchive(t *testing.T) {
	r := newRig(t, simgraph.Options{PollsUntilDone: 1})
	read := func() bool {
		archived, _ := r.want(200, "GET", "/teams/"+store, nil).body["isArchived"].(bool)
		return archived
	}
	r.want(400, "POST", "/teams/"+store+"/unarchive", nil)
	location := r.want(202, "POST", "/teams/"+store+"/archive", map[string]any{"shouldSetSpoSiteReadOnlyForMembers": true}).header.Get("Location")
	r.want(409, "POST", "/teams/"+store+"/archive", nil)
	equal(t, "type", r.want(200, "GET", location, nil).text("operationType"), "archiveTeam")
	equal(t, "archived", read(), true)
	r.want(400, "POST", "/teams/"+store+"/archive", nil)
	r.want(403, "PATCH", "/teams/"+store, map[string]any{"displayName": "x"})
	r.want(201, "POST", "/teams/"+store+"/members", member(dora))
	r.want(400, "POST", "/teams/"+store+"/unarchive", map[string]any{"why": 1})
	location = r.want(202, "POST", "/teams/"+store+"/unarchive", nil).header.Get("Location")
	r.want(200, "GET", location, nil)
	r.want(200, "GET", location, nil)
	equal(t, "archived", r.state(store).Archived, false)
	if err := r.tenant.DeleteUser(olga); err != nil {
		t.Fatal(err)
	}
	r.want(400, "POST", "/teams/"+store+"/archive", nil)
}
