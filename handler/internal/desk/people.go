package desk

import (
	"context"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// unmapped is a worker who cannot be added.
type unmapped struct {
	Worker org.PersonnelNumber `json:"worker"`
	Cause  org.UnmappedCause   `json:"cause"`
	Fix    string              `json:"fix"`
	Stores []org.StoreNumber   `json:"stores"` // where they belong; none: the communications team only
}

// Unmapped implements trigger.Reports.
func (d *Desk) Unmapped(ctx context.Context) (any, error) {
	survey, err := d.Syncer.Survey(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]unmapped, 0, len(survey.Roster.Unmapped))
	for _, u := range survey.Roster.Unmapped {
		row := unmapped{Worker: u.Worker, Cause: u.Cause, Fix: doctor.FixFor(u.Cause), Stores: []org.StoreNumber{}}
		for _, team := range u.Teams {
			if team.IsStore() {
				row.Stores = append(row.Stores, team.Store)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// extra is somebody in one of our teams whom Commerce never wanted there, or not
// as an owner.
type extra struct {
	Team  org.TeamKey `json:"team"`
	Group org.TeamID  `json:"group"`
	User  org.UserID  `json:"user"`
	Role  string      `json:"role"`
	Why   string      `json:"why"`
}

// Extras implements trigger.Reports.
func (d *Desk) Extras(ctx context.Context) (any, error) {
	survey, err := d.Syncer.Survey(ctx)
	if err != nil {
		return nil, err
	}
	extras := []extra{}
	for _, team := range survey.Roster.Teams {
		found := survey.Found[team.Key]
		for _, person := range plan.Extras(team, found) {
			extras = append(extras, extra{
				Team: team.Key, Group: found.Group, User: person.User, Role: person.Role.String(), Why: whyExtra(team, found, person),
			})
		}
	}
	return extras, nil
}

func whyExtra(team org.Team, found plan.Found, person org.Person) string {
	for _, e := range team.Entries {
		if e.User == person.User {
			return "Commerce wants them as a member; somebody made them an owner"
		}
	}
	if slices.ContainsFunc(found.Managed, func(m org.Managed) bool { return m.User == person.User }) {
		return "Commerce wanted them as a member; somebody made them an owner"
	}
	return "somebody added them; Commerce never wanted them here"
}
