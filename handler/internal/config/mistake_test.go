package config_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/config"
)

const (
	expectedCommerce = "expected the environment's address, e.g. https://contoso.operations.dynamics.com (http only on a loopback address, no user, query or fragment)"
	expectedOwners   = "expected user principal names or object ids, separated by commas"
	expectedTable    = "expected a table endpoint, e.g. https://account.table.core.windows.net (http only on a loopback address, no user, query or fragment)"
	expectedStorage  = "expected UseDevelopmentStorage=true, or a storage connection string with AccountName and AccountKey, and https unless loopback"
	expectedTemplate = "expected at most 256 characters with {name}, {number} or both, and no other braces"
	expectedPoll     = "expected a time such as 35s, over 30s (shorter only with a loopback GRAPH_URL) and at most 10m"
	tooEager         = "expected more than 30s, as Microsoft asks, unless GRAPH_URL is a loopback address"
	tooSoon          = "expected at least 5m, unless GRAPH_URL is a loopback address"
	expectedSighting = "expected a time such as 15m, at least 5m (shorter only with a loopback GRAPH_URL) and at most 24h"
	expectedArchive  = "expected a time such as 30d or 720h, over 0s and at most 365d"
	expectedHands    = "expected a time such as 1h, at least 30m (shorter only with a loopback GRAPH_URL) and at most 7d"
	from1            = "expected a whole number from 1 to 100"
	from0            = "expected a whole number from 0 to 100"
	tooFast          = "expected at most 100, the published limits, unless GRAPH_URL is a loopback address"
	expectedLedger   = "not set, expected tables with TABLES_URL or TABLES_CONNECTION, or file:PATH"
	garbled          = "has control characters or is not UTF-8, expected "
)

// TestFromEnvMistakes sets one thing wrong at a time.
func TestFromEnvMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, value, problem string }{
		{"COMMERCE_URL", "", "not set, " + expectedCommerce},
		{"COMMERCE_URL", "contoso.operations.dynamics.com", expectedCommerce},
		{"COMMERCE_URL", "https://", expectedCommerce},
		{"COMMERCE_URL", "https:contoso.com", expectedCommerce},
		{"COMMERCE_URL", "ftp://contoso.com", expectedCommerce},
		{"COMMERCE_URL", "http://contoso.com", expectedCommerce},
		{"COMMERCE_URL", "https://kim:pw@contoso.com", expectedCommerce},
		{"COMMERCE_URL", "https://contoso.com?", expectedCommerce},
		{"COMMERCE_URL", "https://contoso.com/?cross-company=true", expectedCommerce},
		{"COMMERCE_URL", "https://contoso.com/#x", expectedCommerce},
		{"COMMERCE_URL", "https://contoso.com:0", expectedCommerce},
		{"COMMERCE_URL", "https://contoso.com:65536", expectedCommerce},
		{"COMMERCE_URL", "https://<environment>.operations.dynamics.com", expectedCommerce},
		{"COMMERCE_URL", "https://con toso.com", expectedCommerce},
		{"COMMERCE_URL", "https://contoso.com/\x00", garbled + expectedCommerce[len("expected "):]},
		{"TABLES_URL", "https://account.table.core.windows.net/?sv=1&sig=x", expectedTable},
		{"TENANT_ID", "", "not set, expected the Entra tenant's id, a GUID"},
		{"TENANT_ID", "contoso.com", "expected the Entra tenant's id, a GUID"},
		{"TENANT_ID", "00000000-0000-0000-0000-000000000000", "expected the Entra tenant's id, a GUID"},
		{"AZURE_CLIENT_ID", "storeteams", "expected the client id of a user-assigned managed identity, a GUID"},
		{"INSTANCE", "", "not set, expected 1 to 12 lower-case letters and digits, e.g. prod"},
		{"INSTANCE", "Prod", "expected 1 to 12 lower-case letters and digits, e.g. prod"},
		{"INSTANCE", "prod-1", "expected 1 to 12 lower-case letters and digits, e.g. prod"},
		{"INSTANCE", "abcdefghijklm", "expected 1 to 12 lower-case letters and digits, e.g. prod"},
		{"MODE", "", "not set, expected plan, add or full"},
		{"MODE", "remove", "expected plan, add or full"},
		{"TASK_MODE", "", "not set, expected off, planner or sync"},
		{"TASK_MODE", "on", "expected off, planner or sync"},
		{"LEDGER", "", expectedLedger},
		{"LEDGER", "table", "expected tables or file:PATH"},
		{"LEDGER", "file:", "expected tables or file:PATH"},
		{"LEDGER", "file:///tmp/ledger.db", "expected tables or file:PATH"},
		{"SCOPE", " , ,", "expected store numbers or names of hierarchy nodes, separated by commas"},
		{"HIERARCHY", strings.Repeat("h", 257), "expected the name of an organization hierarchy"},
		{"TEAM_NAME", "Store", expectedTemplate},
		{"TEAM_NAME", "{name} {city}", expectedTemplate},
		{"TEAM_NAME", "{name", expectedTemplate},
		{"TEAM_NAME", "{name}}", expectedTemplate},
		{"TEAM_NAME", "{Name}", expectedTemplate},
		{"TEAM_NAME", "{name}" + strings.Repeat("x", 251), expectedTemplate},
		{"TEAM_NAME", "{name}\n{number}", garbled + expectedTemplate[len("expected "):]},
		{"COMMUNICATIONS_TEAM_NAME", strings.Repeat("𝄞", 129), "expected at most 256 characters"},
		{"COMMUNICATIONS_TEAM_NAME", "a\xff", garbled + "at most 256 characters"},
		{"FALLBACK_OWNERS", "", "not set, " + expectedOwners},
		{"FALLBACK_OWNERS", ",", expectedOwners},
		{"FALLBACK_OWNERS", "kim@contoso.com,Kim Lee,@contoso.com,lee@contoso.com,a@b@c.de", "wrong at entry 2, 3, 5, " + expectedOwners},
		{"FALLBACK_OWNERS", "kim@contoso", "wrong at entry 1, " + expectedOwners},
		{"FALLBACK_OWNERS", "kim@contoso..com", "wrong at entry 1, " + expectedOwners},
		{"FALLBACK_OWNERS", "Kim <kim@contoso.com>", "wrong at entry 1, " + expectedOwners},
		{"COMMUNICATIONS_OWNERS", "00000000-0000-0000-0000-000000000000", "wrong at entry 1, " + expectedOwners},
		{"MANAGER_RULE", "title", "expected auto, unit, department or store"},
		{"MANAGER_TITLES", ",,", "expected position titles, separated by commas"},
		{"ALLOW_GUESTS", "true", "expected yes or no"},
		{"ADOPT", "1", "expected yes or no"},
		{"MAX_CARETAKER_TEAMS", "0", "expected a whole number from 1 to 1000"},
		{"MAX_CARETAKER_TEAMS", "1001", "expected a whole number from 1 to 1000"},
		{"MAX_CARETAKER_TEAMS", "2.5", "expected a whole number from 1 to 1000"},
		{"PROTECTED_USERS", "Kim", "wrong at entry 1, " + expectedOwners},
		{"PROTECTED_USERS", ",", expectedOwners},
		{"CLOSED_STORES", ", ,", "expected store numbers, separated by commas"},
		{"ARCHIVE_AFTER", "30", "a number without a unit, " + expectedArchive},
		{"ARCHIVE_AFTER", "0", expectedArchive}, // somebody may mean never, somebody at once
		{"ARCHIVE_AFTER", "0d", expectedArchive},
		{"ARCHIVE_AFTER", "d", expectedArchive},
		{"ARCHIVE_AFTER", "-1d", expectedArchive},
		{"ARCHIVE_AFTER", "+1d", expectedArchive},
		{"ARCHIVE_AFTER", "1.5d", expectedArchive},
		{"ARCHIVE_AFTER", "1d1d", expectedArchive},
		{"ARCHIVE_AFTER", "2d-1h", expectedArchive},
		{"ARCHIVE_AFTER", "2d+1h", expectedArchive},
		{"ARCHIVE_AFTER", "30 days", expectedArchive},
		{"ARCHIVE_AFTER", "12h1d", expectedArchive},
		{"ARCHIVE_AFTER", "365d1s", expectedArchive},
		{"ARCHIVE_AFTER", "213504d", expectedArchive}, // 25 minutes, if it overflowed
		{"HANDS_DELAY", "-1h", expectedHands},
		{"HANDS_DELAY", "8d", expectedHands},
		{"HANDS_DELAY", "29m", "expected at least 30m, unless GRAPH_URL is a loopback address"},
		{"SIGHTING_INTERVAL", "0s", expectedSighting},
		{"SIGHTING_INTERVAL", "25h", expectedSighting},
		{"SIGHTING_INTERVAL", "4m59s", tooSoon},
		{"MIN_SOURCE", "0", from1},
		{"MIN_SOURCE", "101", from1},
		{"MIN_SOURCE", "80%", from1},
		{"MAX_REMOVALS", "-1", "expected a whole number from 0 to 1000000"},
		{"MAX_REMOVALS", "1000001", "expected a whole number from 0 to 1000000"},
		{"MAX_REMOVALS", "many", "expected a whole number from 0 to 1000000"},
		{"MAX_REMOVAL_PERCENT", "-1", from0},
		{"MAX_REMOVAL_PERCENT", "101", from0},
		{"MAX_TEAM_REMOVAL_PERCENT", "101", from0},
		{"MAX_TEAM_REMOVAL_PERCENT", "0.5", from0},
		{"ERROR_BUDGET_PERCENT", "0", from1},
		{"ERROR_BUDGET_PERCENT", "101", from1},
		{"SNAPSHOT_MAX_AGE", "3600", "a number without a unit, expected a time such as 90s or 1h, from 0s to 24h"},
		{"SNAPSHOT_MAX_AGE", "1 hour", "expected a time such as 90s or 1h, from 0s to 24h"},
		{"SNAPSHOT_MAX_AGE", "-1s", "expected a time such as 90s or 1h, from 0s to 24h"},
		{"SNAPSHOT_MAX_AGE", "25h", "expected a time such as 90s or 1h, from 0s to 24h"},
		{"RUN_BUDGET", "0", "expected a time such as 90s or 10m, over 0s and at most 25m"},
		{"RUN_BUDGET", "25m1s", "expected a time such as 90s or 10m, over 0s and at most 25m"},
		{"TEAM_POLL_INTERVAL", "30s", tooEager},
		{"TEAM_POLL_INTERVAL", "0s", expectedPoll},
		{"TEAM_POLL_INTERVAL", "soon", expectedPoll},
		{"GROUP_RETRY_INTERVAL", "0s", "expected a time such as 10s, over 0s and at most 10m"},
		{"GRAPH_RATE_PERCENT", "0", "expected a whole number from 1 to 100 (up to 100000 only with a loopback GRAPH_URL)"},
		{"GRAPH_RATE_PERCENT", "50%", "expected a whole number from 1 to 100 (up to 100000 only with a loopback GRAPH_URL)"},
		{"GRAPH_RATE_PERCENT", "101", tooFast},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.contoso.com", "expected a collector's address, e.g. https://collector.contoso.com:4318 (http only on a loopback address, no user, query or fragment)"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "key", "expected name=value pairs, separated by commas"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a b=c", "expected name=value pairs, separated by commas"},
		{"ORG_SYNC_SCHEDULE", " ", "not set, expected a cron expression of six fields, e.g. 0 */15 * * * *"},
		{"FUNCTIONS_CUSTOMHANDLER_PORT", "0", "expected a port from 1 to 65535"},
		{"FUNCTIONS_CUSTOMHANDLER_PORT", "65536", "expected a port from 1 to 65535"},
		{"ENTITY_RETAILSTAFF", "My Staff", "expected the public name of a data entity: letters, digits and _"},
		{"ENTITY_RETAILSTAFF", "RetailStaff?$top=1", "expected the public name of a data entity: letters, digits and _"},
	} {
		t.Run(fmt.Sprintf("%s=%.40q", tc.name, tc.value), func(t *testing.T) {
			t.Parallel()
			e := fewest().with(tc.name, tc.value)
			if tc.name == "TABLES_URL" {
				e["LEDGER"] = ""
			}
			if got, want := mistakes(t, e), (config.Mistakes{{Setting: tc.name, Problem: tc.problem}}); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

func TestFromEnvLedgerMistakes(t *testing.T) {
	t.Parallel()
	const endpoint, storage = "https://account.table.core.windows.net", "UseDevelopmentStorage=true"
	beside := config.Mistakes{{Setting: "LEDGER", Problem: "expected tables, or neither TABLES_URL nor TABLES_CONNECTION beside file:PATH"}}
	both := config.Mistake{Setting: "TABLES_CONNECTION", Problem: "expected only one of TABLES_CONNECTION and TABLES_URL to be set"}
	badStorage := config.Mistake{Setting: "TABLES_CONNECTION", Problem: expectedStorage}
	for _, tc := range []struct {
		ledger, url, connection string
		want                    config.Mistakes
	}{
		{"tables", "", "", config.Mistakes{{Setting: "TABLES_URL", Problem: "not set, expected a table endpoint here or TABLES_CONNECTION, as LEDGER is tables"}}},
		{"tables", endpoint, storage, config.Mistakes{both}},
		{"", endpoint, storage, config.Mistakes{both}},
		{"", "http://contoso.com", "key", config.Mistakes{badStorage, both, {Setting: "TABLES_URL", Problem: expectedTable}}},
		{"file:ledger.db", endpoint, "", beside},
		{"file:ledger.db", "", storage, beside},
		{"", "", "AccountName=a;AccountKey=", config.Mistakes{badStorage}},
		{"", "", "AccountName=a;AccountKey=%%%", config.Mistakes{badStorage}},
		{"", "", "AccountKey=a2V5", config.Mistakes{badStorage}},
		{"", "", "AccountName=a;AccountKey=a2V5;hello", config.Mistakes{badStorage}},
		{"", "", "AccountName=a;AccountKey=a2V5;DefaultEndpointsProtocol=http", config.Mistakes{badStorage}},
		{"", "", "AccountName=a;AccountKey=a2V5;TableEndpoint=http://contoso.com", config.Mistakes{badStorage}},
	} {
		t.Run(fmt.Sprintf("%s|%s|%s", tc.ledger, tc.url, tc.connection), func(t *testing.T) {
			t.Parallel()
			got := mistakes(t, fewest().with("LEDGER", tc.ledger, "TABLES_URL", tc.url, "TABLES_CONNECTION", tc.connection))
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %v\nwant %v", got, tc.want)
			}
		})
	}
}

func TestFromEnvUnknownCollection(t *testing.T) {
	t.Parallel()
	environ := []string{"ENTITY_RETAILSTAF=Mine", "ENTITY_WORKERS=Mine", "ENTITY_EMPTY=", "ENTITY_B\nAD=x", "PATH=/bin", "ENTITY_RetailStaff=Mine"}
	got := mistakes(t, fewest(), environ...)
	var names []string
	for _, m := range got {
		names = append(names, m.Setting)
		if !strings.Contains(m.Problem, "names no collection, expected one of ENTITY_RETAILSTORES, ") {
			t.Errorf("%s: known names are missing: %s", m.Setting, m.Problem)
		}
	}
	if want := []string{"ENTITY_B?AD", "ENTITY_RETAILSTAF", "ENTITY_RetailStaff"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	if _, err := config.FromEnv(fewest().get, "ENTITY_WORKERS=Mine", "ENTITYX=1"); err != nil {
		t.Errorf("known names are refused: %v", err)
	}
}

// TestFromEnvEverythingWrongAtOnce sets every setting wrong that can be.
func TestFromEnvEverythingWrongAtOnce(t *testing.T) {
	t.Parallel()
	e := env{}
	for _, s := range config.Settings() {
		e[s.Name] = "<?>"
	}
	e["FUNCTIONS_CUSTOMHANDLER_PORT"] = "<?>"
	for _, name := range []string{"SCOPE", "MANAGER_TITLES", "CLOSED_STORES"} {
		e[name] = ","
	}
	for _, name := range []string{"HIERARCHY", "COMMUNICATIONS_TEAM_NAME", "COMMUNICATIONS_ROLE", "BOARD_TITLE", "CAMPAIGN_BOARD_TITLE", "SEND_WORD"} {
		e[name] = strings.Repeat("x", 257)
	}
	for _, schedule := range []string{"ORG_SYNC_SCHEDULE", "TASK_SWEEP_SCHEDULE", "SUBSCRIPTION_SCHEDULE"} {
		delete(e, schedule) // whose only mistake is to be missing
	}
	var want []string
	for _, s := range config.Settings() {
		want = append(want, s.Name)
	}
	want = append(want, "FUNCTIONS_CUSTOMHANDLER_PORT")
	slices.Sort(want)

	got := mistakes(t, e)
	var names []string
	for _, m := range got {
		names = append(names, m.Setting)
	}
	if !slices.Equal(names, want) {
		t.Errorf("settings named %q\nwant %q", names, want)
	}
	if line := got.Error(); strings.ContainsAny(line, "\n\r") || !strings.HasPrefix(line, fmt.Sprintf("%d mistakes in the settings: ADOPT: expected yes or no; ", len(want))) {
		t.Errorf("not one line that begins as it should: %s", line)
	}
}

func TestMistakesOfNothingSet(t *testing.T) {
	t.Parallel()
	_, err := config.FromEnv(env{}.get)
	const want = "10 mistakes in the settings: COMMERCE_URL: not set, " + expectedCommerce +
		"; FALLBACK_OWNERS: not set, " + expectedOwners +
		"; INSTANCE: not set, expected 1 to 12 lower-case letters and digits, e.g. prod" +
		"; LEDGER: " + expectedLedger +
		"; MODE: not set, expected plan, add or full" +
		"; ORG_SYNC_SCHEDULE: not set, expected a cron expression of six fields, e.g. 0 */15 * * * *" +
		"; SUBSCRIPTION_SCHEDULE: not set, expected a cron expression of six fields, e.g. 0 5/15 * * * *" +
		"; TASK_MODE: not set, expected off, planner or sync" +
		"; TASK_SWEEP_SCHEDULE: not set, expected a cron expression of six fields, e.g. 0 * * * * *" +
		"; TENANT_ID: not set, expected the Entra tenant's id, a GUID"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	one := config.Mistakes{{Setting: "MODE", Problem: "expected plan, add or full"}}
	if got := one.Error(); got != "1 mistake in the settings: MODE: expected plan, add or full" {
		t.Errorf("one mistake reads %q", got)
	}
}
