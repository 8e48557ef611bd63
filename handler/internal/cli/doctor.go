package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
)

// maxSettings bounds a file of settings, in bytes.
const maxSettings = 1 << 20

func (s *seat) doctorCommand() *cobra.Command {
	var (
		settings string
		all      bool
	)
	c := s.command(&cobra.Command{
		Use:   "doctor [--settings FILE] [--all]",
		Short: "Look for everything that must be fixed, and say how",
		Long: `Look for everything that must be fixed, and say how, one sentence each: settings,
Commerce's collections and attributes, permissions in Graph, the ledger's tables,
Service Bus, the clock, licences, stores without managers, duplicate names. The
app looks, with harmless reads.

With --settings only a file of settings is looked at, here and without the app:
before a deployment, or when the app does not start. The file is a
local.settings.json, or what az functionapp config appsettings list prints.

Exit code 1 says that something must be fixed.`,
		Example: "  handler doctor\n  handler doctor --all\n  handler doctor --settings local.settings.json",
	}, func(ctx context.Context, _ []string) error {
		v := reportView(all)
		if err := s.hasForm(v); err != nil {
			return err
		}
		if settings != "" {
			return s.checkSettings(settings, v)
		}
		got, err := s.ask(ctx, post("doctor", "doctor", nil))
		if err != nil {
			return s.noDoctor(err, v)
		}
		return s.show(got.value, v)
	})
	c.Flags().StringVar(&settings, "settings", "", "look at the settings in this `file` only, without the app")
	c.Flags().BoolVar(&all, "all", false, "show what is fine, too")
	_ = c.MarkFlagFilename("settings", "json") // the flag is defined above
	return c
}

func reportView(all bool) view {
	return viewOf(
		func(p *page, r doctor.Report) {
			_ = r.WriteText(p, all) // memory takes everything
		},
		func(r doctor.Report) [][]string {
			rows := [][]string{{"check", "subject", "level", "text", "fix"}}
			for _, f := range r.Findings {
				rows = append(rows, []string{f.Check, f.Subject, string(f.Level), f.Text, f.Fix})
			}
			return rows
		},
		func(r doctor.Report) int {
			if r.Sick() {
				return exitFailed
			}
			return exitDone
		})
}

// noDoctor makes a finding of an app that does not answer: it is the first thing
// to fix.
func (s *seat) noDoctor(err error, v view) error {
	var f *failure
	if !errors.As(err, &f) || !f.nobody {
		return err
	}
	return s.showReport(doctor.Report{Findings: []doctor.Finding{{
		Check: "app", Level: doctor.Wrong, Text: f.text,
		Fix: f.hint + " If it does not start, look at its settings: " + program + " doctor --settings FILE",
	}}}, v)
}

// checkSettings looks at a file of settings.
func (s *seat) checkSettings(file string, v view) error {
	text, err := readFile(file, maxSettings)
	if err != nil {
		return err
	}
	values, err := doctor.ReadSettings(bytes.NewReader(text))
	if err != nil {
		return wrong("%s: %s", file, errors.Unwrap(err)) // the file, not the step, is what helps
	}
	environ := make([]string, 0, len(values))
	for name, value := range values {
		environ = append(environ, name+"="+value)
	}
	slices.Sort(environ)
	return s.showReport(doctor.CheckSettings(func(name string) string { return values[name] }, environ), v)
}

// showReport shows a report that was made here as if the app had.
func (s *seat) showReport(r doctor.Report, v view) error {
	value, err := json.Marshal(r)
	if err != nil {
		return &failure{kind: fault.Internal, text: "cannot write the report", err: err}
	}
	return s.show(value, v)
}
