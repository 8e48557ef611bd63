package config

import (
	"net/netip"
	"strings"
	"time"
)

// Tasks are the settings about tasks.
type Tasks struct {
	Mode TaskMode // TASK_MODE

	Read    string // TASK_READ, the collection that is read
	Write   string // TASK_WRITE, the collection that is written to; empty: none
	Inserts bool   // TASK_INSERTS: rows can be created in it
	Deletes bool   // TASK_DELETES: rows can be deleted in it

	SendWord           string // SEND_WORD
	BoardTitle         string // BOARD_TITLE
	CampaignBoardTitle string // CAMPAIGN_BOARD_TITLE

	BoardKeep          time.Duration // BOARD_KEEP, positive
	DetailsInterval    time.Duration // DETAILS_INTERVAL, positive
	CommerceInterval   time.Duration // COMMERCE_TASK_INTERVAL, positive
	SweepRate          int           // TASK_SWEEP_RATE, requests to Planner a second, at least 1
	MaxDeletions       int           // MAX_TASK_DELETIONS in 24 hours; zero: none
	MaxDeletionPercent int           // MAX_TASK_DELETION_PERCENT of a campaign's tasks in a store; zero: none

	Bus Bus // with TASK_MODE=off it may say nothing
}

// TaskMode says how tasks are synced.
type TaskMode string

// The modes of tasks.
const (
	TasksOff     TaskMode = "off"     // not at all
	TasksPlanner TaskMode = "planner" // Commerce's own integration is on: tasks are carried to the boards that it linked
	TasksSync    TaskMode = "sync"    // both ways
)

// Bus says which Service Bus namespace is meant. At most one of the fields is
// set.
type Bus struct {
	Connection Secret // ServiceBus
	Namespace  string // ServiceBus__fullyQualifiedNamespace, opened with the app's identity
}

// Given reports whether there is a namespace.
func (b Bus) Given() bool { return b.Connection.Reveal() != "" || b.Namespace != "" }

// taskSettings are about tasks. The two of the Service Bus have the names that
// the Functions host looks for, because function.json calls the connection so.
func (r *reader) taskSettings() []setting {
	t := &r.config.Tasks
	return []setting{
		{Setting{taskModeSetting, "", true, "off, planner or sync",
			"How tasks are synced: `off`; `planner` where Commerce's own integration with Planner is on; `sync` both ways, where it is off."},
			word(&t.Mode, nil, TasksOff, TasksPlanner, TasksSync)},
		{Setting{"TASK_READ", "RetailTaskManagementReports", false, identifierExpected,
			"Collection in Commerce that tasks are read from; with TASK_WRITE given, best the same."},
			identifier(&t.Read)},
		{Setting{taskWriteSetting, "", false, identifierExpected,
			"Collection that tasks are written to: your own public entity with the same keys; empty means that nothing is written to Commerce."},
			identifier(&t.Write)},
		{Setting{taskInsertsSetting, "no", false, "yes or no", "Whether TASK_WRITE takes new tasks."},
			yesNo(&t.Inserts)},
		{Setting{taskDeletesSetting, "no", false, "yes or no", "Whether tasks can be deleted in TASK_WRITE."},
			yesNo(&t.Deletes)},
		{Setting{"BOARD_TITLE", "Store tasks", false, "at most 256 characters", "Title of each store's board in Planner."},
			text(&t.BoardTitle)},
		{Setting{"CAMPAIGN_BOARD_TITLE", "Campaigns", false, "at most 256 characters", "Title of the communications team's board."},
			text(&t.CampaignBoardTitle)},
		{Setting{"SEND_WORD", "Send", false, "at most 256 characters", "Title of the task that sends a list from the communications board."},
			text(&t.SendWord)},
		{Setting{"BOARD_KEEP", "60d", false, "a time such as 60d, at least 1d and at most 365d",
			"How long the tasks of a campaign that is done stay on a board."},
			duration(&t.BoardKeep, day, 365*day)},
		{Setting{"DETAILS_INTERVAL", "1h", false, "a time such as 1h, over 0s and at most 24h",
			"How long what a board's listing does not show, such as notes and checklists, is taken for unchanged."},
			duration(&t.DetailsInterval, 1, day)},
		{Setting{"COMMERCE_TASK_INTERVAL", "5m", false, "a time such as 5m, at least 1s and at most 24h",
			"How often Commerce is asked for all tasks."},
			duration(&t.CommerceInterval, time.Second, day)},
		{Setting{"MAX_TASK_DELETIONS", "200", false, "a whole number from 0 to 1000000",
			"How many tasks may be deleted in any 24 hours because they are gone on the other side."},
			number(&t.MaxDeletions, 0, maxRemovals)},
		{Setting{"MAX_TASK_DELETION_PERCENT", "50", false, "a whole number from 0 to 100",
			"The same as a percentage of a campaign's tasks in one store, from 5 tasks on."},
			number(&t.MaxDeletionPercent, 0, 100)},
		{Setting{"TASK_SWEEP_RATE", "20", false, "a whole number from 1 to 1000", "Requests to Planner a second, each board that is listed counted; Planner's own limits are not published."},
			number(&t.SweepRate, 1, 1000)},
		{Setting{"TASK_SWEEP_SCHEDULE", "", true, "a cron expression of six fields, e.g. 0 * * * * *",
			"When TaskSweep runs, best every minute; the Functions host reads it and leaves the function out when it is missing."},
			func(string) error { return nil }},
		{Setting{busSetting, "", false, "a Service Bus connection string with Endpoint, SharedAccessKeyName and SharedAccessKey",
			"Connection string of the Service Bus namespace, for local use."},
			busConnection(&t.Bus.Connection)},
		{Setting{namespaceSetting, "", false, "a Service Bus namespace's host name, e.g. contoso.servicebus.windows.net",
			"Service Bus namespace with the queues task-hints, org-hints and commerce-events, opened with the app's identity. This or ServiceBus is needed unless TASK_MODE is off and NOTIFICATION_URL empty."},
			hostName(&t.Bus.Namespace)},
	}
}

const identifierExpected = "the public name of a data entity: letters, digits and _"

func identifier(into *string) func(string) error {
	return func(value string) error {
		if len(value) > 128 || strings.ContainsFunc(value, notIdentifier) {
			return errExpected
		}
		*into = value
		return nil
	}
}

func hostName(into *string) func(string) error {
	return func(value string) error {
		lower := strings.ToLower(value)
		notHost := func(c rune) bool { return c != '-' && c != '.' && (c < 'a' || c > 'z') && (c < '0' || c > '9') }
		if !strings.Contains(lower, ".") || len(lower) > 253 || strings.ContainsFunc(lower, notHost) {
			return errExpected
		}
		*into = lower
		return nil
	}
}

// busConnection reads a connection string that sends its key to nobody but a
// namespace over TLS, or to this machine.
func busConnection(into *Secret) func(string) error {
	return func(value string) error {
		parts := map[string]string{}
		for part := range strings.SplitSeq(strings.TrimRight(value, ";"), ";") {
			key, content, found := strings.Cut(part, "=")
			if !found {
				return errExpected
			}
			parts[strings.ToLower(strings.TrimSpace(key))] = content
		}
		host, isBus := strings.CutPrefix(parts["endpoint"], "sb://")
		host = strings.TrimRight(host, "/")
		switch emulator := strings.EqualFold(parts["usedevelopmentemulator"], "true"); {
		case !isBus || host == "" || parts["sharedaccesskeyname"] == "" || parts["sharedaccesskey"] == "":
			return errExpected
		case emulator && !isLoopbackHost(host):
			return refusal("UseDevelopmentEmulator with an address that is not this machine's")
		}
		*into = Secret{value}
		return nil
	}
}

func isLoopbackHost(hostAndPort string) bool {
	if at, err := netip.ParseAddrPort(hostAndPort); err == nil {
		return at.Addr().IsLoopback()
	}
	if at, err := netip.ParseAddr(strings.Trim(hostAndPort, "[]")); err == nil {
		return at.IsLoopback()
	}
	host, _, _ := strings.Cut(hostAndPort, ":")
	return strings.EqualFold(host, "localhost")
}

// checkTasks tells what tasks need beyond what each setting says. Whether
// TASK_MODE=sync without TASK_WRITE makes sense is doctor's to say: everything
// but the way back works.
func (r *reader) checkTasks() {
	t := r.config.Tasks
	if t.Write == "" && !r.mistakes.about(taskWriteSetting) {
		for name, given := range map[string]bool{taskInsertsSetting: t.Inserts, taskDeletesSetting: t.Deletes} {
			if given {
				r.wrong(name, "expected no while TASK_WRITE is not set")
			}
		}
	}
	hasConnection, hasNamespace := r.value(busSetting) != "", r.value(namespaceSetting) != ""
	switch {
	case r.mistakes.about(busSetting) || r.mistakes.about(namespaceSetting):
	case hasConnection && hasNamespace:
		r.wrong(namespaceSetting, "expected only one of ServiceBus and ServiceBus__fullyQualifiedNamespace to be set")
	case r.mistakes.about(taskModeSetting) || t.Mode == TasksOff:
	case !hasConnection && !hasNamespace:
		r.wrong(namespaceSetting, "not set, expected a Service Bus namespace here, or ServiceBus, as TASK_MODE is not off")
	}
}
