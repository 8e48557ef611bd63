// Package permission is the list of application permissions in Microsoft Graph
// that the app's identity is given: the smallest set that does the work.
// docs/permissions.md shows it, infra/grant grants it, and a test holds it
// against what the doctor asks for.
package permission

import "strings"

// Extent is what an installation does, each including the ones before.
type Extent string

// The extents, by MODE.
const (
	Plan Extent = "plan" // reads, to say what it would do
	Add  Extent = "add"  // creates teams and adds people
	Full Extent = "full" // takes people out and archives teams
)

// Covers reports whether an installation of extent e needs what from does.
func (e Extent) Covers(from Extent) bool {
	order := map[Extent]int{Plan: 1, Add: 2, Full: 3}
	return order[from] > 0 && order[from] <= order[e]
}

// Known reports whether e is one of the extents.
func (e Extent) Known() bool { return e.Covers(Plan) }

// Permission is one application permission.
type Permission struct {
	Name    string
	From    Extent // the least extent that needs it
	Until   Extent // the last one, where a larger permission takes its place; empty: it is always needed
	Tasks   bool   // needed only where tasks are synced
	Calls   string // the requests that need it
	Without string // what happens if it is missing
}

// All returns every permission, reads first.
func All() []Permission {
	return []Permission{
		{
			Name: "User.Read.All", From: Plan,
			Calls:   "`GET /users/delta`, `POST /subscriptions` for `/users`",
			Without: "Nobody's account can be told from a disabled one: every run fails, and nothing changes.",
		},
		{
			Name: "Organization.Read.All", From: Plan,
			Calls:   "`GET /organization`, `GET /subscribedSkus`",
			Without: "`doctor` cannot compare the tenant with `TENANT_ID`, nor look for Teams licences. Runs go on.",
		},
		{
			Name: "Group.Read.All", From: Plan, Until: Plan,
			Calls:   "`GET /groups/delta`, `GET /groups/{id}/members`, `GET /directory/deletedItems`",
			Without: "Our teams are not found: every run is held.",
		},
		{
			Name: "TeamMember.Read.All", From: Plan, Until: Plan,
			Calls:   "`GET /teams/{id}/members`",
			Without: "Who is in a team is not known: every run is held.",
		},
		{
			Name: "Group.ReadWrite.All", From: Add,
			Calls:   "the reads of groups above, `PATCH /groups(uniqueName='…')`, `PATCH /groups/{id}`, `POST /directory/deletedItems/{id}/restore`, `POST /subscriptions` for `/groups`",
			Without: "No team is created, renamed or restored.",
		},
		{
			Name: "Team.Create", From: Add,
			Calls:   "`POST /teams`",
			Without: "Groups are made and do not become teams.",
		},
		{
			Name: "TeamMember.ReadWrite.All", From: Add,
			Calls:   "`GET`, `POST`, `PATCH` and `DELETE /teams/{id}/members`",
			Without: "Nobody is added or made an owner; with `MODE=full` nobody is taken out.",
		},
		{
			Name: "TeamSettings.ReadWrite.All", From: Full,
			Calls:   "`POST /teams/{id}/archive`, `POST /teams/{id}/unarchive`",
			Without: "Teams of closed stores stay active.",
		},
		{
			Name: "Tasks.ReadWrite.All", From: Plan, Tasks: true,
			Calls:   "everything below `/planner`",
			Without: "Boards are neither made nor read; the organization is kept in step all the same.",
		},
	}
}

// For returns what an installation needs, by name.
func For(extent Extent, tasks bool) []Permission {
	var needed []Permission
	for _, p := range All() {
		replaced := p.Until != "" && extent != p.Until
		if extent.Covers(p.From) && !replaced && (tasks || !p.Tasks) {
			needed = append(needed, p)
		}
	}
	return needed
}

// Table is the list in Markdown.
func Table() string {
	var b strings.Builder
	b.WriteString("| permission | needed with | requests | without it |\n| --- | --- | --- | --- |\n")
	for _, p := range All() {
		with := "`MODE=" + string(p.From) + "` and above"
		switch {
		case p.Until != "":
			with = "`MODE=" + string(p.From) + "` only; above, the `ReadWrite` one takes its place"
		case p.Tasks:
			with = "`TASK_MODE` other than `off`"
		case p.From == Full:
			with = "`MODE=full`"
		}
		b.WriteString("| `" + p.Name + "` | " + with + " | " + p.Calls + " | " + p.Without + " |\n")
	}
	return b.String()
}
