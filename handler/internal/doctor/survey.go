package doctor

import (
	"github.com/storeteams/storeteams/handler/internal/fault"
)

const waitForRun = "wait for OrgSync, or start a run with `run`"

// unsurveyed is the one finding of a check that needs a survey when there is
// none; nil when there is.
func (s *signs) unsurveyed() []Finding {
	switch {
	case s.surveyErr == nil && s.survey != nil:
		return nil
	case fault.Is(s.surveyErr, fault.NotFound):
		return []Finding{note("", "no run has read Commerce yet", waitForRun)}
	}
	return []Finding{unknown("what the last run knew could not be read", "cure what the check tables says, and "+again)}
}

// unread is unsurveyed for a check that needs the tenant read as well. The first
// run that may not read the tenant has read Commerce, and knows no user at all:
// it is not Commerce's or a setting's fault then that nobody has an account.
func (s *signs) unread() []Finding {
	if findings := s.unsurveyed(); findings != nil {
		return findings
	}
	if len(s.survey.Groups) > 0 {
		return nil
	}
	for _, team := range s.survey.Roster.Teams {
		if len(team.Entries) > 0 {
			return nil
		}
	}
	return []Finding{unknown("no run has read the tenant yet, or none of its users is known to Commerce",
		"cure what the checks graph and runs say, and check TENANT_ID")}
}
