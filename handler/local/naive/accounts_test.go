package naive

import (
	"strings"
	"testing"
)

// identify makes worker a active and replaces what is known of their identity.
func identify(staff, persons, systems []string) func(World, *Settings) {
	return func(w World, _ *Settings) {
		w.set("RetailChannelWorkers", activeColumns, "c1|a|Yes")
		w.set("RetailStaff", staffColumns, append(staff, "m|"+id(1)+"|-")...)
		w.set("PersonUsers", personUserColumns, persons...)
		w.set("SystemUsers", systemUserColumns, systems...)
	}
}

func list(lines ...string) []string { return lines }

// Rule 6: which hint at an account is believed.
func TestIdentity(t *testing.T) {
	unknown := id(77)
	const out = "1 / "
	check(t, []scenario{
		{"object id", identify(list("a|"+id(2)+"|-"), nil, nil), "1 / 2", ""},
		{"object id in braces and capitals", identify(list("a|{"+strings.ToUpper(id(2))+"}|null"), nil, nil), "1 / 2", ""},
		{"UPN in another case", identify(list("a|null|2@X.Example"), nil, nil), "1 / 2", ""},
		{"object id before UPN", identify(list("a|"+id(2)+"|3@x.example"), nil, nil), "1 / 2", ""},
		{"UPN where the object id is unknown", identify(list("a|"+unknown+"|3@x.example"), nil, nil), "1 / 3", ""},
		{"UPN where the object id is none", identify(list("a|42|3@x.example"), nil, nil), "1 / 3", ""},
		{"rows in the order of their text", identify(list("a|"+id(3)+"|-", "a|"+id(2)+"|-"), nil, nil), "1 / 2", ""},
		{"a row is done before the next", identify(list("a|"+id(2)+"|-", "a|-|3@x.example"), nil, nil), "1 / 3", ""},
		{"staff before person user", identify(list("a|"+id(2)+"|-"), list("pa|F|null|null"), list("F|-|3@x.example")), "1 / 2", ""},
		{"person user where staff fails", identify(list("a|"+unknown+"|-"), list("pa|F|null|null"), list("F|-|3@x.example")), "1 / 3", ""},
		{"F&O users compare without case", identify(nil, list("pa|fred|null|null"), list("FRED|-|3@x.example")), "1 / 3", ""},
		{"user object id before alias", identify(nil, list("pa|F|null|null"), list("F|"+id(2)+"|3@x.example")), "1 / 2", ""},
		{"person user is over", identify(nil, list("pa|F|null|2026-06-01T12:00:00Z"), list("F|-|3@x.example")), out, "a: no identity"},
		{"person user is to come", identify(nil, list("pa|F|2026-06-02T00:00:00Z|null"), list("F|-|3@x.example")), out, "a: no identity"},
		{"person users by user id", identify(nil, list("pa|G|null|null", "pa|F|null|null"), list("G|-|2@x.example", "F|-|3@x.example")), "1 / 3", ""},
		{"another party's user", identify(nil, list("pb|F|null|null"), list("F|-|3@x.example")), out, "a: no identity"},
		{"nothing", identify(nil, nil, nil), out, "a: no identity"},
		{"blank hints", identify(list("a|  | "), list("pa|F|null|null"), list("F|null|null")), out, "a: no identity"},
		{"only what is no GUID", identify(list("a|42|-"), list("pa|F|null|null"), list("F|x-y|-")), out, "a: bad identity"},
		{"no GUID, and an unknown UPN", identify(list("a|42|who@x.example"), nil, nil), out, "a: not in tenant"},
		{"another tenant's object id", identify(list("a|"+unknown+"|-"), nil, nil), out, "a: not in tenant"},
		{"a UPN is not looked up as an id", identify(list("a|-|"+id(2)), nil, nil), out, "a: not in tenant"},
		{"an object id is not looked up as a UPN", identify(list("a|2@x.example|-"), nil, nil), out, "a: bad identity"},
	})
}

// Rule 6, second half: accounts that may not be added.
func TestUnusableAccounts(t *testing.T) {
	of := func(attributes map[string]any) func(World, *Settings) {
		return func(w World, _ *Settings) {
			w.set("RetailChannelWorkers", activeColumns, "c1|a|Yes")
			for name, v := range attributes {
				w.user(2)[name] = v
			}
		}
	}
	plan := func(id, status string) func(World, *Settings) {
		return of(map[string]any{"assignedPlans": []any{map[string]any{"servicePlanId": id, "capabilityStatus": status}}})
	}
	guests := func(_ World, s *Settings) { s.AllowGuests = true }
	manager := func(w World, _ *Settings) { w.set("OperatingUnits", unitColumns, "u1|p1|Shop|a") }
	const out = "1 / "
	check(t, []scenario{
		{"disabled", of(map[string]any{"accountEnabled": false}), out, "a: disabled"},
		{"disabled comes before unlicensed", of(map[string]any{"accountEnabled": false, "assignedPlans": nil}), out, "a: disabled"},
		{"no plans", of(map[string]any{"assignedPlans": []any{}}), out, "a: unlicensed"},
		{"unlicensed comes before guest", of(map[string]any{"assignedPlans": nil, "userType": "Guest"}), out, "a: unlicensed"},
		{"another plan", plan("00000000-0000-0000-0000-000000000001", "Enabled"), out, "a: unlicensed"},
		{"suspended", plan(teamsPlan, "Suspended"), out, "a: unlicensed"},
		{"warning", plan(teamsPlan, "Warning"), "1 / 2", ""},
		{"capitals", plan(strings.ToUpper(teamsPlan), "ENABLED"), "1 / 2", ""},
		{"guest", of(map[string]any{"userType": "Guest"}), out, "a: guest"},
		{"allowed guest", after(of(map[string]any{"userType": "Guest"}), guests), "1 / 2", ""},
		{"a guest never owns", after(of(map[string]any{"userType": "Guest"}), guests, manager), "9 / 2", ""},
		{"no user type", of(map[string]any{"userType": nil}), "1 / 2", ""},
		{"the first account of the tenant wins even if unusable", after(of(map[string]any{"accountEnabled": false}), func(w World, _ *Settings) {
			w.set("RetailStaff", staffColumns, "a|"+id(2)+"|3@x.example", "m|"+id(1)+"|-")
		}), out, "a: disabled"},
	})
}
