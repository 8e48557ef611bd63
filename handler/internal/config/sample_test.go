package config_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/config"
)

// sampleValues reads local.settings.sample.json as Core Tools would: every
// value must be a string.
func sampleValues(t *testing.T) env {
	t.Helper()
	text, err := os.ReadFile("../../../local.settings.sample.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		IsEncrypted *bool
		Values      env
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if file.IsEncrypted == nil || *file.IsEncrypted {
		t.Error("IsEncrypted must be false, or Core Tools tries to decrypt the values")
	}
	return file.Values
}

func TestSampleHasEverySetting(t *testing.T) {
	t.Parallel()
	values := sampleValues(t)
	for name, want := range map[string]string{"FUNCTIONS_WORKER_RUNTIME": "custom", "AzureWebJobsStorage": "UseDevelopmentStorage=true"} {
		if values[name] != want {
			t.Errorf("%s is %q, the Functions host needs %q", name, values[name], want)
		}
		delete(values, name)
	}
	for _, s := range config.Settings() {
		value, ok := values[s.Name]
		switch {
		case !ok:
			t.Errorf("%s is missing", s.Name)
		case s.Default != "" && value != s.Default:
			t.Errorf("%s is %q, its default is %q", s.Name, value, s.Default)
		case s.Required && value == "":
			t.Errorf("%s is required and has no example", s.Name)
		}
		delete(values, s.Name)
	}
	for name := range values {
		t.Errorf("%s is no setting", name)
	}
}

// TestSampleIsAccepted fills in what the sample leaves to the reader, which is
// whatever has angle brackets, and nothing else.
func TestSampleIsAccepted(t *testing.T) {
	t.Parallel()
	values := sampleValues(t)
	var open []string
	for name, value := range values {
		if strings.Contains(value, "<") {
			open = append(open, name)
		}
	}
	slices.Sort(open)
	var refused []string
	for _, m := range mistakes(t, values) {
		refused = append(refused, m.Setting)
	}
	if !slices.Equal(refused, open) {
		t.Errorf("the sample as it is refuses %q, want its placeholders %q", refused, open)
	}
	for _, name := range open {
		values[name] = fewest()[name]
	}
	if c := accepted(t, values); c.Mode != config.ModePlan {
		t.Errorf("the sample's mode is %q, want plan: it must not write", c.Mode)
	}
}

func TestSettingsAreDescribed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range config.Settings() {
		if seen[s.Name] {
			t.Errorf("%s is listed twice", s.Name)
		}
		seen[s.Name] = true
		if s.Expected == "" || !strings.HasSuffix(s.Meaning, ".") || strings.Contains(s.Meaning, "|") {
			t.Errorf("%s: expected %q, meaning %q: want both, and a sentence that fits a table", s.Name, s.Expected, s.Meaning)
		}
		if s.Required && s.Default != "" {
			t.Errorf("%s is required and has a default", s.Name)
		}
	}
}
