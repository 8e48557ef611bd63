package config

import "time"

// maxRemovals is far above what anybody would allow in a day, and far below
// what a multiple of it could overflow.
const maxRemovals = 1_000_000

const day = 24 * time.Hour

// leaveSettings are about who leaves, and how long storeteams waits to believe it.
func (r *reader) leaveSettings() []setting {
	c := &r.config
	return []setting{
		{Setting{"PROTECTED_USERS", "", false, "user principal names or object ids, separated by commas",
			"Users who are never removed from a team and never demoted."},
			accounts(&c.Rules.ProtectedUsers)},
		{Setting{"CLOSED_STORES", "", false, "store numbers, separated by commas",
			"Stores that count as closed although Commerce still has them; empty means none."},
			list(&c.Rules.ClosedStores)},
		{Setting{"ARCHIVE_AFTER", "30d", false, "a time such as 30d or 720h, over 0s and at most 365d",
			"How long after its store closed a team is archived."},
			duration(&c.ArchiveAfter, 1, 365*day)},
		{Setting{handsSetting, "1h", false, "a time such as 1h, at least 30m (shorter only with a loopback GRAPH_URL) and at most 7d",
			"How long somebody whom a person took out of a team, and whom Commerce wants there, stays out."},
			duration(&c.HandsDelay, 0, 7*day)},
		{Setting{sightingSetting, "15m", false, "a time such as 15m, at least 5m (shorter only with a loopback GRAPH_URL) and at most 24h",
			"Least time between the two complete readings of Commerce that must both lack a row before its absence removes anybody."},
			duration(&c.SightingInterval, 1, day)},
	}
}

// capSettings are the amounts from which on a run stops and asks.
func (r *reader) capSettings() []setting {
	c := &r.config
	const fromZero, fromOne = "a whole number from 0 to 100", "a whole number from 1 to 100"
	return []setting{
		{Setting{"MIN_SOURCE", "80", false, fromOne,
			"Percent of the last good reading's rows below which a collection counts as not read: nothing missing from it removes anybody."},
			number(&c.MinSource, 1, 100)},
		{Setting{"MAX_REMOVALS", "100", false, "a whole number from 0 to 1000000",
			"How many removals by absence any 24 hours may have; one more and all of them are held."},
			number(&c.MaxRemovals, 0, maxRemovals)},
		{Setting{"MAX_REMOVAL_PERCENT", "5", false, fromZero,
			"The same as a percentage of all memberships."},
			number(&c.MaxRemovalPercent, 0, 100)},
		{Setting{"MAX_TEAM_REMOVAL_PERCENT", "50", false, fromZero,
			"The same for each team, as a percentage of its people; ignored in teams of fewer than 5."},
			number(&c.MaxTeamRemovalPercent, 0, 100)},
		{Setting{"ERROR_BUDGET_PERCENT", "20", false, fromOne,
			"Percent of a run's changes that may fail before the run stops and the next ones go slower."},
			number(&c.ErrorBudgetPercent, 1, 100)},
	}
}
