package config

import (
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Setting describes one setting an operator may give. Together they are the
// README's table and the sample's keys.
type Setting struct {
	Name     string
	Default  string // empty: none
	Required bool   // nothing starts without it
	Expected string // what a good value looks like, as mistakes say it
	Meaning  string // one sentence
}

// Settings lists every setting this version reads, in the order to show them
// in. FUNCTIONS_CUSTOMHANDLER_PORT is not among them: the Functions host gives
// it, nobody sets it.
func Settings() []Setting {
	var r reader
	var all []Setting
	for _, s := range r.settings() {
		if s.Name != portSetting {
			all = append(all, s.Setting)
		}
	}
	return all
}

// Names that rules between settings mention.
const (
	commerceSetting   = "COMMERCE_URL"
	graphSetting      = "GRAPH_URL"
	modeSetting       = "MODE"
	ledgerSetting     = "LEDGER"
	tablesURLSetting  = "TABLES_URL"
	connectionSetting = "TABLES_CONNECTION"
	pollSetting       = "TEAM_POLL_INTERVAL"
	rateSetting       = "GRAPH_RATE_PERCENT"
	sightingSetting   = "SIGHTING_INTERVAL"
	handsSetting      = "HANDS_DELAY"
	portSetting       = "FUNCTIONS_CUSTOMHANDLER_PORT"
	entityPrefix      = "ENTITY_"

	taskModeSetting    = "TASK_MODE"
	taskWriteSetting   = "TASK_WRITE"
	taskInsertsSetting = "TASK_INSERTS"
	taskDeletesSetting = "TASK_DELETES"
	busSetting         = "ServiceBus"
	namespaceSetting   = "ServiceBus__fullyQualifiedNamespace"

	notificationSetting = "NOTIFICATION_URL"
	secretsSetting      = "NOTIFICATION_SECRETS"
)

const (
	// maxName is the longest displayName of a group, in characters.
	maxName = 256
	// maxBudget leaves host.json's functionTimeout of 30 minutes room for the
	// changes a run is in the middle of when its budget ends.
	maxBudget = 25 * time.Minute
	// maxTeams is how many teams a person may be in at all.
	maxTeams = 1000
)

// setting is a Setting and what reads its value into the reader.
type setting struct {
	Setting
	read func(value string) error
}

func (r *reader) settings() []setting {
	return slices.Concat(
		r.placeSettings(), r.ledgerSettings(), r.modeSettings(), r.taskSettings(), r.hintSettings(),
		r.teamSettings(), r.peopleSettings(), r.leaveSettings(), r.capSettings(),
		r.paceSettings(), r.hostSettings(), r.telemetrySettings(), r.entitySettings(),
	)
}

func (r *reader) placeSettings() []setting {
	c := &r.config
	return []setting{
		{Setting{commerceSetting, "", true,
			"the environment's address, e.g. https://contoso.operations.dynamics.com (http only on a loopback address, no user, query or fragment)",
			"Address of the Commerce headquarters environment; a loopback address is called with the fixed token `local`."},
			address(&c.CommerceURL)},
		{Setting{graphSetting, "https://graph.microsoft.com/v1.0", false,
			"Graph's address with its version, e.g. https://graph.microsoft.com/v1.0 (http only on a loopback address, no user, query or fragment)",
			"Address of Microsoft Graph; a loopback address is called with the fixed token `local`."},
			address(&c.GraphURL)},
		{Setting{"TENANT_ID", "", true, "the Entra tenant's id, a GUID",
			"Entra tenant the teams are in; identities of other tenants are unmapped."},
			guid(&c.TenantID)},
		{Setting{"AZURE_CLIENT_ID", "", false, "the client id of a user-assigned managed identity, a GUID",
			"User-assigned managed identity to run as; empty means the app's system-assigned one."},
			guid(&c.ClientID)},
		{Setting{"INSTANCE", "", true, "1 to 12 lower-case letters and digits, e.g. prod",
			"Name of this installation, part of every marker, so that a sandbox never takes production's teams."},
			instance(&c.Rules.Instance)},
	}
}

func (r *reader) ledgerSettings() []setting {
	c := &r.config
	return []setting{
		{Setting{ledgerSetting, "", false, "tables or file:PATH",
			"Where the ledger is: `tables` (taken for granted when TABLES_URL or TABLES_CONNECTION is set) or `file:PATH`."},
			ledger(&r.ledger, &c.Ledger.File)},
		{Setting{tablesURLSetting, "", false,
			"a table endpoint, e.g. https://account.table.core.windows.net (http only on a loopback address, no user, query or fragment)",
			"Table endpoint of the ledger, opened with the app's identity."},
			address(&c.Ledger.URL)},
		{Setting{connectionSetting, "", false,
			"UseDevelopmentStorage=true, or a storage connection string with AccountName and AccountKey, and https unless loopback",
			"Storage connection string of the ledger, for local use; give this or TABLES_URL."},
			connection(&c.Ledger.Connection)},
	}
}

func (r *reader) modeSettings() []setting {
	c := &r.config
	return []setting{
		{Setting{modeSetting, "", true, "plan, add or full",
			"What a run may change: `plan` nothing, `add` create and add, `full` also remove, demote and archive, within the safety rails."},
			word(&c.Mode, nil, ModePlan, ModeAdd, ModeFull)},
		{Setting{"SCOPE", "", false, "store numbers or names of hierarchy nodes, separated by commas",
			"Store numbers and hierarchy nodes the run is limited to; empty means every store."},
			list(&c.Rules.Scope)},
		{Setting{"HIERARCHY", "", false, "the name of an organization hierarchy",
			"Organization hierarchy to use; empty means the default one with the purpose RetailReporting."},
			text(&c.Rules.Hierarchy)},
	}
}

func (r *reader) teamSettings() []setting {
	c := &r.config
	return []setting{
		{Setting{"TEAM_NAME", "{name} ({number})", false,
			"at most 256 characters with {name}, {number} or both, and no other braces",
			"Template of a store team's name."},
			template(&c.Rules.TeamName, "{name}", "{number}")},
		{Setting{"COMMUNICATIONS_TEAM_NAME", "Store communications", false, "at most 256 characters",
			"Name of the communications team."},
			text(&c.Rules.CommunicationsTeamName)},
		{Setting{"COMMUNICATIONS_ROLE", "Retail task manager", false, "the name or identifier of a security role",
			"Security role that makes a communications manager."},
			text(&c.Rules.CommunicationsRole)},
		{Setting{"ADOPT", "no", false, "yes or no",
			"Whether teams that Commerce maps to stores are adopted at once; `no` holds each first adoption for a person."},
			yesNo(&c.Adopt)},
	}
}

func (r *reader) peopleSettings() []setting {
	c := &r.config
	return []setting{
		{Setting{"FALLBACK_OWNERS", "", true, "user principal names or object ids, separated by commas",
			"Licensed users who own a team when Commerce names no manager for it."},
			accounts(&c.Rules.FallbackOwners)},
		{Setting{"COMMUNICATIONS_OWNERS", "", false, "user principal names or object ids, separated by commas",
			"Owners of the communications team; empty means the fallback owners."},
			accounts(&c.Rules.CommunicationsOwners)},
		{Setting{"MANAGER_RULE", string(org.RuleAuto), false, "auto, unit, department or store",
			"Which of Commerce's statements make a worker the owner of a store's team."},
			word(&c.Rules.ManagerRule, nil, org.RuleAuto, org.RuleUnit, org.RuleDepartment, org.RuleStore)},
		{Setting{"MANAGER_TITLES", "", false, "position titles, separated by commas",
			"Position titles that make a manager too."},
			list(&c.Rules.ManagerTitles)},
		{Setting{"ALLOW_GUESTS", "no", false, "yes or no",
			"Whether guests may be members; they are never owners."},
			yesNo(&c.Rules.AllowGuests)},
		{Setting{"MAX_CARETAKER_TEAMS", "200", false, "a whole number from 1 to 1000",
			"How many teams one person may own in place of missing managers."},
			number(&c.Rules.MaxCaretakerTeams, 1, maxTeams)},
	}
}

func (r *reader) paceSettings() []setting {
	c := &r.config
	return []setting{
		{Setting{"SNAPSHOT_MAX_AGE", "1h", false, "a time such as 90s or 1h, from 0s to 24h",
			"How old the last full reading of Commerce may be before a run reads it again."},
			duration(&c.SnapshotMaxAge, 0, 24*time.Hour)},
		{Setting{"RUN_BUDGET", "10m", false, "a time such as 90s or 10m, over 0s and at most 25m",
			"Time after which a run begins no further store."},
			duration(&c.RunBudget, 1, maxBudget)},
		{Setting{pollSetting, "35s", false, "a time such as 35s, over 30s (shorter only with a loopback GRAPH_URL) and at most 10m",
			"Pause between two looks at a team being created; Microsoft asks for more than 30 seconds."},
			duration(&c.TeamPollInterval, 1, 10*time.Minute)},
		{Setting{"GROUP_RETRY_INTERVAL", "10s", false, "a time such as 10s, over 0s and at most 10m",
			"Pause before a group too young to become a team is tried again."},
			duration(&c.GroupRetryInterval, 1, 10*time.Minute)},
		{Setting{rateSetting, "50", false, "a whole number from 1 to 100 (up to 100000 only with a loopback GRAPH_URL)",
			"Percent of Microsoft's published limits this process allows itself toward Graph."},
			number(&c.GraphRatePercent, 1, maxLoopbackRate)},
	}
}

func (r *reader) hostSettings() []setting {
	return []setting{
		{Setting{"ORG_SYNC_SCHEDULE", "", true, "a cron expression of six fields, e.g. 0 */15 * * * *",
			"When OrgSync runs; the Functions host reads it and leaves the function out when it is missing."},
			func(value string) error { r.config.Schedule = value; return nil }},
		{Setting{portSetting, "8080", false, "a port from 1 to 65535",
			"Port to listen on, given by the Functions host."},
			number(&r.config.Port, 1, 65535)},
	}
}

func (r *reader) entitySettings() []setting {
	r.config.Entities = map[string]string{}
	all := make([]setting, 0, len(collections))
	for _, name := range collections {
		all = append(all, setting{Setting{entityPrefix + strings.ToUpper(name), name, false,
			"the public name of a data entity: letters, digits and _",
			"Name under which this environment publishes " + name + "."},
			entity(r.config.Entities, name)})
	}
	return all
}

// collections are Commerce's sources under their default names.
var collections = [...]string{
	"RetailStores", "OperatingUnits", "Workers", "RetailChannelWorkers", "Employees",
	"RetailStaff", "PersonUsers", "SystemUsers", "PositionWorkerAssignmentsV2",
	"RetailPositionPosPermissions", "RetailPosPermissionGroups", "PositionsV2",
	"SecurityUserRoleOrganizations", "OrganizationHierarchyPublishedV2",
	"OrganizationHierarchyPurposes", "SecurityUserRoleAssociations", "IntegrationSourceMappings",
}
