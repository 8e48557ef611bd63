package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// set restarts the handler with another value of a setting.
func set(name, value string) plant {
	return func(t *testing.T, s *site) func(*testing.T) {
		t.Helper()
		was := maps.Clone(s.Settings)
		s.restartWith(t, map[string]string{name: value})
		return func(t *testing.T) {
			t.Helper()
			s.Settings = was
			s.restart(t)
		}
	}
}

// faultySettings are settings that an app can run with and should not.
func faultySettings() []fault {
	of := func(name, value, level, fix string) fault {
		return fault{name + "=" + value, set(name, value), "settings", name, level, fix, nil}
	}
	return []fault{
		of("MODE", "plan", note, "MODE=add"),
		of("MODE", "add", note, "MODE=full"),
		of("SCOPE", "Area 0, Area 00", amiss, "correct the entry of SCOPE"),
		of("CLOSED_STORES", "6", amiss, "zeros in front included"),
		of("HIERARCHY", "Retial", amiss, "one of: Retail"),
		of("COMMUNICATIONS_ROLE", "Retail task manger", amiss, "COMMUNICATIONS_ROLE"),
		of("MANAGER_TITLES", "Store manager, Filialleiter", amiss, "correct MANAGER_TITLES"),
		of("FALLBACK_OWNERS", "office0@contoso.example,nobody@contoso.example", amiss, "entry 2 of FALLBACK_OWNERS"),
		of("COMMUNICATIONS_OWNERS", "nobody@contoso.example", amiss, "entry 1 of COMMUNICATIONS_OWNERS"),
		of("PROTECTED_USERS", "nobody@contoso.example", amiss, "correct entry 1 of PROTECTED_USERS"),
		of("MAX_REMOVALS", "0", amiss, "set MAX_REMOVALS to at least 1"),
		of("MAX_TEAM_REMOVAL_PERCENT", "0", amiss, "set MAX_TEAM_REMOVAL_PERCENT"),
		of("SIGHTING_INTERVAL", "3h", note, "set SIGHTING_INTERVAL"),
		of("SNAPSHOT_MAX_AGE", "10m", note, "set SNAPSHOT_MAX_AGE"),
		{"an entity that is not there", set("ENTITY_RETAILSTAFF", "MyStaff"), "commerce", "RetailStaff", amiss, "ENTITY_RETAILSTAFF", nil},
		{"names that two teams share", set("TEAM_NAME", "{name}"), "stores", "names", note, "{number}", nil},
	}
}

// mistaken is a file of settings with one mistake.
type mistaken struct {
	settings map[string]string // in place of good ones; an empty value leaves it out
	subject  string
	fix      string
}

func mistakes() []mistaken {
	return []mistaken{
		{map[string]string{"INSTANCE": ""}, "INSTANCE", "set INSTANCE"},
		{map[string]string{"ORG_SYNC_SCHEDULE": ""}, "ORG_SYNC_SCHEDULE", "set ORG_SYNC_SCHEDULE"},
		{map[string]string{"FALLBACK_OWNERS": ""}, "FALLBACK_OWNERS", "set FALLBACK_OWNERS"},
		{map[string]string{"MODE": "half"}, "MODE", "correct MODE"},
		{map[string]string{"MODE": "full", "TASK_MODE": "both"}, "TASK_MODE", "TASK_MODE"},
		{map[string]string{"TENANT_ID": "contoso"}, "TENANT_ID", "correct TENANT_ID"},
		{map[string]string{"COMMERCE_URL": "http://contoso.example"}, "COMMERCE_URL", "correct COMMERCE_URL"},
		{map[string]string{"TABLES_CONNECTION": "UseDevelopmentStorage=true"}, "LEDGER", "LEDGER"},
		{map[string]string{"MIN_SOURCE": "0"}, "MIN_SOURCE", "correct MIN_SOURCE"},
		{map[string]string{"TEAM_NAME": "Store"}, "TEAM_NAME", "correct TEAM_NAME"},
		{map[string]string{"ENTITY_SHOPS": "Shops"}, "ENTITY_SHOPS", "ENTITY_SHOPS"},
		{map[string]string{"MODE": "full", "MAX_REMOVALS": "0"}, "MAX_REMOVALS", "MAX_REMOVALS to at least 1"},
	}
}

// A file of settings is looked at without the app: its mistakes are found, in
// either form such files have.
func TestDoctorOfSettings(t *testing.T) {
	t.Parallel()
	for form, write := range map[string]func(*testing.T, map[string]string) string{"local": localSettings, "azure": appSettings} {
		good := write(t, usable(t))
		if got := examined(t, good); got.code != exitDone {
			t.Errorf("%s: good settings, and exit code %d: %s%s", form, got.code, got.out, got.errout)
		}
		for _, m := range mistakes() {
			t.Run(form+" "+m.subject, func(t *testing.T) {
				t.Parallel()
				settings := usable(t)
				maps.Copy(settings, m.settings)
				maps.DeleteFunc(settings, func(_, value string) bool { return value == "" })
				file := write(t, settings)
				f := fault{check: "settings", subject: m.subject, level: amiss, fix: m.fix}
				got := examined(t, file, "--output", "json")
				all := findings(t, got)
				f.among(t, got.code, all)
				f.told(t, examined(t, file), all)
				for _, other := range all {
					if other.Level == amiss && other.Subject != m.subject {
						t.Errorf("there is more to be fixed: %s", other)
					}
				}
			})
		}
	}
	if got := examined(t, filepath.Join(t.TempDir(), "nowhere.json")); got.code != exitUsage {
		t.Errorf("a file that is not there: exit code %d", got.code)
	}
}

// examined is what the doctor says of a file of settings. There is no app.
func examined(t *testing.T, file string, more ...string) told {
	t.Helper()
	return command(t, "STORETEAMS_APP=http://127.0.0.1:9", append([]string{"doctor", "--settings", file}, more...)...)
}

// localSettings writes a local.settings.json.
func localSettings(t *testing.T, settings map[string]string) string {
	t.Helper()
	return jsonFile(t, map[string]any{"IsEncrypted": false, "Values": settings})
}

// appSettings writes what the Azure CLI prints.
func appSettings(t *testing.T, settings map[string]string) string {
	t.Helper()
	var rows []map[string]any
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		rows = append(rows, map[string]any{"name": name, "slotSetting": false, "value": settings[name]})
	}
	return jsonFile(t, rows)
}

func jsonFile(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	do(t, err)
	file := filepath.Join(t.TempDir(), "settings.json")
	do(t, os.WriteFile(file, text, 0o600))
	return file
}
