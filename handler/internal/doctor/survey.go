package doctor

import (
	"fmt"

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
	case s.late:
		return []Finding{s.tooLate()}
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

// tooLate is the finding that the survey ran out of time, which says nothing bad
// of the ledger: there may be much to read, or a run that it waits for.
func (s *signs) tooLate() Finding {
	return unknown(fmt.Sprintf("what the last run knew was not read within %s: a run is under way, or there is much to read", brief(surveyPatience)),
		"run `doctor` again later, or look at `plan`, which may take longer")
}
