package tasksync

import (
	"github.com/storeteams/storeteams/handler/internal/task"
)

// fewTasks is how many tasks of a campaign there have to be for a percentage of
// them to say anything.
const fewTasks = 5

// tally counts, of a campaign's tasks in the store, those whose absence would
// delete them on the other side, and those that are absent.
type tally struct{ had, gone int }

// much reports whether that many are gone at once is less likely than that the
// reading, or somebody's hand, was wrong.
func (t tally) much(percent int) bool {
	all := t.gone == t.had && t.gone >= 2
	return all || t.had >= fewTasks && t.gone*100 > t.had*percent
}

// watch holds the campaigns of which much is gone at once, until a person allows
// what follows from it. A store of which all is gone is much in every campaign.
func (v *visit) watch() {
	tallies := map[string]tally{}
	var store tally
	for i := range v.row.Entries {
		e := &v.row.Entries[i]
		gone, counts := v.wouldGo(e)
		if !counts {
			continue
		}
		t := tallies[e.Campaign]
		t.had, store.had = t.had+1, store.had+1
		if gone {
			t.gone, store.gone = t.gone+1, store.gone+1
		}
		tallies[e.Campaign] = t
	}
	everything := store.much(100)
	for campaign, t := range tallies {
		switch {
		case t.gone > 0 && (everything || t.much(v.settings.MaxDeletionPercent)) && !v.allowed(campaign):
			v.hold(campaign, "Many tasks are gone at once. Nothing is deleted on the other side until a person allows it.")
		default:
			v.release(campaign)
		}
	}
	for _, held := range v.heldCampaigns() {
		if _, still := tallies[held]; !still {
			v.release(held)
		}
	}
}

// heldCampaigns returns the campaigns that are held, a copy.
func (v *visit) heldCampaigns() (campaigns []string) {
	for _, held := range v.row.Held {
		if held != task.BoardHold {
			campaigns = append(campaigns, held)
		}
	}
	return campaigns
}

// wouldGo reports whether a task is missing where that would delete it on the
// other side. Those that stay whatever happens do not count.
func (v *visit) wouldGo(e *task.Entry) (gone, counts bool) {
	if e.Planner == "" || e.Home == "" || e.Origin == task.FromList || e.Status == task.Completed {
		return false, false
	}
	_, card := v.cards[e.Planner]
	_, row := v.rows[e.Home]
	switch {
	case !card && !row:
		return false, false // gone on both sides: there is nothing to delete
	case e.Origin == task.FromTeams:
		return !card || !row, true
	default:
		return !row, true
	}
}
