// Package config turns the process's environment into a [Config], or into the
// complete list of what is wrong with it.
//
// It owns the names, defaults and rules of every setting the handler reads
// ([Settings] lists them), and the rules between settings, such as a simulated
// Commerce never writing to a real tenant. It refuses to start half-configured:
// any mistake means no Config at all, and all mistakes are told at once.
//
// The package is pure. It opens nothing, resolves no names and logs nothing,
// and no message of it repeats a value: a value in the wrong place may be a
// secret or somebody's address.
package config

import (
	"net/url"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Config is a set of settings that was accepted as a whole. Addresses have no
// trailing slash, GUIDs and user principal names are in lower case.
type Config struct {
	CommerceURL *url.URL // COMMERCE_URL
	GraphURL    *url.URL // GRAPH_URL, version included
	TenantID    string   // TENANT_ID, a GUID
	ClientID    string   // AZURE_CLIENT_ID, a GUID; empty: the app's only identity
	Mode        Mode     // MODE
	Ledger      Ledger   // LEDGER, TABLES_URL, TABLES_CONNECTION
	Adopt       bool     // ADOPT
	Port        int      // FUNCTIONS_CUSTOMHANDLER_PORT

	// Schedule is ORG_SYNC_SCHEDULE as it was given, for whoever wants to know how
	// often runs come. It is the Functions host's to read: it need not be a cron
	// expression, but may be a %setting% or a time span as well.
	Schedule string

	// Rules are the settings about who belongs where, INSTANCE among them. Its
	// FallbackOwners name at least one user; its MaxCaretakerTeams is positive.
	// Its Blocks are empty: they are an operator's, not a setting's.
	Rules org.Rules

	SnapshotMaxAge     time.Duration // SNAPSHOT_MAX_AGE; zero: every run reads Commerce anew
	TeamPollInterval   time.Duration // TEAM_POLL_INTERVAL
	GroupRetryInterval time.Duration // GROUP_RETRY_INTERVAL
	RunBudget          time.Duration // RUN_BUDGET
	GraphRatePercent   int           // GRAPH_RATE_PERCENT of the published limits, at least 1

	// The safety rails. No percentage is over 100.
	ArchiveAfter          time.Duration // ARCHIVE_AFTER, positive
	SightingInterval      time.Duration // SIGHTING_INTERVAL, positive
	HandsDelay            time.Duration // HANDS_DELAY; zero: at the next run
	MinSource             int           // MIN_SOURCE percent of the last good reading, at least 1
	ErrorBudgetPercent    int           // ERROR_BUDGET_PERCENT of a run's changes, at least 1
	MaxRemovals           int           // MAX_REMOVALS in 24 hours; zero: none
	MaxRemovalPercent     int           // MAX_REMOVAL_PERCENT of all memberships; zero: none
	MaxTeamRemovalPercent int           // MAX_TEAM_REMOVAL_PERCENT of a team's people; zero: none

	Tasks Tasks
	Hints Hints

	Telemetry Telemetry

	// Entities maps a collection's default name to the one this environment
	// publishes it under. Collections that have their default name are not in it.
	Entities map[string]string
}

// Mode says what a run may change.
type Mode string

// The modes this version has.
const (
	ModePlan Mode = "plan" // change nothing
	ModeAdd  Mode = "add"  // create and add; never remove, demote or archive
	ModeFull Mode = "full" // everything, within the safety rails
)

// Ledger says where the ledger is. Exactly one of the fields is set.
type Ledger struct {
	File       string   // path of the ledger's file
	URL        *url.URL // table endpoint, opened with the app's identity
	Connection Secret   // storage connection string, development storage written out
}

// FromEnv reads every setting through getenv, which answers "" for a name that
// is not set, as [os.Getenv] does. Blanks and one pair of quotes around a value
// are ignored, and an empty value counts as not set.
//
// environ is the list [os.Environ] gives. It may be left out: it only serves to
// find ENTITY_ settings that name no collection, which getenv cannot show.
//
// The error is always of type [Mistakes] and holds all of them.
func FromEnv(getenv func(string) string, environ ...string) (Config, error) {
	r := reader{getenv: getenv}
	for _, s := range r.settings() {
		r.read(s)
	}
	r.checkAddresses()
	r.checkPace()
	r.checkLedger()
	r.checkTasks()
	r.checkHints()
	r.checkEntityNames(environ)
	if len(r.mistakes) > 0 {
		return Config{}, r.mistakes.sorted()
	}
	return r.config, nil
}
