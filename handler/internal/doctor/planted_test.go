package doctor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/doctor"
)

// planted is one thing broken in a healthy patient, and the finding that has to
// come of it.
type planted struct {
	name  string
	plant func(*patient)

	check, subject string
	level          doctor.Level
	text           string // part of the finding's text
	fix            string // part of its fix: the setting, menu, permission or command that cures it
}

// TestHealthy: nothing is wrong, worth a note or unknown where nothing is broken.
func TestHealthy(t *testing.T) {
	r := healthy().examine(t)
	for _, f := range r.Findings {
		if f.Level != doctor.Fine {
			t.Errorf("%s %s is %s: %s", f.Check, f.Subject, f.Level, f.Text)
		}
	}
	if r.Sick() {
		t.Error("the patient is sick")
	}
}

func TestPlanted(t *testing.T) {
	all := slices.Concat(plantedSettings(), plantedNames(), plantedCommerce(), plantedRows(), plantedGraph(), plantedMachine(), plantedRuns(), plantedStores(), plantedPeople())
	if len(all) < 40 {
		t.Errorf("%d faults are planted", len(all))
	}
	names := map[string]bool{}
	for _, p := range all {
		if names[p.name] {
			t.Errorf("%q is planted twice", p.name)
		}
		names[p.name] = true
		t.Run(p.name, func(t *testing.T) {
			patient := healthy()
			p.plant(patient)
			p.want(t, patient.examine(t))
		})
	}
}

// want looks for the finding, and for anything else that is wrong: what is
// planted is the only thing to be cured.
func (p planted) want(t *testing.T, r doctor.Report) {
	t.Helper()
	found := slices.ContainsFunc(r.Findings, func(f doctor.Finding) bool {
		return f.Check == p.check && f.Subject == p.subject && f.Level == p.level &&
			strings.Contains(f.Text, p.text) && strings.Contains(f.Fix, p.fix)
	})
	if !found {
		t.Errorf("nothing in %s says of %q that it is %s, with %q and the fix %q:\n%s", p.check, p.subject, p.level, p.text, p.fix, text(t, r))
	}
	for _, f := range r.Findings {
		if f.Level == doctor.Wrong && (f.Check != p.check || f.Subject != p.subject) {
			t.Errorf("%s %s is wrong too: %s", f.Check, f.Subject, f.Text)
		}
		if f.Level != doctor.Fine && (f.Text == "" || f.Fix == "") {
			t.Errorf("%s %s is %s without saying what to do: %q", f.Check, f.Subject, f.Level, f.Text)
		}
		if f.Level != doctor.Fine && strings.ContainsAny(f.Text+f.Fix, "@\n") {
			t.Errorf("%s %s shows an address, or more than a line: %s -> %s", f.Check, f.Subject, f.Text, f.Fix)
		}
	}
	if r.Sick() != (p.level == doctor.Wrong) {
		t.Errorf("sick is %v", r.Sick())
	}
}

const (
	fine     = doctor.Fine
	note     = doctor.Note
	wrong    = doctor.Wrong
	unknowns = doctor.Unknown
)

// env plants a setting.
func env(name, value string) func(*patient) {
	return func(p *patient) { p.env[name] = value }
}

// without drops the elements that are so.
func without[T any](all *[]T, is func(T) bool) { *all = slices.DeleteFunc(*all, is) }
