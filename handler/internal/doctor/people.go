package doctor

import (
	"fmt"
	"maps"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// causes are the causes there are, those that people can do most about first.
func causes() []org.UnmappedCause {
	return []org.UnmappedCause{
		org.NoIdentity, org.BadIdentity, org.NotInTenant, org.Disabled, org.Unclear, org.Unlicensed, org.GuestUser,
	}
}

// FixFor says in one sentence what to do about a worker who cannot be added for
// that cause.
func FixFor(cause org.UnmappedCause) string {
	switch cause {
	case org.NoIdentity:
		return "link the worker to their Entra account in Commerce: under Retail and Commerce > Employees > Workers by Associate existing identity, " +
			"or by a user under System administration > Users whose person is the worker"
	case org.BadIdentity:
		return "associate the worker's Entra account anew under Retail and Commerce > Employees > Workers in Commerce: the object id recorded is not a GUID"
	case org.NotInTenant:
		return "link the worker in Commerce to an account of the tenant that TENANT_ID names: the one recorded is of another, or was deleted"
	case org.Disabled:
		return "enable the account in Entra, or end the employment in Commerce if the worker has left"
	case org.Unclear:
		return "give the app's identity the application permission User.Read.All in Microsoft Graph: without it the tenant does not say whether the account is enabled"
	case org.Unlicensed:
		return "assign the account a licence with Microsoft Teams, and turn its Teams service plan on"
	case org.GuestUser:
		return "link the worker to an account that is no guest, or set ALLOW_GUESTS=yes"
	}
	return "look at the worker with `explain --worker`"
}

// onPeople says who belongs somewhere and cannot be there, by cause, and how
// many are there and do not belong.
func (s *signs) onPeople() []Finding {
	if findings := s.unread(); findings != nil {
		return findings
	}
	counts := map[org.UnmappedCause]int{}
	for _, u := range s.survey.Roster.Unmapped {
		counts[u.Cause]++
	}
	mapped := s.mapped()
	var found []Finding
	tell := func(cause org.UnmappedCause, n int) {
		f := note(string(cause), fmt.Sprintf("%s cannot be added: %s", count(n, "worker", "workers"), cause), FixFor(cause)+" (`unmapped` lists them)")
		if n > mapped { // a few is life, most is a mistake
			f.Level = Wrong
		}
		found = append(found, f)
	}
	for _, cause := range slices.Concat(causes(), slices.Sorted(maps.Keys(counts))) {
		if n := counts[cause]; n > 0 {
			tell(cause, n)
		}
		delete(counts, cause)
	}
	if n := s.extras(); n > 0 {
		found = append(found, note("extras", count(n, "membership is", "memberships are")+" nobody's doing in Commerce, and stay",
			"look at `extras`, and take out by hand in Teams, or with `block`, who should not be there"))
	}
	return found
}

// mapped is how many workers are wanted in some team with their account.
func (s *signs) mapped() int {
	workers := map[org.PersonnelNumber]bool{}
	for _, team := range s.survey.Roster.Teams {
		for _, e := range team.Entries {
			if e.Worker != "" && !e.StayOnly {
				workers[e.Worker] = true
			}
		}
	}
	return len(workers)
}

func (s *signs) extras() int {
	n := 0
	for _, team := range s.survey.Roster.Teams {
		n += len(plan.Extras(team, s.survey.Found[team.Key]))
	}
	return n
}
