package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
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

// roles are all role assignments of the app's identity, as file, scope, role and
// whether there is a condition. Nothing else may be assigned to anybody.
var roles = []string{
	"modules/bus.bicep commerceEvents serviceBusDataReceiver",
	"modules/bus.bicep namespace serviceBusDataOwner if (isOwner)",
	"modules/bus.bicep orgHints serviceBusDataReceiver",
	"modules/bus.bicep orgHints serviceBusDataSender",
	"modules/bus.bicep taskHints serviceBusDataReceiver",
	"modules/bus.bicep taskHints serviceBusDataSender",
	"modules/events.bicep secret keyVaultSecretsUser if (!empty(readerId))",
	"modules/monitoring.bicep insights monitoringMetricsPublisher",
	"modules/storage.bicep account storageBlobDataOwner",
	"modules/storage.bicep account storageTableDataContributor",
	"modules/vault.bicep secret keyVaultSecretsUser if (notified)",
}

// roleIDs are Azure's own, the same in every tenant (Microsoft's list of
// built-in roles).
var roleIDs = map[string]string{
	"keyVaultSecretsUser":         "4633458b-17de-408a-b874-0445c86b69e6",
	"monitoringMetricsPublisher":  "3913510d-42f4-4e42-8a64-420c390055eb",
	"serviceBusDataOwner":         "090c5cfd-751d-490a-894a-3ce6f1109419",
	"serviceBusDataReceiver":      "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
	"serviceBusDataSender":        "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
	"storageBlobDataOwner":        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
	"storageTableDataContributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
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

// roleProblems: who may do what is exactly what is written above.
func (d deployment) roleProblems() (found []string) {
	var assigned []string
	for _, at := range bicep.Names(d.files) {
		t := d.files[at]
		for name, id := range t.Variables["roles"].Properties() {
			if text, _ := id.Literal(); text != roleIDs[name] {
				found = append(found, fmt.Sprintf("%s: role %s has the id %s", at, name, text))
			}
		}
		for _, r := range t.Resources {
			if !strings.HasPrefix(r.Type, "Microsoft.Authorization/") {
				continue
			}
			principal := r.Body.Get("properties", "principalId").Text()
			_, role, _ := strings.Cut(r.Body.Get("properties", "roleDefinitionId").Text(), "roles.")
			role = strings.TrimSuffix(role, ")")
			scope := r.Body.Get("scope").Text()
			if want := "guid(" + scope + ".id, " + principal + ", roles." + role + ")"; r.Body.Get("name").Text() != want {
				found = append(found, fmt.Sprintf("%s: %s is named %s, want %s", at, r.Name, r.Body.Get("name").Text(), want))
			}
			if r.Body.Get("properties", "principalType").Text() != "'ServicePrincipal'" {
				found = append(found, fmt.Sprintf("%s: %s may fail while Entra replicates: it has no principalType", at, r.Name))
			}
			line := at + " " + scope + " " + role
			if r.If != nil {
				line += " if " + r.If.Text()
			}
			assigned = append(assigned, line)
		}
	}
	slices.Sort(assigned)
	if !slices.Equal(assigned, roles) {
		found = append(found, fmt.Sprintf("the roles are\n  %s\nwant\n  %s", strings.Join(assigned, "\n  "), strings.Join(roles, "\n  ")))
	}
	return found
}

// hardening: what must not be softened by an edit elsewhere.
func (d deployment) hardening() (found []string) {
	for _, want := range []struct{ file, resource, path, value string }{
		{"modules/storage.bicep", "account", "properties.allowSharedKeyAccess", "false"},
		{"modules/storage.bicep", "account", "properties.allowBlobPublicAccess", "false"},
		{"modules/storage.bicep", "account", "properties.minimumTlsVersion", "'TLS1_2'"},
		{"modules/storage.bicep", "account", "properties.supportsHttpsTrafficOnly", "true"},
		{"modules/storage.bicep", "packages", "name", "packagesName"},
		{"modules/bus.bicep", "namespace", "properties.disableLocalAuth", "!takesEvents"},
		{"modules/bus.bicep", "namespace", "properties.minimumTlsVersion", "'1.2'"},
		{"modules/events.bicep", "rule", "properties.rights", "['Send']"},
		{"modules/monitoring.bicep", "insights", "properties.DisableLocalAuth", "true"},
		{"modules/monitoring.bicep", "workspace", "properties.features.disableLocalAuth", "true"},
		{"modules/endpoint.bicep", "names", "name", "'default'"},
		{"modules/endpoint.bicep", "link", "properties.virtualNetwork.id", "networkId"},
		{"modules/vault.bicep", "vault", "properties.enableRbacAuthorization", "true"},
		{"modules/vault.bicep", "secret", "properties.value", "notificationSecrets"},
		{"modules/app.bicep", "plan", "sku.tier", "'FlexConsumption'"},
		{"modules/app.bicep", "plan", "properties.reserved", "true"},
		{"modules/app.bicep", "site", "properties.httpsOnly", "true"},
		{"modules/app.bicep", "site", "properties.keyVaultReferenceIdentity", "identityId"},
		{"modules/app.bicep", "site", "properties.functionAppConfig.runtime.name", "'custom'"},
		{"modules/app.bicep", "site", "properties.functionAppConfig.deployment.storage.value", "packages"},
		{"modules/app.bicep", "site", "properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount", "maximumInstances"},
		{"modules/app.bicep", "site", "properties.functionAppConfig.scaleAndConcurrency.alwaysReady", "alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: alwaysReady }]"},
		{"modules/app.bicep", "noPasswords", "properties.allow", "false"},
		{"modules/app.bicep", "appSettings", "properties", "union(standard, chosen, wired, host, notified ? told : {})"},
		{"modules/app.bicep", "appSettings", "name", "'appsettings'"},
	} {
		var value *bicep.Node
		for _, r := range d.files[want.file].Resources {
			if r.Name == want.resource {
				value = r.Body.Get(strings.Split(want.path, ".")...)
			}
		}
		if value.Text() != want.value {
			found = append(found, fmt.Sprintf("%s: %s.%s is %q, want %s", want.file, want.resource, want.path, value.Text(), want.value))
		}
	}
	return found
}

var (
	messageInQuery = regexp.MustCompile(`l\.msg\) == \\?"([^"\\]+)`)
	fieldInQuery   = regexp.MustCompile(`\bl\.([a-z_]+)|l\[\\?"([a-z_]+)`)
)

// alertProblems: the lines that alerts and workbook look for are ones that the
// program prints, with these fields. The program's text has both.
func (d deployment) alertProblems() (found []string) {
	alerts := d.files["modules/alerts.bicep"].Root.Text()
	for name, text := range map[string]string{"alerts.bicep": alerts, "workbook.json": d.workbook} {
		messages := messageInQuery.FindAllStringSubmatch(text, -1)
		if len(messages) == 0 {
			found = append(found, name+" looks for no line")
		}
		for _, m := range messages {
			if !strings.Contains(d.source, `"`+m[1]+`"`) {
				found = append(found, fmt.Sprintf("%s looks for %q, which the program never prints", name, m[1]))
			}
		}
		for _, m := range fieldInQuery.FindAllStringSubmatch(text, -1) {
			field := m[1] + m[2]
			if !slices.Contains([]string{"msg", "level"}, field) && !strings.Contains(d.source, `"`+field+`"`) {
				found = append(found, fmt.Sprintf("%s looks for the field %s, which no line has", name, field))
			}
		}
	}
	var names []string
	for _, rule := range d.files["modules/alerts.bicep"].Variables["rules"].Elements() {
		name, _ := rule.Get("name").Literal()
		names = append(names, name)
	}
	if want := []string{"no-good-run", "leaver-stays", "quarantine", "canary-silent", "holds-waiting"}; !slices.Equal(names, want) {
		found = append(found, fmt.Sprintf("the alerts are %q, want %q", names, want))
	}
	if !strings.Contains(alerts, "'DeadletteredMessages'") {
		found = append(found, "no alert counts dead letters")
	}
	return found
}

// readDeployment reads everything but the templates' trees.
func readDeployment(t *testing.T) deployment {
	t.Helper()
	d := deployment{files: map[string]*bicep.Template{}, functions: map[string][]binding{}}
	for _, name := range folders(t) {
		d.functions[name] = bindings(t, name)
	}
	var file struct {
		Schema         string `json:"$schema"`
		ContentVersion string
		Parameters     map[string]parameter
	}
	readJSON(t, "../infra/main.parameters.json", &file)
	d.parameters = file.Parameters
	var workbook any
	readJSON(t, "../infra/workbook.json", &workbook)
	text, err := json.Marshal(workbook)
	if err != nil {
		t.Fatal(err)
	}
	d.workbook = string(text)
	for _, glob := range []string{"*.go", "internal/*/*.go"} {
		found, _ := filepath.Glob(glob)
		for _, file := range found {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d.source += string(text)
		}
	}
	return d
}

// templates are the files of infra by their path below it.
func templates(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, glob := range []string{"../infra/*.bicep", "../infra/modules/*.bicep"} {
		found, _ := filepath.Glob(glob)
		for _, file := range found {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel("../infra", file)
			files[filepath.ToSlash(name)] = string(text)
		}
	}
	if len(files) < 10 {
		t.Fatalf("found %d templates only", len(files))
	}
	return files
}

// parse has the files parsed, in one go.
func parse(t *testing.T, files map[string]string) map[string]*bicep.Node {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, file)
	}
	trees, err := bicep.Trees(t.Context(), "..", paths...)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]*bicep.Node{}
	for file, tree := range trees {
		name, _ := filepath.Rel(dir, file)
		named[filepath.ToSlash(name)] = tree
	}
	return named
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

// TestNothingCanBeTakenOut: without any one app setting, role, queue or other
// resource, or alert, the test above fails. So the test is worth something.
func TestNothingCanBeTakenOut(t *testing.T) {
	t.Parallel()
	d := readDeployment(t)
	files := templates(t)
	trees := parse(t, files)
	for name, tree := range trees {
		d.files[name] = bicep.New(name, tree)
	}
	mutants := map[string]string{} // "N/what/modules/bus.bicep" to its text
	cut := func(file, what string, n *bicep.Node) {
		text := files[file]
		mutants[path.Join(fmt.Sprint(len(mutants)), what, file)] = text[:n.From] + text[n.To:]
	}
	for name, tmpl := range d.files {
		tree := trees[name]
		tree.Walk(func(n *bicep.Node) bool {
			switch n.Kind {
			case "resource_declaration", "module_declaration":
				cut(name, n.Children[0].Text(), n)
			case "object_property":
				return true
			}
			return true
		})
		for _, variable := range []string{"standard", "wired", "host", "told", "roles", "rules"} {
			value := tmpl.Variables[variable]
			for _, n := range append(value.Parts(), value.Elements()...) {
				cut(name, variable, n)
			}
		}
	}
	mutated := parse(t, mutants)
	if len(mutated) < 50 {
		t.Fatalf("only %d parts were taken out", len(mutated))
	}
	for key, tree := range mutated {
		what := strings.SplitN(key, "/", 3)
		other := d
		other.files = maps.Clone(d.files)
		other.files[what[2]] = bicep.New(what[2], tree)
		if len(other.problems()) == 0 {
			t.Errorf("%s can be taken out of %s, and no test fails", what[1], what[2])
		}
	}
	for name := range d.parameters["settings"].Value.(map[string]any) {
		other := d
		values := maps.Clone(d.parameters["settings"].Value.(map[string]any))
		delete(values, name)
		other.parameters = maps.Clone(d.parameters)
		other.parameters["settings"] = parameter{values}
		if len(other.problems()) == 0 {
			t.Errorf("the setting %s can be taken out of main.parameters.json, and no test fails", name)
		}
	}
}
