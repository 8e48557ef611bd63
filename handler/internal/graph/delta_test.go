package graph_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// one serves one body, whatever is asked.
func one(status int, body string) server {
	return func(*http.Request, string) *http.Response { return answer(status, body) }
}

// page is a last page with these items.
func page(items ...string) string {
	return fmt.Sprintf(`{"@odata.context":"x","value":[%s],"@odata.deltaLink":"%s/groups/delta?$deltatoken=end"}`,
		strings.Join(items, ","), root)
}

func groupChanges(t *testing.T, s server, cursor string) ([]orgsync.GroupChange, string, error) {
	t.Helper()
	var changes []orgsync.GroupChange
	next, err := newClient(t, s).GroupChanges(t.Context(), cursor, func(c orgsync.GroupChange) error {
		changes = append(changes, c)
		return nil
	})
	return changes, next, err
}

func ptr[T any](v T) *T { return &v }

func TestGroupChangeSaysWhatThePageSays(t *testing.T) {
	tests := map[string]struct {
		item string
		want orgsync.GroupChange
	}{
		"all of it": {
			`{"id":"ABC-1","displayName":"Berlin","mailNickname":"storeteams-p-s-1","uniqueName":"storeteams-p-s-1",
			  "groupTypes":["unified","DynamicMembership"],"onPremisesSyncEnabled":true,"resourceProvisioningOptions":["Team"]}`,
			orgsync.GroupChange{
				ID: "abc-1", Name: ptr("Berlin"), Marker: ptr("storeteams-p-s-1"),
				Unified: ptr(true), Dynamic: ptr(true), OnPremises: ptr(true), HasTeam: ptr(true),
			},
		},
		"nothing but the id": {`{"id":"g"}`, orgsync.GroupChange{ID: "g"}},
		"null is not nothing": {
			`{"id":"g","displayName":null,"mailNickname":null,"uniqueName":null,"groupTypes":null,
			  "onPremisesSyncEnabled":null,"resourceProvisioningOptions":null,"members@delta":null}`,
			orgsync.GroupChange{
				ID: "g", Name: ptr(""), Marker: ptr(""),
				Unified: ptr(false), Dynamic: ptr(false), OnPremises: ptr(false), HasTeam: ptr(false),
			},
		},
		"a property nobody asked for": {`{"x":{"y":[1,{}]},"id":"g"}`, orgsync.GroupChange{ID: "g"}},
		"deleted":                     {`{"id":"g","@removed":{"reason":"deleted"}}`, orgsync.GroupChange{ID: "g", Removed: true}},
		"soft deleted":                {`{"id":"g","@removed":{"reason":"changed"}}`, orgsync.GroupChange{ID: "g", Removed: true}},
		"people": {
			`{"id":"g","members@delta":[
			  {"@odata.type":"#microsoft.graph.user","id":"` + strings.ToUpper(guid(1)) + `"},
			  {"@odata.type":"#microsoft.graph.user","id":"` + guid(2) + `","@removed":{"reason":"deleted"}},
			  {"@odata.type":"#microsoft.graph.device","id":"` + guid(3) + `"},
			  {"@odata.type":"#microsoft.graph.group","id":"` + guid(4) + `"},
			  {"id":"` + guid(5) + `"}],
			 "owners@delta":[{"@odata.type":"#microsoft.graph.user","id":"` + guid(6) + `"}]}`,
			orgsync.GroupChange{
				ID:      "g",
				Members: []orgsync.MemberChange{{User: user(1)}, {User: user(2), Removed: true}, {User: user(5)}},
				Owners:  []orgsync.MemberChange{{User: user(6)}},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, next, err := groupChanges(t, one(200, page(test.item)), "")
			if err != nil {
				t.Fatal(err)
			}
			if want := []orgsync.GroupChange{test.want}; !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if want := root + "/groups/delta?$deltatoken=end"; next != want {
				t.Errorf("cursor %q, want %q", next, want)
			}
		})
	}
}

func TestUserChangeSaysWhatThePageSays(t *testing.T) {
	const teams, other = `57FF2DA0-773E-42DF-B2AF-FFB7A2317929`, `57ff2da0-773e-42df-b2af-ffb7a2317928`
	plan := func(id, status string) string {
		return fmt.Sprintf(`{"assignedDateTime":null,"service":"TeamspaceAPI","servicePlanId":%q,"capabilityStatus":%q}`, id, status)
	}
	plans := func(list ...string) string { return `"assignedPlans":[` + strings.Join(list, ",") + `]` }
	tests := map[string]struct {
		item string
		want orgsync.UserChange
	}{
		"all of it": {
			`"userPrincipalName":"Ana@Contoso.com","accountEnabled":true,"userType":"Member",` + plans(plan(other, "Enabled"), plan(teams, "Enabled")),
			orgsync.UserChange{UPN: ptr("ana@contoso.com"), Enabled: ptr(true), Licensed: ptr(true), Guest: ptr(false)},
		},
		"nothing":               {`"x":1`, orgsync.UserChange{}},
		"disabled":              {`"accountEnabled":false`, orgsync.UserChange{Enabled: ptr(false)}},
		"a null disables none":  {`"accountEnabled":null`, orgsync.UserChange{}},
		"guest":                 {`"userType":"guest"`, orgsync.UserChange{Guest: ptr(true)}},
		"no type":               {`"userType":null`, orgsync.UserChange{Guest: ptr(false)}},
		"in grace":              {plans(plan(teams, "warning")), orgsync.UserChange{Licensed: ptr(true)}},
		"suspended":             {plans(plan(teams, "Suspended")), orgsync.UserChange{Licensed: ptr(false)}},
		"deleted plan":          {plans(plan(teams, "Deleted")), orgsync.UserChange{Licensed: ptr(false)}},
		"other plan":            {plans(plan(other, "Enabled")), orgsync.UserChange{Licensed: ptr(false)}},
		"one of two is enough":  {plans(plan(teams, "LockedOut"), plan(teams, "Enabled")), orgsync.UserChange{Licensed: ptr(true)}},
		"no plans":              {plans(), orgsync.UserChange{Licensed: ptr(false)}},
		"null plans":            {`"assignedPlans":null`, orgsync.UserChange{Licensed: ptr(false)}},
		"a plan without status": {plans(`{"servicePlanId":"` + teams + `"}`), orgsync.UserChange{Licensed: ptr(false)}},
		"removed":               {`"@removed":{"reason":"changed"}`, orgsync.UserChange{Removed: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []orgsync.UserChange
			_, err := newClient(t, one(200, page(`{"id":"`+guid(1)+`",`+test.item+`}`))).
				UserChanges(t.Context(), "", func(c orgsync.UserChange) error {
					got = append(got, c)
					return nil
				})
			if err != nil {
				t.Fatal(err)
			}
			test.want.ID = user(1)
			if want := []orgsync.UserChange{test.want}; !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestDeltaFollowsItsPages(t *testing.T) {
	pages := map[string]string{
		"/v1.0/groups/delta?$select=id,displayName,uniqueName,groupTypes,onPremisesSyncEnabled,resourceProvisioningOptions,members": `{"value":[{"id":"a"}],"@odata.nextLink":"` + root + `/groups/delta?$skiptoken=2"}`,
		"/v1.0/groups/delta?$skiptoken=2":  `{"@odata.nextLink":"` + root + `/groups/delta?$skiptoken=3","value":[]}`,
		"/v1.0/groups/delta?$skiptoken=3":  `{"@odata.deltaLink":"` + root + `/groups/delta?$deltatoken=4","value":[{"id":"b"},{"id":"a"}]}`,
		"/v1.0/groups/delta?$deltatoken=4": `{"value":[{"id":"c"}],"@odata.deltaLink":"` + root + `/groups/delta?$deltatoken=5"}`,
	}
	serve := func(r *http.Request, _ string) *http.Response {
		return answer(200, pages[r.URL.Path+"?"+r.URL.RawQuery])
	}
	var ids []string
	cursor := ""
	for range 2 {
		changes, next, err := groupChanges(t, serve, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range changes {
			ids = append(ids, string(change.ID))
		}
		cursor = next
	}
	if got := strings.Join(ids, " "); got != "a b a c" {
		t.Errorf("read %q, want a, b, a, then c", got)
	}
	if cursor != root+"/groups/delta?$deltatoken=5" {
		t.Errorf("cursor %q", cursor)
	}
}

func TestDeltaErrors(t *testing.T) {
	next := func(link string) string { return `{"value":[],"@odata.nextLink":"` + link + `"}` }
	tests := map[string]struct {
		status int
		body   string
		want   fault.Kind
	}{
		"no link at all":     {200, `{"value":[{"id":"g"}]}`, fault.Incomplete},
		"empty links":        {200, `{"value":[],"@odata.nextLink":null,"@odata.deltaLink":""}`, fault.Incomplete},
		"no value":           {200, `{"@odata.deltaLink":"` + root + `/x"}`, fault.Incomplete},
		"null value":         {200, `{"value":null,"@odata.deltaLink":"` + root + `/x"}`, fault.Incomplete},
		"value is an object": {200, `{"value":{},"@odata.deltaLink":"` + root + `/x"}`, fault.Incomplete},
		"not an object":      {200, `[]`, fault.Incomplete},
		"empty":              {200, ``, fault.Incomplete},
		"some proxy's page":  {200, `<html>sign in</html>`, fault.Incomplete},
		"cut off in an item": {200, `{"value":[{"id":"g"`, fault.Incomplete},
		"cut off at the end": {200, `{"value":[],"@odata.deltaLink":"` + root + `/x"`, fault.Incomplete},
		"an item of another type": {
			200, page(`{"id":7}`), fault.Incomplete,
		},
		"an item without id":   {200, page(`{"displayName":"x"}`), fault.Incomplete},
		"a link in circles":    {200, next(root + "/groups/delta?$skiptoken=1"), fault.Incomplete},
		"a link elsewhere":     {200, next("http://127.0.0.1:9/v1.0/groups/delta"), fault.Denied},
		"a link to nowhere":    {200, next("http://%zz/"), fault.Invalid},
		"gone":                 {410, refusalBody("resyncRequired"), fault.Gone},
		"gone without a body":  {410, ``, fault.Gone},
		"expired":              {400, refusalBody("syncStateNotFound"), fault.Gone},
		"expired, as 404":      {404, refusalBody("syncStateNotFound"), fault.Gone},
		"resync, as 400":       {400, refusalBody("resyncRequired"), fault.Gone},
		"expired, by any name": {400, refusalBody("Directory_ExpiredPageToken"), fault.Gone},
		"denied":               {403, refusalBody("Authorization_RequestDenied"), fault.Denied},
		"redirected":           {302, ``, fault.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, next, err := groupChanges(t, one(test.status, test.body), root+"/groups/delta?$deltatoken=0")
			if !fault.Is(err, test.want) {
				t.Fatalf("error %v of kind %v, want %v", err, fault.KindOf(err), test.want)
			}
			if next != "" {
				t.Errorf("cursor %q beside an error", next)
			}
			if strings.Contains(err.Error(), "Secret") {
				t.Errorf("the error quotes the server: %v", err)
			}
		})
	}
}

func TestVisitEndsTheReading(t *testing.T) {
	stop := errors.New("enough")
	seen := 0
	_, err := newClient(t, one(200, page(`{"id":"a"}`, `{"id":"b"}`))).
		GroupChanges(t.Context(), "", func(orgsync.GroupChange) error {
			seen++
			return stop
		})
	if !errors.Is(err, stop) || seen != 1 {
		t.Errorf("error %v after %d groups, want the visitor's own after 1", err, seen)
	}
}

func TestIDsThatAreNoGUIDsAreOneLine(t *testing.T) {
	var log lines
	c := newLoggingClient(t, one(200, page(`{"id":"g","members@delta":[{"id":"x"},{"id":""},{"id":"`+guid(1)+`"}]}`)), log.logger())
	var got []orgsync.MemberChange
	_, err := c.GroupChanges(t.Context(), "", func(change orgsync.GroupChange) error {
		got = change.Members
		return nil
	})
	if want := []orgsync.MemberChange{{User: user(1)}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if log.count() != 1 || !strings.Contains(log.text.String(), "count=2") {
		t.Errorf("log %q, want one line counting 2", log.text.String())
	}

	c = newLoggingClient(t, one(200, page(`{"id":"x"}`, `{"id":"`+guid(2)+`"}`)), log.logger())
	var users []orgsync.UserChange
	_, err = c.UserChanges(t.Context(), "", func(change orgsync.UserChange) error {
		users = append(users, change)
		return nil
	})
	if want := []orgsync.UserChange{{ID: user(2)}}; err != nil || !reflect.DeepEqual(users, want) {
		t.Errorf("got %v, %v, want %v", users, err, want)
	}
	if log.count() != 2 {
		t.Errorf("log %q, want a second line", log.text.String())
	}
}
