package config_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/config"
)

// TestFromEnvSurvivesAnything gives settings random values, good ones among
// them, and states what must hold of every answer.
func TestFromEnvSurvivesAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := fewest()
		var environ []string
		for _, s := range config.Settings() {
			if rapid.Bool().Draw(t, "set "+s.Name) {
				e[s.Name] = rapid.OneOf(rapid.String(), rapid.SampledFrom(oddValues)).Draw(t, s.Name)
				environ = append(environ, s.Name+"="+e[s.Name])
			}
		}
		environ = append(environ, rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "environ")...)
		checkAnswer(t, e, environ)
	})
}

// oddValues are near what one setting or other accepts. marker stands in those
// that no message may repeat.
var oddValues = []string{
	"", " ", `"`, `''`, ",", "0", "-1", "1e9", "99999999999999999999", "NaN", "1h", "30s", "31s", "-5m", "9223372036854775807ns", "30d", "1d1h", "-1d", "99999d", "d",
	"yes", "no", "plan", "add", "full", "off", "sync", "auto", "tables", "file:", "file:x", "file:" + marker, "{name}", "{{name}}", "{number}" + marker,
	"https://" + marker, "https://" + marker + ".com", "http://127.0.0.1:1", "http://127.0.0.1:1/v1.0", "https://u:" + marker + "@contoso.com", "https://[::1", "https://%zz",
	marker + "@contoso.com", marker + "@", "AccountKey=" + marker, "UseDevelopmentStorage=true", "\x00" + marker, "\xff", marker + "\n" + marker,
	"0a1b2c3d-0000-4000-8000-00000000abcd", "{0a1b2c3d-0000-4000-8000-00000000abcd}", "00000000-0000-0000-0000-000000000000",
}

const marker = "xyzzy"

func checkAnswer(t *rapid.T, e env, environ []string) {
	c, err := config.FromEnv(e.get, environ...)
	if err == nil {
		if c.CommerceURL == nil || c.GraphURL == nil || c.TenantID == "" || c.Rules.Instance == "" || len(c.Rules.FallbackOwners) == 0 || c.RunBudget <= 0 {
			t.Fatalf("accepted half-configured: %+v", c)
		}
		// A rail that its setting took away would let everything through.
		if c.ArchiveAfter <= 0 || c.SightingInterval <= 0 || c.HandsDelay < 0 || c.MinSource < 1 || c.ErrorBudgetPercent < 1 ||
			c.MaxRemovals < 0 || c.MaxRemovalPercent < 0 || c.MaxTeamRemovalPercent < 0 {
			t.Fatalf("accepted without a rail: %+v", c)
		}
		return
	}
	var all config.Mistakes
	if !errors.As(err, &all) || len(all) == 0 {
		t.Fatalf("error is %v, want mistakes", err)
	}
	if !slices.IsSortedFunc(all, func(a, b config.Mistake) int { return strings.Compare(a.Setting, b.Setting) }) {
		t.Fatalf("not sorted: %v", all)
	}
	if line := err.Error(); strings.Contains(line, marker) || strings.ContainsFunc(line, unicode.IsControl) {
		t.Fatalf("repeats a value or breaks the line: %q", line)
	}
}
