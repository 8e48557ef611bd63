package naive

import (
	"cmp"
	"slices"
	"strings"
)

// teamsPlan is the service plan "Microsoft Teams": who has it may be in a team.
const teamsPlan = "57ff2da0-773e-42df-b2af-ffb7a2317929"

// user is an Entra user.
type user struct {
	id, upn                  string // in lower case
	enabled, licensed, guest bool
}

// readUser reads a Graph user. The Teams licence is an assigned plan that is
// enabled, or about to run out (Warning).
func readUser(raw map[string]any) user {
	u := user{
		id:      strings.ToLower(text(raw["id"])),
		upn:     strings.ToLower(text(raw["userPrincipalName"])),
		enabled: raw["accountEnabled"] == true,
		guest:   strings.EqualFold(text(raw["userType"]), "Guest"),
	}
	for _, plan := range objects(raw["assignedPlans"]) {
		status := strings.ToLower(text(plan["capabilityStatus"]))
		if strings.EqualFold(text(plan["servicePlanId"]), teamsPlan) && (status == "enabled" || status == "warning") {
			u.licensed = true
		}
	}
	return u
}

// text reads a string of a Graph object; anything else is "".
func text(v any) string {
	s, _ := readText(v)
	return s
}

// objects reads an array of objects, as decoded or as written in Go.
func objects(v any) []map[string]any {
	if list, ok := v.([]map[string]any); ok {
		return list
	}
	var found []map[string]any
	list, _ := v.([]any)
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			found = append(found, object)
		}
	}
	return found
}

// cause says why the account may not be added, in this order: disabled, no
// licence for Teams, guest although guests are not allowed. "" means it may.
func (f *facts) cause(u user) string {
	switch {
	case !u.enabled:
		return "disabled"
	case !u.licensed:
		return "unlicensed"
	case u.guest && !f.set.AllowGuests:
		return "guest"
	}
	return ""
}

// mayOwn reports whether the account may be added as an owner: guests are
// never owners.
func (f *facts) mayOwn(u user) bool { return f.cause(u) == "" && !u.guest }

// candidate is a hint at a worker's account.
type candidate struct {
	objectID bool // an object id, otherwise a UPN
	text     string
}

// candidates lists the hints in the order in which they are believed.
func (f *facts) candidates(worker string) []candidate {
	var all []candidate
	// First RetailStaff: the object id, then the UPN. Several rows in the order
	// of their text.
	staff := slices.Clone(f.where("RetailStaff", "PersonnelNumber", worker))
	slices.SortFunc(staff, func(a, b row) int {
		return cmp.Or(
			cmp.Compare(a.text["ExternalSubIdentifier"], b.text["ExternalSubIdentifier"]),
			cmp.Compare(a.text["ExternalIdentityAlias"], b.text["ExternalIdentityAlias"]))
	})
	for _, r := range staff {
		all = append(all, candidate{true, r.text["ExternalSubIdentifier"]}, candidate{false, r.text["ExternalIdentityAlias"]})
	}
	// Then from the worker's party to the F&O users it has now, by user id.
	for _, w := range f.where("Workers", "PersonnelNumber", worker) {
		persons := slices.Clone(f.where("PersonUsers", "PartyNumber", w.text["PartyNumber"]))
		slices.SortFunc(persons, func(a, b row) int { return cmp.Compare(a.text["UserId"], b.text["UserId"]) })
		for _, p := range persons {
			if f.current(p, "ValidFrom", "ValidTo") {
				all = append(all, f.systemCandidates(p.text["UserId"])...)
			}
		}
	}
	return slices.DeleteFunc(all, func(c candidate) bool { return c.text == "" })
}

// systemCandidates lists what SystemUsers says of an F&O user: the object id
// if this version has it, then the UPN.
func (f *facts) systemCandidates(userID string) []candidate {
	var all []candidate
	for _, u := range f.whereFold("SystemUsers", "UserID", userID) {
		all = append(all, candidate{true, u.text["UserObjectId"]}, candidate{false, u.text["Alias"]})
	}
	return slices.DeleteFunc(all, func(c candidate) bool { return c.text == "" })
}

// resolve returns the first candidate that is a user of the tenant, with the
// reason why it may not be added, if any. Without one the reason says what was
// wrong with the candidates.
func (f *facts) resolve(candidates []candidate) (user, string) {
	onlyBadIDs := true
	for _, c := range candidates {
		id, isGUID := guid(c.text)
		if c.objectID && !isGUID {
			continue
		}
		onlyBadIDs = false
		u, known := f.byUPN[strings.ToLower(c.text)]
		if c.objectID {
			u, known = f.byID[id]
		}
		if known {
			return u, f.cause(u)
		}
	}
	switch {
	case len(candidates) == 0:
		return user{}, "no identity"
	case onlyBadIDs:
		return user{}, "bad identity"
	}
	return user{}, "not in tenant"
}

// account resolves a worker.
func (f *facts) account(worker string) (user, string) { return f.resolve(f.candidates(worker)) }

// named finds the people a setting names by UPN or object id, in its order,
// leaving out whoever may not own a team.
func (f *facts) named(entries []string) []user {
	var found []user
	for _, entry := range entries {
		entry = strings.TrimSpace(entry)
		u, known := f.byUPN[strings.ToLower(entry)]
		if id, isGUID := guid(entry); isGUID {
			u, known = f.byID[id]
		}
		if known && f.mayOwn(u) && !slices.Contains(found, u) {
			found = append(found, u)
		}
	}
	return found
}

// guid reads a GUID in any case, with or without braces, as lower case.
func guid(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
		s = s[1 : len(s)-1]
	}
	if len(s) != 36 {
		return "", false
	}
	for i, c := range s {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdef", c) {
			return "", false
		}
	}
	return s, true
}

// gone reports whether the worker has left the company: there are employments
// and every one of them has ended. No rows say nothing.
func (f *facts) gone(worker string) bool {
	employments := f.where("Employees", "PersonnelNumber", worker)
	for _, e := range employments {
		end := e.dates["EmploymentEndDate"]
		if end.IsZero() || end.After(f.now) {
			return false
		}
	}
	return len(employments) > 0
}
