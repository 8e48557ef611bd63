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
// the answers of members/add and members/remove.
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
	matched []string   // If-Match headers of PATCH and DELETE

	removals [][]string                    // user ids by call of members/remove
	deleted  []string                      // user ids by DELETE
	removing func(call int)                // called by members/remove before anything else
	instead  func(call int) *http.Response // answers members/remove if not nil, and nothing happens
	rowsOf   int                           // status of an answer with rows when all worked; 0: a 204 without
	stay     map[string]bool               // user ids that members/remove denies to be there
	gone     bool
}

func (m *room) serve(r *http.Request, body string) *http.Response {
	switch {
	case m.gone:
	case ask(r) == "POST /teams/t1/members/remove":
		return m.remove(body)
	case strings.HasPrefix(ask(r), "DELETE /teams/t1/members/"):
		return m.delete(r)
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
	var call, rows []string
	status := 200
	for _, value := range m.values(body, 200) {
		id := value.user(m.t)
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
	id := memberOf(r)
	const shape = `{"@odata.type":"#microsoft.graph.aadUserConversationMember","roles":%s}`
	role := ""
	switch {
	case sameJSON(body, fmt.Sprintf(shape, `["owner"]`)):
		role = "owner"
	case !sameJSON(body, fmt.Sprintf(shape, `[]`)):
		m.t.Errorf("PATCH %s is neither an owner's nor a member's", body)
	}
	if _, in := m.roles[id]; !in {
		return refusal(404, "NotFound")
	}
	m.matched = append(m.matched, r.Header.Get("If-Match"))
	m.roles[id] = role
	return answer(200, `{"@odata.type":"#microsoft.graph.aadUserConversationMember","id":"M","roles":["owner"]}`)
}

// remove is members/remove. Like the service it keeps the last owner.
func (m *room) remove(body string) *http.Response {
	call := len(m.removals)
	var users []string
	for _, value := range m.values(body, 20) {
		users = append(users, value.user(m.t))
	}
	m.removals = append(m.removals, users)
	if m.removing != nil {
		m.removing(call)
	}
	if m.instead != nil {
		if resp := m.instead(call); resp != nil {
			return resp
		}
	}
	var rows []string
	failed := false
	for _, id := range users {
		code := m.takeOut(id)
		failed = failed || code != ""
		if !m.mute[id] {
			rows = append(rows, m.row(id, code))
		}
	}
	status := m.rowsOf
	switch {
	case failed || len(rows) < len(users):
		status = 207
	case status == 0:
		return answer(204, "")
	}
	return answer(status, `{"@odata.context":"x","value":[`+strings.Join(rows, ",")+`]}`)
}

// takeOut removes somebody, or returns a code.
func (m *room) takeOut(id string) string {
	role, in := m.roles[id]
	owners := 0
	for _, other := range m.roles {
		if other == "owner" {
			owners++
		}
	}
	switch {
	case !in, m.stay[id]:
		return "NotFound"
	case role == "owner" && owners == 1:
		return "BadRequest"
	}
	delete(m.roles, id)
	return ""
}

func (m *room) delete(r *http.Request) *http.Response {
	id := memberOf(r)
	if m.etag != "" && r.Header.Get("If-Match") != m.etag {
		return refusal(412, "PreconditionFailed")
	}
	m.matched = append(m.matched, r.Header.Get("If-Match"))
	m.deleted = append(m.deleted, id)
	switch code := m.takeOut(id); code {
	case "":
		return answer(204, "")
	case "NotFound":
		return refusal(404, code)
	default:
		return refusal(400, code)
	}
}

// bound is a row of a bulk body.
type bound struct {
	Type  string   `json:"@odata.type"`
	Roles []string `json:"roles"`
	Bind  string   `json:"user@odata.bind"`
}

// values reads the rows of a bulk body.
func (m *room) values(body string, limit int) []bound {
	var in struct{ Values []bound }
	if err := json.Unmarshal([]byte(body), &in); err != nil || len(in.Values) == 0 || len(in.Values) > limit {
		m.t.Errorf("%d rows, %v, want 1 to %d", len(in.Values), err, limit)
	}
	return in.Values
}

// user is the id of a row's user.
func (b bound) user(t *testing.T) string {
	id := strings.TrimSuffix(strings.TrimPrefix(b.Bind, root+"/users('"), "')")
	if b.Type != "#microsoft.graph.aadUserConversationMember" || b.Roles == nil || len(id) != 36 {
		t.Errorf("row %+v is not as published", b)
	}
	return id
}

// memberOf is the user whose membership a path names.
func memberOf(r *http.Request) string {
	return strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/v1.0/teams/t1/members/M/"), "==")
}

func sameJSON(a, b string) bool {
	var left, right any
	return json.Unmarshal([]byte(a), &left) == nil && json.Unmarshal([]byte(b), &right) == nil && reflect.DeepEqual(left, right)
}

func newRoom(t *testing.T) *room {
	return &room{
		t: t, roles: map[string]string{}, unknown: map[string]bool{}, mute: map[string]bool{}, stay: map[string]bool{},
	}
}

// rolesOf is a room's roles by number instead of by id.
func rolesOf(byNumber map[int]string) map[string]string {
	roles := map[string]string{}
	for n, role := range byNumber {
		roles[guid(n)] = role
	}
	return roles
}
