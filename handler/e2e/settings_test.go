package e2e

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// usable are settings with nothing wrong in them. Nothing listens at their
// addresses; nothing has to, for the handler to start.
func usable(t *testing.T) map[string]string {
	t.Helper()
	settings := handlerSettings(worldgen.ChainSettings(instance))
	maps.Copy(settings, map[string]string{
		"COMMERCE_URL": "http://127.0.0.1:9", "GRAPH_URL": "http://127.0.0.1:9/v1.0", "TASK_MODE": "off",
		"TENANT_ID": "5a1e0c6e-3f4b-4c1d-9a57-6f1d2b8e7c10", "LEDGER": "file:" + filepath.Join(t.TempDir(), "ledger.db"),
	})
	return settings
}

// wrong is a set of settings the handler cannot start with.
type wrong struct {
	name     string
	settings map[string]string // in place of the usable ones; nil: none are set at all
	named    []string          // what the handler has to say
}

func wrongSettings() []wrong {
	return []wrong{
		{"nothing is set", nil, []string{
			"10 mistakes", "COMMERCE_URL", "FALLBACK_OWNERS", "INSTANCE", "LEDGER", "MODE", "ORG_SYNC_SCHEDULE", "SUBSCRIPTION_SCHEDULE", "TASK_MODE", "TASK_SWEEP_SCHEDULE", "TENANT_ID"}},
		{"a made-up Commerce and a real tenant", map[string]string{
			"GRAPH_URL": "https://graph.microsoft.com/v1.0", "TEAM_POLL_INTERVAL": "1s", "GRAPH_RATE_PERCENT": "500",
		}, []string{"3 mistakes", "MODE: expected plan", "TEAM_POLL_INTERVAL: expected more than 30s", "GRAPH_RATE_PERCENT: expected at most 100"}},
		{"two ledgers", map[string]string{"TABLES_CONNECTION": "UseDevelopmentStorage=true"}, []string{"1 mistake ", "LEDGER"}},
		{"tasks without a queue", map[string]string{"MODE": "full", "TASK_MODE": "sync"}, []string{
			"1 mistake ", "ServiceBus__fullyQualifiedNamespace: not set"}},
		{"rails that are none", map[string]string{
			"MODE": "half", "MAX_REMOVALS": "-1", "MAX_TEAM_REMOVAL_PERCENT": "101", "MIN_SOURCE": "0", "ARCHIVE_AFTER": "0s",
			"SIGHTING_INTERVAL": "2d", "PROTECTED_USERS": "somebody",
		}, []string{"7 mistakes", "MODE: expected", "MAX_REMOVALS", "MAX_TEAM_REMOVAL_PERCENT", "MIN_SOURCE", "ARCHIVE_AFTER",
			"SIGHTING_INTERVAL", "PROTECTED_USERS"}},
		{"values of all kinds", map[string]string{
			"TENANT_ID": "contoso", "INSTANCE": "Prod!", "FALLBACK_OWNERS": "somebody", "SNAPSHOT_MAX_AGE": "soon", "ADOPT": "perhaps",
			"TEAM_NAME": "Store", "MAX_CARETAKER_TEAMS": "0", "COMMERCE_URL": "http://contoso.example", "ENTITY_SHOPS": "Shops",
		}, []string{"9 mistakes", "TENANT_ID", "INSTANCE", "FALLBACK_OWNERS", "SNAPSHOT_MAX_AGE", "ADOPT", "TEAM_NAME",
			"MAX_CARETAKER_TEAMS", "COMMERCE_URL", "ENTITY_SHOPS"}},
	}
}

// TestSettingsAreWrong: the handler ends with code 2 before it serves or opens
// anything, and says everything that is wrong in one line, because the platform
// shows no more than the last three.
func TestSettingsAreWrong(t *testing.T) {
	t.Parallel()
	for _, test := range wrongSettings() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var settings map[string]string
			if test.settings != nil {
				settings = usable(t)
				maps.Copy(settings, test.settings)
			}
			p := launch(t, settings)
			if code := p.exit(t); code != 2 {
				t.Errorf("exit code %d", code)
			}
			line := p.oneLine(t)
			for _, name := range test.named {
				if !strings.Contains(line, name) {
					t.Errorf("%q is not in %q", name, line)
				}
			}
			if file, ok := strings.CutPrefix(settings["LEDGER"], "file:"); ok {
				if _, err := os.Stat(file); !os.IsNotExist(err) {
					t.Errorf("there is a ledger: %v", err)
				}
			}
		})
	}
}

// oneLine is what an ended process wrote to stderr. It fails the test unless
// that is one line, and all there is.
func (p *process) oneLine(t *testing.T) string {
	t.Helper()
	line, rest, ended := strings.Cut(p.stderr.String(), "\n")
	if line == "" || rest != "" || !ended {
		t.Errorf("stderr is not one line: %q", &p.stderr)
	}
	if p.stdout.Len() > 0 {
		t.Errorf("stdout: %q", &p.stdout)
	}
	return line
}

// The values of settings are never repeated: one in the wrong place may be a
// secret.
func TestSettingsKeepSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2hunter2"
	settings := usable(t)
	maps.Copy(settings, map[string]string{
		"LEDGER": "tables", "TABLES_CONNECTION": "AccountKey=" + secret, "INSTANCE": secret + "?", "TABLES_URL": "https://u:" + secret + "@x.example",
	})
	p := launch(t, settings)
	if code := p.exit(t); code != 2 {
		t.Errorf("exit code %d", code)
	}
	if said := p.stdout.String() + p.stderr.String(); strings.Contains(said, secret) {
		t.Errorf("the secret was told: %s", said)
	}
}

// With arguments the binary is the operator's command line, whatever settings
// there are: it opens no ledger, and what it does not know is a wrong use.
func TestUnknownCommand(t *testing.T) {
	t.Parallel()
	settings := usable(t)
	p := launch(t, settings, "make-coffee")
	if code := p.exit(t); code != 2 {
		t.Errorf("exit code %d", code)
	}
	if said := p.stderr.String(); !strings.Contains(said, "make-coffee") || p.stdout.Len() > 0 {
		t.Errorf("stderr %q, stdout %q", said, &p.stdout)
	}
	if _, err := os.Stat(strings.TrimPrefix(settings["LEDGER"], "file:")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the ledger's file: %v", err)
	}
}

// A ledger belongs to one instance, one Commerce and one tenant. A copy of
// production must not go on from production's ledger.
func TestLedgerOfOthers(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(1, 1)))
	s.settle(t)
	s.Host.Close()
	before, writes := s.tenant(t), s.Tenant.Writes()
	for name, value := range map[string]string{
		"INSTANCE": "sandbox", "TENANT_ID": "99999999-9999-4999-8999-999999999999", "COMMERCE_URL": "http://127.0.0.1:9",
	} {
		t.Run(name, func(t *testing.T) {
			settings := maps.Clone(s.Settings)
			settings[name] = value
			p := launch(t, settings)
			if code := p.exit(t); code != 2 {
				t.Errorf("exit code %d", code)
			}
			line, _, _ := strings.Cut(p.stderr.String(), "\n")
			for _, part := range []string{"this ledger belongs to", name + "=" + s.Settings[name], name + "=" + value} {
				if !strings.Contains(line, part) {
					t.Errorf("%q is not in %q", part, line)
				}
			}
		})
	}
	if diff := difference(before, s.tenant(t)); diff != "" || s.Tenant.Writes() != writes {
		t.Errorf("the tenant was written to:\n%s", diff)
	}
	s.restart(t) // its own settings still fit
	s.calm(t)
}

// Two processes on one ledger file are one too many; the second says so.
func TestLedgerInUse(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(1, 1)))
	s.settle(t)
	p := launch(t, s.Settings)
	if code := p.exit(t); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if line := p.oneLine(t); !strings.Contains(line, s.ledger+" is in use by another process") {
		t.Errorf("stderr %q", line)
	}
	s.calm(t) // the first one noticed nothing
}

// A file that is something else is left as it is.
func TestLedgerIsNone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "notes.txt")
	const text = "buy milk\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := usable(t)
	settings["LEDGER"] = "file:" + file
	p := launch(t, settings)
	if code := p.exit(t); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if line := p.oneLine(t); !strings.Contains(line, "is not a storeteams ledger") {
		t.Errorf("stderr %q", line)
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != text {
		t.Errorf("the file is now %q, %v", now, err)
	}
}
