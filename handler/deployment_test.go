package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/bus"
	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/infra/bicep"
)

// deployment is everything that has to agree: templates, parameters, functions.
type deployment struct {
	files      map[string]*bicep.Template // by path below infra, e.g. "modules/bus.bicep"
	parameters map[string]parameter       // of main.parameters.json
	functions  map[string][]binding
	workbook   string
	source     string // the program's, without tests
}

type parameter struct{ Value any }

// localOnly are settings that a deployment has no use for: identities take the
// place of connection strings.
var localOnly = []string{"TABLES_CONNECTION", "ServiceBus"}

// hostSettings are the app settings that only the Functions host reads, which
// functions-host pages of Microsoft name.
var hostSettings = []string{
	"APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING",
	"AzureWebJobsStorage__accountName", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential",
	"ServiceBus__clientId", "ServiceBus__credential",
}

// problems says in a sentence each what does not agree.
func (d deployment) problems() []string {
	p := bicep.Problems(d.files)
	p = append(p, d.settingsProblems()...)
	p = append(p, d.parameterProblems()...)
	p = append(p, d.queueProblems()...)
	p = append(p, d.roleProblems()...)
	p = append(p, d.hardening()...)
	return append(p, d.alertProblems()...)
}

// app is what app.bicep says of settings: its variables, by name.
func (d deployment) settings(variable string) map[string]*bicep.Node {
	return d.files["modules/app.bicep"].Variables[variable].Properties()
}

// settingsProblems: every setting of the program is either the operator's to
// choose, through a value of the same name in azd's environment, or wired. What
// has no default and is not wired has a standard value. No setting is unknown.
func (d deployment) settingsProblems() (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	chosen, _ := d.parameters["settings"].Value.(map[string]any)
	wired, told, standard := d.settings("wired"), d.settings("told"), d.settings("standard")
	known := map[string]bool{}
	asked := []string{"COMMERCE_URL", "FALLBACK_OWNERS"} // infra/ready asks for them
	for _, s := range config.Settings() {
		known[s.Name] = true
		places := 0
		for _, there := range []bool{chosen[s.Name] != nil, wired[s.Name] != nil, told[s.Name] != nil, slices.Contains(localOnly, s.Name)} {
			if there {
				places++
			}
		}
		if places != 1 {
			say("setting %s is in %d of: main.parameters.json, wired, told", s.Name, places)
		}
		if s.Required && wired[s.Name] == nil && standard[s.Name] == nil && !slices.Contains(asked, s.Name) {
			say("setting %s is required and has no standard value", s.Name)
		}
	}
	for name, value := range chosen {
		if !known[name] || value != "${"+name+"}" {
			say("main.parameters.json: setting %s is %v", name, value)
		}
	}
	for _, variable := range []string{"wired", "told", "standard"} {
		for name := range d.settings(variable) {
			if !known[name] {
				say("app.bicep: %s is no setting", name)
			}
		}
	}
	if there := bicep.Names(d.settings("host")); !slices.Equal(there, hostSettings) {
		say("app.bicep: the host's settings are %q", there)
	}
	for name, value := range map[string]string{
		"TABLES_URL": "tablesUrl", "TENANT_ID": "tenant().tenantId", "AZURE_CLIENT_ID": "clientId",
		"ServiceBus__fullyQualifiedNamespace": "busHost", "LEDGER": "'tables'",
	} {
		if got := wired[name].Text(); got != value {
			say("app.bicep: %s is %s, want %s", name, got, value)
		}
	}
	return append(found, d.bindingProblems(standard)...)
}

// bindingProblems: what function.json names is there.
func (d deployment) bindingProblems(standard map[string]*bicep.Node) (found []string) {
	host := d.settings("host")
	for _, function := range slices.Sorted(maps.Keys(d.functions)) {
		for _, b := range d.functions[function] {
			for _, m := range settingInText.FindAllStringSubmatch(b.Schedule, -1) {
				if standard[m[1]] == nil {
					found = append(found, fmt.Sprintf("%s needs the setting %s, which may be missing", function, m[1]))
				}
			}
			if b.Connection != "" && host[b.Connection+"__credential"] == nil {
				found = append(found, fmt.Sprintf("%s connects by %s, for which there is no identity", function, b.Connection))
			}
		}
	}
	url := d.settings("told")["NOTIFICATION_URL"].Text()
	route := routesOf("GraphNotification")[0].Path
	if !strings.HasSuffix(url, route+"'") {
		found = append(found, fmt.Sprintf("NOTIFICATION_URL is %s, the route is %s", url, route))
	}
	return found
}

// placeholder is all that a value of main.parameters.json may be.
var placeholder = regexp.MustCompile(`^\$\{([A-Z][A-Z0-9_]*)\}$`)

// parameterProblems: main's parameters are those of the file, each with a value
// of the environment, and each says what it is for.
func (d deployment) parameterProblems() (found []string) {
	params := d.files["main.bicep"].Params
	if given := slices.Sorted(maps.Keys(d.parameters)); !slices.Equal(given, bicep.Names(params)) {
		found = append(found, fmt.Sprintf("main.parameters.json gives %q, main.bicep takes %q", given, bicep.Names(params)))
	}
	for _, name := range bicep.Names(params) {
		if params[name].Describe == "" && name != "location" {
			found = append(found, "main.bicep: "+name+" does not say what it is for")
		}
		if value, ok := d.parameters[name].Value.(string); ok && !placeholder.MatchString(value) {
			found = append(found, fmt.Sprintf("main.parameters.json: %s is %q", name, value))
		}
	}
	if p := params["notificationSecrets"]; p == nil || !p.Secure {
		found = append(found, "main.bicep: notificationSecrets is not secure")
	}
	return found
}

// queueProblems: the queues are those that the code names and the functions
// listen to, with the properties that the code counts on.
func (d deployment) queueProblems() (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	sessions := map[string]bool{}
	for _, bindings := range d.functions {
		for _, b := range bindings {
			if b.QueueName != "" {
				sessions[b.QueueName] = b.IsSessionsEnabled
			}
		}
	}
	var names []string
	for _, r := range d.files["modules/bus.bicep"].Resources {
		if !strings.Contains(r.Type, "/queues@") {
			continue
		}
		name, _ := r.Body.Get("name").Literal()
		names = append(names, name)
		hints := fmt.Sprint(name != bus.EventQueue)
		want := map[string]string{
			"requiresSession": fmt.Sprint(sessions[name]), "requiresDuplicateDetection": hints,
			"lockDuration": "'PT1M'", "maxDeliveryCount": "10", "defaultMessageTimeToLive": "'P14D'",
			"deadLetteringOnMessageExpiration": "true", "enablePartitioning": "false",
		}
		if hints == "true" {
			want["duplicateDetectionHistoryTimeWindow"] = "'PT10M'"
		}
		got := map[string]string{}
		for key, value := range r.Body.Get("properties").Properties() {
			got[key] = value.Text()
		}
		if !maps.Equal(got, want) {
			say("queue %s has %v, want %v", name, got, want)
		}
	}
	slices.Sort(names)
	if code := []string{bus.EventQueue, bus.OrgQueue, bus.DefaultQueue}; !slices.Equal(names, code) {
		say("bus.bicep makes %q, the code uses %q", names, code)
	}
	if heard := slices.Sorted(maps.Keys(sessions)); !slices.Equal(names, heard) {
		say("bus.bicep makes %q, the functions listen to %q", names, heard)
	}
	return found
}

// TestDeployment: templates, parameters, functions and code name the same
// things.
func TestDeployment(t *testing.T) {
	t.Parallel()
	d := readDeployment(t)
	for name, tree := range parse(t, templates(t)) {
		d.files[name] = bicep.New(name, tree)
	}
	for _, problem := range d.problems() {
		t.Error(problem)
	}
}
