package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/infra/bicep"
	"github.com/storeteams/storeteams/infra/permission"
)

// TestDocsAreComplete: configure.md has every value of the deployment,
// operate.md a section for every alert, permissions.md every role, and the
// emulator's queues are those of the templates.
func TestDocsAreComplete(t *testing.T) {
	t.Parallel()
	all := pages(t)
	d := readDeployment(t)
	for name, tree := range parse(t, templates(t)) {
		d.files[name] = bicep.New(name, tree)
	}
	for name, p := range d.parameters {
		if value, ok := p.Value.(string); ok && !strings.Contains(all["docs/configure.md"], "| `"+strings.Trim(value, "${}")+"` |") {
			t.Errorf("configure.md says nothing of %s (%s)", value, name)
		}
	}
	sections := anchors(all["docs/operate.md"])
	for _, rule := range d.files["modules/alerts.bicep"].Variables["rules"].Elements() {
		if name, _ := rule.Get("name").Literal(); !sections[name] {
			t.Errorf("operate.md has no section %s", name)
		}
	}
	if !sections["dead-letters"] {
		t.Error("operate.md has no section dead-letters")
	}
	for role := range roleIDs {
		if words := strings.ToLower(strings.ReplaceAll(all["docs/permissions.md"], " ", "")); !strings.Contains(words, strings.ToLower(role)) {
			t.Errorf("permissions.md says nothing of %s", role)
		}
	}
	for _, p := range permission.All() {
		if !strings.Contains(d.source, `"`+p.Name+`"`) {
			t.Errorf("doctor does not know %s", p.Name)
		}
	}
	emulator(t, d)
}

func emulator(t *testing.T, d deployment) {
	t.Helper()
	var file struct {
		UserConfig struct {
			Namespaces []struct {
				Name   string
				Queues []struct {
					Name       string
					Properties map[string]any
				}
			}
			Logging struct{ Type string }
		}
	}
	readJSON(t, "../docs/servicebus-emulator.json", &file)
	queues := map[string]map[string]string{}
	for _, r := range d.files["modules/bus.bicep"].Resources {
		if strings.Contains(r.Type, "/queues@") {
			name, _ := r.Body.Get("name").Literal()
			queues[name] = map[string]string{}
			for key, value := range r.Body.Get("properties").Properties() {
				queues[name][strings.ToUpper(key[:1])+key[1:]] = strings.Trim(value.Text(), "'")
			}
		}
	}
	if len(file.UserConfig.Namespaces[0].Queues) != len(queues) {
		t.Errorf("the emulator has %d queues, the templates %d", len(file.UserConfig.Namespaces[0].Queues), len(queues))
	}
	for _, q := range file.UserConfig.Namespaces[0].Queues {
		// The emulator keeps messages for an hour at most, and remembers them for
		// five minutes.
		want := maps.Clone(queues[q.Name])
		delete(want, "EnablePartitioning")
		got := map[string]string{}
		for key, value := range q.Properties {
			got[key] = fmt.Sprint(value)
		}
		want["DefaultMessageTimeToLive"] = "PT1H"
		if want["DuplicateDetectionHistoryTimeWindow"] != "" {
			want["DuplicateDetectionHistoryTimeWindow"] = "PT5M"
		}
		if !maps.Equal(got, want) {
			t.Errorf("the emulator's %s has %v, want %v", q.Name, got, want)
		}
	}
}
