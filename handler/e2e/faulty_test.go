package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The tests of this file and of those named faulty… break one thing at a time
// and ask the staged binary's doctor what is wrong.

// fault is one thing that is broken in a healthy site, and the finding that has
// to come of it.
type fault struct {
	name  string
	plant plant

	check, subject string
	level          string
	fix            string // part of what to do about it

	// also are other checks that find something wrong because of it.
	also []string
}

// plant breaks something in a site, and returns what mends it.
type plant func(*testing.T, *site) (mend func(*testing.T))

// The levels of findings.
const (
	note    = "note"
	amiss   = "wrong"
	unknown = "unknown"
)

// ward is faults that are planted one after the other in one site.
type ward struct {
	name string

	// read says that runs have to look before the doctor can tell.
	read   bool
	faults []fault
}

func wards() []ward {
	return []ward{
		{name: "Commerce now", faults: faultyCommerce()},
		{name: "the tenant now", faults: faultyTenant()},
		{name: "settings", faults: faultySettings()},
		{name: "stores", read: true, faults: faultyStores()},
		{name: "rows", read: true, faults: faultyRows()},
		{name: "people", read: true, faults: faultyPeople()},
	}
}

// leastFaults is how many faults have to be found, files of settings aside.
const leastFaults = 40

// TestDoctor plants fault after fault, each alone. Before and after each there
// is nothing to be fixed.
func TestDoctor(t *testing.T) {
	t.Parallel()
	planted := len(faultyStarts())
	for _, w := range wards() {
		planted += len(w.faults)
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := full(t, twins(chain(6, 6)))
			s.healthy(t)
			for _, f := range w.faults {
				t.Run(f.name, func(t *testing.T) { f.treat(t, s, w.read) })
			}
		})
	}
	if planted < leastFaults {
		t.Errorf("%d faults are planted", planted)
	}
}

// treat plants a fault, looks for the finding, and mends it.
func (f fault) treat(t *testing.T, s *site, read bool) {
	t.Helper()
	mend := f.plant(t, s)
	if read {
		s.sync(t)
		s.sync(t)
	}
	f.found(t, s)
	mend(t)
	if read {
		s.settle(t)
	}
	s.healthy(t)
}

// finding is what the doctor says of one thing.
type finding struct{ Check, Subject, Level, Text, Fix string }

func (f finding) String() string {
	return fmt.Sprintf("%s %s is %s: %s -> %s", f.Check, f.Subject, f.Level, f.Text, f.Fix)
}

// doctor asks for what is not fine.
func (s *site) doctor(t *testing.T) (code int, found []finding) {
	t.Helper()
	got := s.handler(t, "doctor", "--output", "json")
	return got.code, findings(t, got)
}

func findings(t *testing.T, got told) []finding {
	t.Helper()
	var report struct{ Findings []finding }
	got.read(t, &report)
	return slices.DeleteFunc(report.Findings, func(f finding) bool { return f.Level == "fine" })
}

// healthy checks that nothing has to be fixed.
func (s *site) healthy(t *testing.T) {
	t.Helper()
	code, found := s.doctor(t)
	for _, f := range found {
		if f.Level == amiss {
			t.Errorf("healthy, and yet %s", f)
		}
	}
	if code != exitDone {
		t.Errorf("healthy, and exit code %d", code)
	}
}

// found checks what the doctor says of the fault, as JSON and in words.
func (f fault) found(t *testing.T, s *site) {
	t.Helper()
	code, all := s.doctor(t)
	f.among(t, code, all)
	told := s.handler(t, "doctor")
	f.told(t, told, all)
}

// among checks that a fault's finding is among others, and that there is nothing
// else to be fixed.
func (f fault) among(t *testing.T, code int, all []finding) {
	t.Helper()
	if slices.IndexFunc(all, f.is) < 0 {
		t.Errorf("nothing in %s says of %q that it is %s, with %q to fix it:\n%s", f.check, f.subject, f.level, f.fix, lined(all))
	}
	for _, other := range all {
		if other.Level == amiss && other.Check != f.check && !slices.Contains(f.also, other.Check) {
			t.Errorf("there is more to be fixed: %s", other)
		}
	}
	want := exitDone
	if f.level == amiss || len(f.also) > 0 {
		want = exitFailed
	}
	if code != want {
		t.Errorf("exit code %d, want %d", code, want)
	}
}

func (f fault) is(one finding) bool {
	return one.Check == f.check && one.Subject == f.subject && one.Level == f.level && strings.Contains(one.Fix, f.fix)
}

func lined(all []finding) string {
	var b strings.Builder
	for _, f := range all {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

// told checks that the words say the finding and its fix, on a line each, and
// come with the same exit code.
func (f fault) told(t *testing.T, got told, all []finding) {
	t.Helper()
	i := slices.IndexFunc(all, f.is)
	if i < 0 {
		return
	}
	subject := ""
	if f.subject != "" {
		subject = f.subject + ": "
	}
	if says := subject + all[i].Text + "\n          -> " + all[i].Fix + "\n"; !strings.Contains(got.out, says) {
		t.Errorf("%q is not in\n%s", says, got.out)
	}
	if want := map[bool]int{true: exitFailed, false: exitDone}[f.level == amiss || len(f.also) > 0]; got.code != want {
		t.Errorf("in words, exit code %d, want %d", got.code, want)
	}
}
