package doctor_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/doctor"
)

// check looks at the settings of a healthy patient, some of them changed.
func check(changed map[string]string, environ ...string) doctor.Report {
	values := healthy().env
	for name, value := range changed {
		values[name] = value
	}
	return doctor.CheckSettings(func(name string) string { return values[name] }, environ)
}

func TestCheckSettings(t *testing.T) {
	const secret = "c2VjcmV0IGtleSBvZiBhbiBhY2NvdW50"
	for name, tt := range map[string]struct {
		changed map[string]string
		environ []string
		subject string
		level   doctor.Level
		text    string
		fix     string
	}{
		"missing":          {map[string]string{"INSTANCE": ""}, nil, "INSTANCE", wrong, "not set", "set INSTANCE; expected is 1 to 12 lower-case letters"},
		"no such word":     {map[string]string{"MODE": "fully"}, nil, "MODE", wrong, "not as expected", "correct MODE; expected is plan, add or full"},
		"number, no unit":  {map[string]string{"RUN_BUDGET": "10"}, nil, "RUN_BUDGET", wrong, "a number without a unit", "correct RUN_BUDGET; expected is a time such as"},
		"no queue":         {map[string]string{"TASK_MODE": "sync"}, nil, "ServiceBus__fullyQualifiedNamespace", wrong, "not set", "a Service Bus namespace"},
		"one entry":        {map[string]string{"FALLBACK_OWNERS": upn("F1") + ",Ada Byron"}, nil, "FALLBACK_OWNERS", wrong, "wrong at entry 2", "expected is user principal names"},
		"between settings": {map[string]string{"TABLES_CONNECTION": "UseDevelopmentStorage=true"}, nil, "TABLES_CONNECTION", wrong, "not as expected", "only one of TABLES_CONNECTION and TABLES_URL"},
		"too fast":         {map[string]string{"TEAM_POLL_INTERVAL": "5s"}, nil, "TEAM_POLL_INTERVAL", wrong, "not as expected", "more than 30s, as Microsoft asks"},
		"secret":           {map[string]string{"TABLES_URL": "", "TABLES_CONNECTION": "AccountName=a;AccountKey=" + secret}, nil, "TABLES_CONNECTION", fine, "set, and accepted", ""},
		"bad secret":       {map[string]string{"TABLES_URL": "", "TABLES_CONNECTION": "AccountKey=" + secret}, nil, "TABLES_CONNECTION", wrong, "not as expected", "storage connection string"},
		"secret in a URL":  {map[string]string{"COMMERCE_URL": "https://user:" + secret + "@contoso.example"}, nil, "COMMERCE_URL", wrong, "not as expected", "no user"},
		"misspelt entity":  {nil, []string{"ENTITY_RETAILSTAF=MyStaff"}, "ENTITY_RETAILSTAF", wrong, "names no collection", "ENTITY_RETAILSTAFF"},
		"doubtful":         {map[string]string{"MODE": "plan"}, nil, "MODE", note, "changes nothing", "MODE=add"},
		"default":          {nil, nil, "MAX_REMOVALS", fine, "not set: the default 100 serves", ""},
		"not needed":       {nil, nil, "SCOPE", fine, "not set, and not needed", ""},
		"given":            {nil, nil, "INSTANCE", fine, "set, and accepted", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := check(tt.changed, tt.environ...)
			if !slices.ContainsFunc(r.Findings, func(f doctor.Finding) bool {
				return f.Check == "settings" && f.Subject == tt.subject && f.Level == tt.level && strings.Contains(f.Text, tt.text) && strings.Contains(f.Fix, tt.fix)
			}) {
				t.Errorf("nothing says of %s that it is %s, with %q and the fix %q:\n%s", tt.subject, tt.level, tt.text, tt.fix, text(t, r))
			}
			for _, f := range r.Findings {
				if f.Level == wrong && f.Subject != tt.subject {
					t.Errorf("%s is wrong too: %s", f.Subject, f.Text)
				}
			}
			if r.Sick() != (tt.level == wrong) {
				t.Errorf("sick is %v", r.Sick())
			}
			if shown, err := json.Marshal(r); err != nil || strings.Contains(string(shown), secret) || strings.Contains(string(shown), "example.com") {
				t.Errorf("the report repeats a value (%v): %s", err, shown)
			}
		})
	}
}

// TestCheckNoSettings: all mistakes are told at once, and every setting once.
func TestCheckNoSettings(t *testing.T) {
	r := doctor.CheckSettings(func(string) string { return "" }, nil)
	var missing []string
	seen := map[string]int{}
	for _, f := range r.Findings {
		seen[f.Subject]++
		if f.Level == wrong {
			missing = append(missing, f.Subject)
		}
	}
	var required []string
	for _, s := range config.Settings() {
		if s.Required || s.Name == "LEDGER" {
			required = append(required, s.Name)
		}
		if seen[s.Name] != 1 {
			t.Errorf("%s is told of %d times", s.Name, seen[s.Name])
		}
	}
	if !slices.Equal(missing, required) {
		t.Errorf("wrong are %q, want %q", missing, required)
	}
}
