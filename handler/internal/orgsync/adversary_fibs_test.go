package orgsync_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// serveGraph lies about an answer of Graph, and tells the judge what it says of
// users. Whole says that nothing else is the matter with it.
func (w wire) serveGraph(r *http.Request, body []byte, dice *rand.Rand, whole bool) []byte {
	path := r.URL.Path
	if !w.gone && dice.IntN(100) < w.fibs {
		switch {
		case strings.HasSuffix(path, "/users/delta"):
			body = changeItems(body, dice, fibAboutUser)
		case strings.HasSuffix(path, "/groups/delta"):
			body = changeItems(body, dice, fibAboutGroup)
		case strings.HasSuffix(path, "/$batch"):
			body = w.fibInBatch(body, dice)
		case strings.HasSuffix(path, "/members") && !w.honestList:
			body = changeItems(body, dice, fibAboutMember)
		}
	}
	if strings.HasSuffix(path, "/users/delta") {
		w.judge.readUsers(w.asker, !strings.Contains(r.URL.RawQuery, "token"), body, whole)
	}
	return body
}

// changeItems changes some items of a page; one may come back as none or several.
func changeItems(body []byte, dice *rand.Rand, change func(map[string]any, *rand.Rand) []any) []byte {
	var whole map[string]any
	if err := json.Unmarshal(body, &whole); err != nil {
		return body
	}
	items, _ := whole["value"].([]any)
	changed := []any{}
	for _, item := range items {
		if row, ok := item.(map[string]any); ok && dice.IntN(6) == 0 {
			changed = append(changed, change(row, dice)...)
		} else {
			changed = append(changed, item)
		}
	}
	whole["value"] = changed
	text, err := json.Marshal(whole)
	if err != nil {
		return body
	}
	return text
}

// fibAboutUser changes an item of the user feed.
func fibAboutUser(row map[string]any, dice *rand.Rand) []any {
	switch dice.IntN(10) {
	case 0:
		return nil
	case 1:
		return []any{row, row}
	case 2:
		return []any{map[string]any{"id": row["id"], "@removed": map[string]any{"reason": pickOne(dice, "changed", "deleted", "bored")}}}
	case 3:
		row["accountEnabled"] = false
	case 4:
		row["accountEnabled"] = nil
	case 5:
		row["assignedPlans"] = pickOne[any](dice, nil, []any{}, []any{map[string]any{"servicePlanId": 1}})
	case 6:
		row["id"] = pickOne[any](dice, "", "me", nil)
	case 7:
		row["userPrincipalName"] = pickOne[any](dice, nil, "")
	case 8:
		delete(row, pickOne(dice, "accountEnabled", "assignedPlans", "userPrincipalName", "userType"))
	case 9:
		row["userType"] = pickOne[any](dice, nil, "Alien", "Guest")
	}
	return []any{row}
}

// fibAboutGroup changes an item of the group feed.
func fibAboutGroup(row map[string]any, dice *rand.Rand) []any {
	switch dice.IntN(8) {
	case 0:
		return nil
	case 1:
		return []any{row, row}
	case 2:
		return []any{map[string]any{"id": row["id"], "@removed": map[string]any{"reason": pickOne(dice, "changed", "deleted")}}}
	case 3:
		row["displayName"] = pickOne[any](dice, nil, "Another name", "")
	case 4:
		row["id"] = pickOne[any](dice, "", "us", nil)
	case 5:
		row["members@delta"] = []any{map[string]any{"@odata.type": pickOne(dice, "#microsoft.graph.user", "#microsoft.graph.device"), "id": "x"}}
	case 6:
		delete(row, pickOne(dice, "uniqueName", "groupTypes", "resourceProvisioningOptions", "members@delta"))
	case 7:
		row["resourceProvisioningOptions"] = pickOne[any](dice, nil, []any{}, []any{"Yammer"})
	}
	return []any{row}
}

// fibAboutMember changes a row of a team's own list of members, or one of a
// group's: who is in it may be left out or shown as something else. Nobody is
// made up: the caps are shares of those who are there.
func fibAboutMember(row map[string]any, dice *rand.Rand) []any {
	switch dice.IntN(5) {
	case 0, 1:
		return nil
	case 2:
		return []any{row, row}
	case 3:
		if _, of := row["roles"]; of {
			row["roles"] = pickOne[any](dice, []any{}, []any{"owner"}, nil, []any{"emperor"})
		}
	case 4:
		for _, name := range []string{"userId", "id"} {
			if _, has := row[name]; has {
				row[name] = pickOne[any](dice, "", "somebody", nil)
				break
			}
		}
	}
	return []any{row}
}

// fibInBatch changes some of a batch's answers.
func (w wire) fibInBatch(body []byte, dice *rand.Rand) []byte {
	var whole struct {
		Responses []map[string]any `json:"responses"`
	}
	if err := json.Unmarshal(body, &whole); err != nil {
		return body
	}
	whole.Responses = slices.DeleteFunc(whole.Responses, func(item map[string]any) bool {
		if dice.IntN(5) > 0 {
			return false
		}
		switch dice.IntN(5) {
		case 0:
			return true
		case 1:
			item["status"], item["body"] = pickOne(dice, 404, 404, 404, 500, 429, 403, 0), nil
		case 2:
			item["body"] = pickOne[any](dice, nil, "x", []any{}, map[string]any{}, map[string]any{"value": map[string]any{}})
		default:
			w.fibAboutList(item, dice)
		}
		return false
	})
	text, err := json.Marshal(whole)
	if err != nil {
		return body
	}
	return text
}

// fibAboutList lies about the list of people in an answer, if it has one.
func (w wire) fibAboutList(item map[string]any, dice *rand.Rand) {
	of, _ := item["body"].(map[string]any)
	if _, list := of["value"].([]any); !list || w.honestList {
		return
	}
	text, err := json.Marshal(of)
	if err != nil {
		return
	}
	item["body"] = json.RawMessage(changeItems(text, dice, fibAboutMember))
}
