package simgraph

import (
	"encoding/json"
	"errors"
	"net/http"
)

// How many people one call may name.
const (
	addLimit    = 200
	removeLimit = 20
)

// addMembers is POST /teams/{id}/members/add: each row succeeds or fails by
// itself. 200 when all did, 207 otherwise.
func (t *Tenant) addMembers(c *call, g *group) (reply, error) {
	rows, err := t.readRows(c, addLimit)
	if err != nil {
		return reply{}, err
	}
	results, failed := t.each(rows, func(row memberRow) error { return t.admit(g, row, c.now) })
	status := http.StatusOK
	if failed {
		status = http.StatusMultiStatus
	}
	return reply{status: status, body: resultBody(c, results)}, nil
}

// removeMembers is POST /teams/{id}/members/remove: 204 when all rows worked,
// 207 with results otherwise.
func (t *Tenant) removeMembers(c *call, g *group) (reply, error) {
	rows, err := t.readRows(c, removeLimit)
	if err != nil {
		return reply{}, err
	}
	results, failed := t.each(rows, func(row memberRow) error {
		if row.user == nil {
			return refuse(http.StatusNotFound, teamsMissing, "Could not find resource")
		}
		return t.expel(c, g, row.user)
	})
	if !failed {
		return done(), nil
	}
	return reply{status: http.StatusMultiStatus, body: resultBody(c, results)}, nil
}

// readRows reads the values of a bulk call: 1 to limit rows, all well-formed.
func (t *Tenant) readRows(c *call, limit int) ([]memberRow, error) {
	fields, err := c.object(names("values"))
	if err != nil {
		return nil, err
	}
	values, _, err := field[[]json.RawMessage](fields, "values")
	if err != nil {
		return nil, err
	}
	if len(values) == 0 || len(values) > limit {
		return nil, badTeams("values must have 1 to %d members.", limit)
	}
	rows := make([]memberRow, 0, len(values))
	for _, value := range values {
		row, err := t.readMember(c, value)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// each does the rows in the order given and reports them in a shuffled one, so
// that nobody relies on it.
func (t *Tenant) each(rows []memberRow, do func(memberRow) error) (results []any, failed bool) {
	for _, row := range rows {
		id := row.key
		if row.user != nil {
			id = row.user.row.ID
		}
		result := map[string]any{
			"@odata.type": "#microsoft.graph.aadUserConversationMemberResult", "userId": id, "error": nil,
		}
		if err := do(row); err != nil {
			failed = true
			result["error"] = rowError(err)
		}
		results = append(results, result)
	}
	t.rng.Shuffle(len(results), func(i, j int) { results[i], results[j] = results[j], results[i] })
	return results, failed
}

func rowError(err error) map[string]any {
	var no *refusal
	if errors.As(err, &no) {
		return map[string]any{"code": no.code, "message": no.message}
	}
	return map[string]any{"code": "GeneralException", "message": err.Error()}
}

func resultBody(c *call, results []any) map[string]any {
	return map[string]any{
		"@odata.context": c.base + "/$metadata#Collection(microsoft.graph.aadUserConversationMemberResult)",
		"value":          results,
	}
}
