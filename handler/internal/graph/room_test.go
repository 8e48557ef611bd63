package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// room is a team as these tests need it: who is in it, and what is odd about
// the answers of members/add.
type room struct {
	t       *testing.T
	roles   map[string]string // by user id: "owner" or ""
	unknown map[string]bool   // user ids that members/add finds nobody for
	mute    map[string]bool   // user ids that members/add adds and gives no row for
	untyped bool              // rows without @odata.type
	refuse  int               // status of members/add from the second call on
	blind   int               // status of reading members
	etag    string
	calls   [][]string // user ids by call of members/add
	matched []string   // If-Match headers of PATCH
}

func (m *room) serve(r *http.Request, body string) *http.Response {
	switch {
	case ask(r) == "POST /teams/t1/members/add":
		return m.add(body)
	case ask(r) == "GET /teams/t1/members":
		return m.list(r)
	case strings.HasPrefix(ask(r), "PATCH /teams/t1/members/"):
		return m.patch(r, body)
	}
	return refusal(404, "NotFound")
}

func (m *room) add(body string) *http.Response {
	if m.refuse != 0 && len(m.calls) > 0 {
		return refusal(m.refuse, "Forbidden")
	}
	var in struct {
		Values []struct {
			Type  string   `json:"@odata.type"`
			Roles []string `json:"roles"`
			User  string   `json:"user@odata.bind"`
		}
	}
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		m.t.Error(err)
	}
	var call, rows []string
	status := 200
	for _, value := range in.Values {
		id := strings.TrimSuffix(strings.TrimPrefix(value.User, root+"/users('"), "')")
		if value.Type != "#microsoft.graph.aadUserConversationMember" || value.Roles == nil || len(id) != 36 {
			m.t.Errorf("row %+v is not as published", value)
		}
		call = append(call, id)
		_, in := m.roles[id]
		code := ""
		switch {
		case m.unknown[id]:
			code = "NotFound"
		case in:
			code = "BadRequest"
		default:
			m.roles[id] = strings.Join(value.Roles, "")
		}
		if !m.mute[id] {
			rows = append(rows, m.row(id, code))
		}
		if code != "" {
			status = 207
		}
	}
	m.calls = append(m.calls, call)
	return answer(status, `{"@odata.context":"x","value":[`+strings.Join(rows, ",")+`]}`)
}

func (m *room) row(id, code string) string {
	fields := fmt.Sprintf(`"userId":%q,"error":null`, strings.ToUpper(id))
	if code != "" {
		fields = fmt.Sprintf(`"userId":%q,"error":{"code":%q,"message":"Ms. Secret"}`, strings.ToUpper(id), code)
	}
	if !m.untyped {
		fields = `"@odata.type":"#microsoft.graph.aadUserConversationMemberResult",` + fields
	}
	return "{" + fields + "}"
}

func (m *room) list(r *http.Request) *http.Response {
	if m.blind != 0 {
		return refusal(m.blind, "Forbidden")
	}
	if r.URL.RawQuery == "" {
		return answer(200, `{"value":[],"@odata.nextLink":"`+root+`/teams/t1/members?$skiptoken=x"}`)
	}
	rows := []string{`{"id":"anon","roles":[],"displayName":"no user"}`, `{"id":"odd","roles":["owner"],"userId":"x"}`}
	for id, role := range m.roles {
		roles := "[]"
		if role != "" {
			roles = `["` + strings.ToUpper(role) + `"]`
		}
		etag := ""
		if m.etag != "" {
			etag = fmt.Sprintf(`"@odata.etag":%q,`, m.etag)
		}
		rows = append(rows, fmt.Sprintf(`{%s"@odata.type":"#microsoft.graph.aadUserConversationMember","id":"M/%s==","roles":%s,"userId":%q}`,
			etag, id, roles, id))
	}
	return answer(200, `{"value":[`+strings.Join(rows, ",")+`]}`)
}

func (m *room) patch(r *http.Request, body string) *http.Response {
	id := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/v1.0/teams/t1/members/M/"), "==")
	want := `{"@odata.type":"#microsoft.graph.aadUserConversationMember","roles":["owner"]}`
	var got, wanted any
	if json.Unmarshal([]byte(body), &got) != nil || json.Unmarshal([]byte(want), &wanted) != nil || !reflect.DeepEqual(got, wanted) {
		m.t.Errorf("PATCH %s, want %s", body, want)
	}
	if _, in := m.roles[id]; !in {
		return refusal(404, "NotFound")
	}
	m.matched = append(m.matched, r.Header.Get("If-Match"))
	m.roles[id] = "owner"
	return answer(200, `{"@odata.type":"#microsoft.graph.aadUserConversationMember","id":"M","roles":["owner"]}`)
}

func newRoom(t *testing.T) *room {
	return &room{t: t, roles: map[string]string{}, unknown: map[string]bool{}, mute: map[string]bool{}}
}

// rolesOf is a room's roles by number instead of by id.
func rolesOf(byNumber map[int]string) map[string]string {
	roles := map[string]string{}
	for n, role := range byNumber {
		roles[guid(n)] = role
	}
	return roles
}
