package main

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestReady(t *testing.T) {
	t.Parallel()
	const parameters = `{"value": "${SCOPE}"}`
	const good = "COMMERCE_URL=https://contoso.operations.dynamics.com FALLBACK_OWNERS=it@contoso.com"
	for name, c := range map[string]struct {
		environ string
		set     string // what is kept, by the name and how its value begins
		errs    []string
	}{
		"nothing given":               {"", "", []string{"COMMERCE_URL", "FALLBACK_OWNERS"}},
		"http":                        {"COMMERCE_URL=http://contoso.com FALLBACK_OWNERS=it@contoso.com", "", []string{"COMMERCE_URL"}},
		"first time":                  {good, "NOTIFICATION_SECRETS=k1:", nil},
		"second time":                 {good + " NOTIFICATION_SECRETS=k1:abc", "", nil},
		"turned off":                  {good + " NOTIFICATIONS=off", "", nil},
		"turned off later":            {good + " NOTIFICATIONS=off NOTIFICATION_SECRETS=k1:abc", "NOTIFICATION_SECRETS=", nil},
		"a long name":                 {good + " AZURE_ENV_NAME=my-environment", "", []string{"INSTANCE"}},
		"a name beside it":            {good + " AZURE_ENV_NAME=my-environment INSTANCE=prod NOTIFICATIONS=off", "", nil},
		"a quote":                     {good + ` SCOPE=a"b OTHER=a"b`, "", []string{"SCOPE"}},
		"misspelled":                  {good + " NOTIFICATIONS=nein", "", []string{"NOTIFICATIONS"}},
		"events in a private network": {good + " PRIVATE_NETWORK=true COMMERCE_EVENTS=true", "", []string{"PRIVATE_NETWORK"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var kept, out strings.Builder
			err := run(strings.Fields(c.environ), parameters, func(name, value string) error {
				kept.WriteString(name + "=" + value)
				return nil
			}, &out)
			if (err != nil) != (c.errs != nil) {
				t.Fatalf("error %v, want one about %q", err, c.errs)
			}
			for _, part := range c.errs {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q says nothing of %s", err, part)
				}
			}
			if !strings.HasPrefix(kept.String(), c.set) || c.set == "" && kept.Len() > 0 {
				t.Errorf("kept %q, want %q", kept.String(), c.set)
			}
			if _, secret, ok := strings.Cut(kept.String(), "k1:"); ok {
				if key, err := base64.StdEncoding.DecodeString(secret); err != nil || len(key) < 32 {
					t.Errorf("the secret has %d bytes (%v), 32 are needed", len(key), err)
				}
				if strings.Contains(out.String(), secret) {
					t.Error("the secret is printed")
				}
			}
		})
	}
}
