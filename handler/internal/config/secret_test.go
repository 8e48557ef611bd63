package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretShowsNowhere(t *testing.T) {
	t.Parallel()
	const key = "c2VjcmV0IGtleQ=="
	connection := "AccountName=account;AccountKey=" + key
	c := accepted(t, fewest().with("LEDGER", "", "TABLES_CONNECTION", connection))
	s := c.Ledger.Connection
	if s.Reveal() != connection {
		t.Fatalf("Reveal gives %q", s.Reveal())
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%08b", "%t"} {
		_, _ = fmt.Fprintf(&out, verb+"\n", s)
		_, _ = fmt.Fprintf(&out, verb+"\n", &s)
		_, _ = fmt.Fprintf(&out, verb+"\n", c.Ledger)
	}
	logger := slog.New(slog.NewTextHandler(&out, nil))
	logger.Info("log", "secret", s, "pointer", &s, "ledger", c.Ledger)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("log", "secret", s, "ledger", c.Ledger)
	if err := json.NewEncoder(&out).Encode(c); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{s.String(), s.GoString(), s.LogValue().String()} {
		if text != "redacted" {
			t.Errorf("it calls itself %q", text)
		}
	}
	hexKey := fmt.Sprintf("%x", key)
	if text := out.String(); strings.Contains(text, key) || strings.Contains(text, hexKey) || !strings.Contains(text, "redacted") {
		t.Errorf("the secret shows:\n%s", text)
	}
}
