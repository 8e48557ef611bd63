package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// onIntegration looks for Commerce's own integration with Teams. It writes a row
// of IntegrationSourceMappings for each team it makes; storeteams writes none.
// It makes teams and adds members too, and with its task integration on the POS
// reads Planner by itself.
func (s *signs) onIntegration() []Finding {
	if findings := s.unsurveyed(); findings != nil {
		return findings
	}
	n := s.mappedStores()
	if n == 0 {
		return []Finding{fine("TASK_MODE", "Commerce maps no store to a team: its own integration with Teams has made none")}
	}
	if s.settings.Tasks.Mode == config.TasksSync {
		return []Finding{wrong("TASK_MODE",
			fmt.Sprintf("TASK_MODE=sync, and Commerce maps %s to teams: with its own integration on, both would write the same tasks", count(n, "store", "stores")),
			"switch Task management integration off in Commerce, or set TASK_MODE=planner; where it is off, delete the old rows of IntegrationSourceMappings")}
	}
	adopted := "ADOPT=yes takes these teams over"
	if !s.settings.Adopt {
		adopted = "ADOPT=no takes each of these teams over once a person allows it"
	}
	return []Finding{note("IntegrationSourceMappings",
		fmt.Sprintf("Commerce maps %s to teams, so its own integration with Teams is or was at work; %s, and TASK_MODE=%s leaves its tasks alone",
			count(n, "store", "stores"), adopted, s.settings.Tasks.Mode),
		"stop the batch jobs of Provision teams and of Sync teams and members in Commerce under Retail and Commerce > Channel setup > Microsoft Teams integration, "+
			"so that only storeteams changes members; TASK_MODE=sync is for where Task management integration is off there")}
}

// mappedStores counts the stores that Commerce maps to a team.
func (s *signs) mappedStores() int {
	stores := map[string]bool{}
	for _, m := range s.survey.Snapshot.Mappings {
		if strings.EqualFold(m.SourceType, "RetailStore") && m.SourceID != "" && m.Team != "" {
			stores[org.StoreNumber(m.SourceID).Folded()] = true
		}
	}
	return len(stores)
}

// waitingForAdoption lists the stores whose mapping waits for a person.
func (s *signs) waitingForAdoption() []org.StoreNumber {
	var stores []org.StoreNumber
	for _, halt := range s.survey.Plan.Held {
		if halt.Rail == plan.RailAdoption && !slices.Contains(stores, halt.Team.Store) {
			stores = append(stores, halt.Team.Store)
		}
	}
	return stores
}
