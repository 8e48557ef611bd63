package config_test

import (
	"errors"
	"maps"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/notify"
	"github.com/storeteams/storeteams/handler/internal/org"
)

const azurite = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;" +
	"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;" +
	"TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"

// env is an environment. It starts from the fewest settings that are accepted.
type env map[string]string

func fewest() env {
	return env{
		"COMMERCE_URL":      "https://contoso.operations.dynamics.com",
		"TENANT_ID":         "0a1b2c3d-0000-4000-8000-00000000abcd",
		"INSTANCE":          "prod",
		"MODE":              "add",
		"TASK_MODE":         "off",
		"FALLBACK_OWNERS":   "kim@contoso.com",
		"LEDGER":            "file:ledger.db",
		"ORG_SYNC_SCHEDULE": "0 */15 * * * *",

		"TASK_SWEEP_SCHEDULE":   "0 * * * * *",
		"SUBSCRIPTION_SCHEDULE": "0 5/15 * * * *",
	}
}

// with returns a copy with pairs of name and value set over it.
func (e env) with(pairs ...string) env {
	c := maps.Clone(e)
	for i := 0; i < len(pairs); i += 2 {
		c[pairs[i]] = pairs[i+1]
	}
	return c
}

func (e env) get(name string) string { return e[name] }

func accepted(t *testing.T, e env) config.Config {
	t.Helper()
	c, err := config.FromEnv(e.get)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return c
}

// mistakes returns what is wrong with the environment; that must be something.
func mistakes(t *testing.T, e env, environ ...string) config.Mistakes {
	t.Helper()
	c, err := config.FromEnv(e.get, environ...)
	var all config.Mistakes
	if !errors.As(err, &all) || len(all) == 0 {
		t.Fatalf("error is %v, want mistakes", err)
	}
	if !reflect.DeepEqual(c, config.Config{}) {
		t.Errorf("a refused environment gives a Config: %v", c)
	}
	return all
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestFromEnvDefaults(t *testing.T) {
	t.Parallel()
	want := config.Config{
		CommerceURL: parse(t, "https://contoso.operations.dynamics.com"),
		GraphURL:    parse(t, "https://graph.microsoft.com/v1.0"),
		TenantID:    "0a1b2c3d-0000-4000-8000-00000000abcd",
		Mode:        config.ModeAdd,
		Ledger:      config.Ledger{File: "ledger.db"},
		Port:        8080,
		Schedule:    "0 */15 * * * *",
		Rules: org.Rules{
			Instance:               "prod",
			TeamName:               "{name} ({number})",
			CommunicationsTeamName: "Store communications",
			CommunicationsRole:     "Retail task manager",
			FallbackOwners:         []string{"kim@contoso.com"},
			ManagerRule:            org.RuleAuto,
			MaxCaretakerTeams:      200,
		},
		SnapshotMaxAge:     time.Hour,
		TeamPollInterval:   35 * time.Second,
		GroupRetryInterval: 10 * time.Second,
		RunBudget:          10 * time.Minute,
		GraphRatePercent:   50,

		ArchiveAfter:          30 * 24 * time.Hour,
		SightingInterval:      15 * time.Minute,
		HandsDelay:            time.Hour,
		MinSource:             80,
		ErrorBudgetPercent:    20,
		MaxRemovals:           100,
		MaxRemovalPercent:     5,
		MaxTeamRemovalPercent: 50,

		Tasks: config.Tasks{
			Mode: config.TasksOff, Read: "RetailTaskManagementReports",
			SendWord: "Send", BoardTitle: "Store tasks", CampaignBoardTitle: "Campaigns",
			BoardKeep: 60 * 24 * time.Hour, DetailsInterval: time.Hour, CommerceInterval: 5 * time.Minute, SweepRate: 20,
			MaxDeletions: 200, MaxDeletionPercent: 50,
		},
		Hints: config.Hints{Life: 28 * 24 * time.Hour, MemberLife: time.Hour, CanaryInterval: time.Hour},

		Entities: map[string]string{},
	}
	if got := accepted(t, fewest()); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestFromEnvReadsEverySetting(t *testing.T) {
	t.Parallel()
	got := accepted(t, env{
		"COMMERCE_URL":              "http://LOCALHOST:9001/namespaces/AX/",
		"GRAPH_URL":                 "http://127.0.0.1:9002/v1.0/",
		"TENANT_ID":                 "{0A1B2C3D-0000-4000-8000-00000000ABCD}",
		"AZURE_CLIENT_ID":           "11111111-2222-3333-4444-55555555555A",
		"INSTANCE":                  "test12",
		"MODE":                      "Plan",
		"TASK_MODE":                 "Sync",
		"TASK_READ":                 "StoreTasks",
		"TASK_WRITE":                "StoreTasks",
		"TASK_INSERTS":              "yes",
		"TASK_DELETES":              "YES",
		"SEND_WORD":                 "Senden",
		"BOARD_TITLE":               "Aufgaben",
		"CAMPAIGN_BOARD_TITLE":      "Kampagnen",
		"BOARD_KEEP":                "24h",
		"DETAILS_INTERVAL":          "1s",
		"COMMERCE_TASK_INTERVAL":    "1m",
		"MAX_TASK_DELETIONS":        "0",
		"MAX_TASK_DELETION_PERCENT": "100",
		"TASK_SWEEP_RATE":           "1000",
		"TASK_SWEEP_SCHEDULE":       "0 * * * * *",

		"NOTIFICATION_URL":         "https://contoso.azurewebsites.net/api/graph/notifications",
		"NOTIFICATION_SECRETS":     "a:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"SUBSCRIPTION_SCHEDULE":    "0 5/15 * * * *",
		"SUBSCRIPTION_LIFE":        "45m",
		"MEMBER_SUBSCRIPTIONS":     "10000",
		"MEMBER_SUBSCRIPTION_LIFE": "3d",
		"CANARY_INTERVAL":          "0",

		"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.contoso.com:4318",
		"OTEL_EXPORTER_OTLP_HEADERS":  "api-key=a%20b, other=c",

		"ServiceBus__fullyQualifiedNamespace": "Contoso.servicebus.windows.net",
		"LEDGER":                              "file: state/../ledger.db",
		"FUNCTIONS_CUSTOMHANDLER_PORT":        "50321",
		"SCOPE":                               "000135, Region North ,,000135",
		"HIERARCHY":                           "Retail reporting",
		"TEAM_NAME":                           "{number} – {name}",
		"COMMUNICATIONS_TEAM_NAME":            "Aus den Filialen",
		"COMMUNICATIONS_ROLE":                 "REGIONALMANAGER",
		"FALLBACK_OWNERS":                     "Kim@Contoso.com, 22222222-2222-3333-4444-55555555555B, kim@contoso.COM",
		"COMMUNICATIONS_OWNERS":               "lee@contoso.com",
		"MANAGER_RULE":                        "department",
		"MANAGER_TITLES":                      "Store lead,Deputy",
		"ALLOW_GUESTS":                        "yes",
		"ADOPT":                               "Yes",
		"MAX_CARETAKER_TEAMS":                 "5",
		"PROTECTED_USERS":                     "Boss@Contoso.com, {22222222-2222-3333-4444-55555555555B}",
		"CLOSED_STORES":                       "000128, '000129',000128",
		"ARCHIVE_AFTER":                       "1d12h",
		"HANDS_DELAY":                         "0s",
		"SIGHTING_INTERVAL":                   "20ms",
		"MIN_SOURCE":                          "1",
		"MAX_REMOVALS":                        "0",
		"MAX_REMOVAL_PERCENT":                 "0",
		"MAX_TEAM_REMOVAL_PERCENT":            "100",
		"ERROR_BUDGET_PERCENT":                "100",
		"SNAPSHOT_MAX_AGE":                    "0",
		"TEAM_POLL_INTERVAL":                  "50ms",
		"GROUP_RETRY_INTERVAL":                "1ms",
		"RUN_BUDGET":                          "25m",
		"GRAPH_RATE_PERCENT":                  "100000",
		"ORG_SYNC_SCHEDULE":                   "*/5 * * * * *",
		"ENTITY_RETAILSTAFF":                  "MyRetailStaff",
		"ENTITY_WORKERS":                      "Workers",
	})
	want := config.Config{
		CommerceURL: parse(t, "http://localhost:9001/namespaces/AX"),
		GraphURL:    parse(t, "http://127.0.0.1:9002/v1.0"),
		TenantID:    "0a1b2c3d-0000-4000-8000-00000000abcd",
		ClientID:    "11111111-2222-3333-4444-55555555555a",
		Mode:        config.ModePlan,
		Ledger:      config.Ledger{File: "ledger.db"},
		Adopt:       true,
		Port:        50321,
		Schedule:    "*/5 * * * * *",
		Rules: org.Rules{
			Instance:               "test12",
			Scope:                  []string{"000135", "Region North"},
			Hierarchy:              "Retail reporting",
			TeamName:               "{number} – {name}",
			CommunicationsTeamName: "Aus den Filialen",
			CommunicationsRole:     "REGIONALMANAGER",
			FallbackOwners:         []string{"kim@contoso.com", "22222222-2222-3333-4444-55555555555b"},
			CommunicationsOwners:   []string{"lee@contoso.com"},
			ManagerRule:            org.RuleDepartment,
			ManagerTitles:          []string{"Store lead", "Deputy"},
			AllowGuests:            true,
			MaxCaretakerTeams:      5,
			ClosedStores:           []string{"000128", "000129"},
			ProtectedUsers:         []string{"boss@contoso.com", "22222222-2222-3333-4444-55555555555b"},
		},
		TeamPollInterval:   50 * time.Millisecond,
		GroupRetryInterval: time.Millisecond,
		RunBudget:          25 * time.Minute,
		GraphRatePercent:   100000,

		ArchiveAfter:          36 * time.Hour,
		SightingInterval:      20 * time.Millisecond,
		MinSource:             1,
		ErrorBudgetPercent:    100,
		MaxTeamRemovalPercent: 100,

		Tasks: config.Tasks{
			Mode: config.TasksSync, Read: "StoreTasks", Write: "StoreTasks", Inserts: true, Deletes: true,
			SendWord: "Senden", BoardTitle: "Aufgaben", CampaignBoardTitle: "Kampagnen",
			BoardKeep: 24 * time.Hour, DetailsInterval: time.Second, CommerceInterval: time.Minute, SweepRate: 1000,
			MaxDeletionPercent: 100, Bus: config.Bus{Namespace: "contoso.servicebus.windows.net"},
		},
		Hints: config.Hints{
			URL:     &url.URL{Scheme: "https", Host: "contoso.azurewebsites.net", Path: "/api/graph/notifications"},
			Secrets: []notify.Key{{ID: "a", Secret: []byte("01234567890123456789012345678901")}},
			Life:    45 * time.Minute, MemberLife: 72 * time.Hour, Members: 10_000,
		},

		Telemetry: config.Telemetry{Endpoint: parse(t, "https://collector.contoso.com:4318")},

		Entities: map[string]string{"RetailStaff": "MyRetailStaff"},
	}
	for name, text := range map[string]string{"api-key": "a b", "other": "c"} {
		if got.Telemetry.Headers[name].Reveal() != text {
			t.Errorf("header %s is %q", name, got.Telemetry.Headers[name].Reveal())
		}
	}
	got.Telemetry.Headers = nil // compared
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestFromEnvTrimsBlanksAndQuotes(t *testing.T) {
	t.Parallel()
	got := accepted(t, fewest().with(
		"MODE", ` "plan" `,
		"INSTANCE", "'dev'\n",
		"HIERARCHY", `"`,
		"COMMUNICATIONS_TEAM_NAME", `The "big" shops`,
		"SCOPE", `"Region North", 'Region "South"',"000135"`,
		"MANAGER_TITLES", `"Store lead,Deputy"`,
		"GRAPH_URL", `""`,
	))
	if got.Mode != config.ModePlan || got.Rules.Instance != "dev" || got.Rules.Hierarchy != `"` {
		t.Errorf("mode %q, instance %q, hierarchy %q", got.Mode, got.Rules.Instance, got.Rules.Hierarchy)
	}
	if name := got.Rules.CommunicationsTeamName; name != `The "big" shops` {
		t.Errorf("quotes inside a name are gone: %q", name)
	}
	if want := []string{"Region North", `Region "South"`, "000135"}; !reflect.DeepEqual(got.Rules.Scope, want) {
		t.Errorf("scope %q, want %q", got.Rules.Scope, want)
	}
	if want := []string{"Store lead", "Deputy"}; !reflect.DeepEqual(got.Rules.ManagerTitles, want) {
		t.Errorf("titles %q, want %q", got.Rules.ManagerTitles, want)
	}
	if got.GraphURL.Host != "graph.microsoft.com" {
		t.Errorf("empty quotes are not \"not set\": %s", got.GraphURL)
	}
}

func TestFromEnvLedger(t *testing.T) {
	t.Parallel()
	tables := parse(t, "https://account.table.core.windows.net")
	full := "AccountName=account;AccountKey=a2V5;EndpointSuffix=core.windows.net"
	for name, tc := range map[string]struct {
		set        []string
		want       config.Ledger
		connection string
	}{
		"tables by endpoint":  {set: []string{"LEDGER", "Tables", "TABLES_URL", "https://account.table.core.windows.net/"}, want: config.Ledger{URL: tables}},
		"endpoint is enough":  {set: []string{"LEDGER", "", "TABLES_URL", "https://account.table.core.windows.net"}, want: config.Ledger{URL: tables}},
		"development storage": {set: []string{"LEDGER", "tables", "TABLES_CONNECTION", "UseDevelopmentStorage=true"}, connection: azurite},
		"its other spelling":  {set: []string{"LEDGER", "", "TABLES_CONNECTION", "usedevelopmentstorage=True;"}, connection: azurite},
		"azurite written out": {set: []string{"LEDGER", "", "TABLES_CONNECTION", azurite}, connection: azurite},
		"a real account":      {set: []string{"LEDGER", "", "TABLES_CONNECTION", full}, connection: full},
		"absolute path":       {set: []string{"LEDGER", "file:/var/lib/storeteams/ledger.db"}, want: config.Ledger{File: "/var/lib/storeteams/ledger.db"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := accepted(t, fewest().with(tc.set...)).Ledger
			if text := got.Connection.Reveal(); text != tc.connection {
				t.Errorf("connection %q, want %q", text, tc.connection)
			}
			got.Connection = config.Secret{}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("ledger %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestFromEnvLoopback(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "127.9.8.7:80", "[::1]:81", "localhost", "LocalHost:82"} {
		c := accepted(t, fewest().with("COMMERCE_URL", "http://"+host, "GRAPH_URL", "http://"+host+"/v1.0", "TEAM_POLL_INTERVAL", "1s"))
		if c.CommerceURL.Scheme != "http" {
			t.Errorf("%s: scheme %q", host, c.CommerceURL.Scheme)
		}
	}
	for _, host := range []string{"0.0.0.0", "128.0.0.1", "10.0.0.1", "[::2]", "127.1", "localhost.contoso.com", "127.0.0.1.contoso.com", "contoso.com"} {
		got := mistakes(t, fewest().with("COMMERCE_URL", "http://"+host))
		if len(got) != 1 || got[0].Setting != "COMMERCE_URL" {
			t.Errorf("%s: %v", host, got)
		}
	}
}

func TestFromEnvLeavesLaterSettingsAlone(t *testing.T) {
	t.Parallel()
	accepted(t, fewest().with("WEBHOOK_URL", "ftp://", "SUBSCRIPTION_SCHEDULE", "?", "MOOD", "plan"))
}
