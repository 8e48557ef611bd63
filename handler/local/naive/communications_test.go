package naive

import "testing"

// Rule 11: the communications team.
func TestCommunications(t *testing.T) {
	role := func(lines ...string) func(World, *Settings) { // F&O users fa of worker a (2), f8 of nobody (8)
		return func(w World, _ *Settings) {
			w.set("PersonUsers", personUserColumns, "pa|fa|null|null")
			w.set("SystemUsers", systemUserColumns, "FA|-|3@x.example", "F8|-|8@x.example", "F7|-|7@x.example")
			w.set("SecurityUserRoleAssociations", roleColumns, lines...)
		}
	}
	const full = "fa|Retail task manager|RTM"
	owners := func(entries ...string) func(World, *Settings) {
		return func(_ World, s *Settings) { s.CommunicationsOwners = entries }
	}
	guest := func(n int) func(World, *Settings) {
		return func(w World, _ *Settings) { w.user(n)["userType"] = "Guest" }
	}
	for _, tt := range []scenario{
		{"nobody", role(), "9 / ", ""},
		{"a worker, by their own identity", role(full), "9 / 2", ""},
		{"F&O users compare without case", role("Fa|Retail task manager|RTM"), "9 / 2", ""},
		{"role by identifier", role("fa|null|RETAIL TASK MANAGER"), "9 / 2", ""},
		{"another role", role("fa|Clerk|C"), "9 / ", ""},
		{"no worker: the user's own account", role("f8|retail task manager|RTM"), "9 / 8", ""},
		{"no worker, no account", role("f7|Retail task manager|RTM"), "9 / ", ""},
		{"not their user any more", after(role(full), func(w World, _ *Settings) {
			w.set("PersonUsers", personUserColumns, "pa|fa|null|2026-06-01T12:00:00Z")
		}), "9 / 3", ""},
		{"left", after(role(full), func(w World, _ *Settings) {
			w.set("Employees", "PersonnelNumber|EmploymentEndDate", "a|2020-01-01T00:00:00Z")
		}), "9 / ", ""},
		{"unusable", after(role(full), func(w World, _ *Settings) { w.user(2)["accountEnabled"] = false }), "9 / ", "a: disabled"},
		{"guest", after(role(full), guest(2)), "9 / ", "a: guest"},
		{"allowed guest", after(role(full), guest(2), func(_ World, s *Settings) { s.AllowGuests = true }), "9 / 2", ""},
		{"owners by setting", after(role(full), owners("8@x.example", id(3))), "3 8 / 2", ""},
		{"a manager owns", after(role(full), owners("2@x.example")), "2 / ", ""},
		{"owners who may not be", after(role(full), owners("8@x.example"), guest(8), func(_ World, s *Settings) { s.AllowGuests = true }), "9 / 2", ""},
		{"nobody may own", after(role(full), func(w World, _ *Settings) { w.user(9)["assignedPlans"] = nil }), "skipped: no owner", ""},
		{"outside a scope", after(role(full), func(w World, s *Settings) {
			s.Scope = []string{"1"}
			w.add("RetailStores", storeColumns, "2|c2|u2|p2")
		}), "9 / 2", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := shop()
			tt.change(w, &s)
			e := Expect(w, s, now)
			if got := show(e.Communications); got != tt.want {
				t.Errorf("the communications team is %q, want %q", got, tt.want)
			}
			if got := showUnmapped(e); got != tt.unmapped {
				t.Errorf("unmapped are %q, want %q", got, tt.unmapped)
			}
			if e.Communications.Name != "Communications" || e.Communications.Marker != "storeteams-t-c" {
				t.Errorf("it is called %q, marked %q", e.Communications.Name, e.Communications.Marker)
			}
		})
	}
}
