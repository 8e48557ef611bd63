package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/infra/bicep"
)

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
