package cli

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestEveryCommandIsDescribed walks the whole tree.
func TestEveryCommandIsDescribed(t *testing.T) {
	t.Parallel()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		way := c.CommandPath()
		switch {
		case c.Short == "" || strings.HasSuffix(c.Short, ".") || len(c.Short) > 80:
			t.Errorf("%s: short text %q", way, c.Short)
		case len(c.Long) <= len(c.Short)-10:
			t.Errorf("%s: long text %q", way, c.Long)
		case !strings.Contains(c.Example, "  "+way):
			t.Errorf("%s: example %q", way, c.Example)
		}
		for line := range strings.Lines(c.Long) {
			if len(line) > 130 {
				t.Errorf("%s: long line %q", way, line)
			}
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: --%s says nothing", way, f.Name)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&seat{}).root())
}

// TestExamplesParse has the examples of every command be ways to say it.
func TestExamplesParse(t *testing.T) {
	t.Parallel()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for line := range strings.Lines(c.Example) {
			args := strings.Fields(strings.Split(line, " > ")[0])[1:]
			found, rest, err := (&seat{}).root().Find(args)
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err == nil {
				err = found.ValidateArgs(found.Flags().Args())
			}
			if err == nil {
				err = found.ValidateFlagGroups()
			}
			if err != nil || found.HasSubCommands() {
				t.Errorf("%q: %s, %v", line, found.CommandPath(), err)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&seat{}).root())
}

func TestCommands(t *testing.T) {
	t.Parallel()
	var names []string
	for _, c := range Commands() {
		names = append(names, c.Name)
		if c.Does == "" {
			t.Errorf("%s does nothing", c.Name)
		}
	}
	want := []string{
		"baseline accept [--reading TIME]", "baseline show", "block --user U|--worker P [--store N]", "blocks", "completion SHELL",
		"doctor [--settings FILE] [--all]", "explain --store N|--worker P|--user U", "extras", "hierarchy export [--out FILE] [--force]",
		"hierarchy lint FILE", "holds allow HASH", "holds list", "holds refuse HASH", "holds show HASH", "job ID", "plan [--store N]",
		"rebuild", "revoke --user U|--worker P", "run [--store N]", "runs list [--limit N]", "runs show [ID|last]", "status",
		"tasks allow --store N|--communications", "tasks dead-letters drop ID|all", "tasks dead-letters list",
		"tasks dead-letters retry ID|all", "tasks problems [--store N]", "tasks status [--campaign C] [--region R]",
		"unblock --user U|--worker P [--store N]", "unmapped [--csv]", "version",
	}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.run(t.Context(), "version").expect(t, exitDone, "handler v0.5.0, "+runtime.Version()+", "+runtime.GOOS+"/"+runtime.GOARCH+"\n", "")
	p.run(t.Context(), "version", "-o", "json").holds(t, exitDone, `"version": "v0.5.0"`, "")
	if len(p.app.asked) > 0 {
		t.Errorf("asked %q", p.app.asked)
	}
}

func TestHelpAndCompletion(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--help":                    "Exit codes: 0 done",
		"help":                      "STORETEAMS_KEY",
		"plan --help":               "handler plan --store 000101",
		"holds --help":              "refuse",
		"completion bash":           "handler",
		"completion zsh":            "handler",
		"completion fish":           "handler",
		"completion powershell":     "handler",
		"__complete hol":            "holds\t",
		"__complete plan --output ": "json\n",
		"__complete holds a":        "allow\t",
	} {
		p := newPlace(t)
		p.run(t.Context(), strings.Split(args, " ")...).holds(t, exitDone, want, "")
	}
}

// TestWords tries the words at their edges.
func TestWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	for key, want := range map[string][2]string{
		"c": {"communications", ""}, "s/000101": {"store 000101", "000101"}, "store 7": {"store 7", "7"}, "communications": {"communications", ""},
	} {
		if name, store := teamName(key), storeOf(key); name != want[0] || store != want[1] {
			t.Errorf("%s: %s, %s", key, name, store)
		}
	}
	for d, want := range map[int]string{0: "1 second", 59: "59 seconds", 60: "1 minute", 7199: "120 minutes", 7200: "2 hours", 90000: "25 hours"} {
		if got := about(seconds(d)); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}
