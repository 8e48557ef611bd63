package task_test

import (
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
)

var (
	noon     = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	interval = 15 * time.Minute
)

// situation is everything that Fate looks at, in few values each, so that all of
// them can be tried.
type situation struct {
	origin        task.Origin
	home, teams   task.Presence
	wasHome       bool // the entry names a task in Commerce
	wasTeams      bool // the entry names a task on the board
	missing       string
	cancelled     string // "", "said", "moved", "old"
	status        string
	creates, dels bool
	muchGone      bool
	aged          bool
}

// The absences: not noted before, noted a moment ago, noted long enough ago.
const (
	fresh = "first"
	early = "early"
	late  = "late"
)

func (s situation) verdict() task.Verdict {
	e := task.Entry{Key: "k", Origin: s.origin, Status: s.status}
	if s.wasHome {
		e.Home = "p/t"
	}
	if s.wasTeams {
		e.Planner = "planner"
	}
	if s.aged {
		e.Aged = noon.Add(-time.Hour)
	}
	switch s.missing {
	case early:
		e.MissingHome, e.MissingTeams = noon.Add(1-interval), noon.Add(1-interval)
	case late:
		e.MissingHome, e.MissingTeams = noon.Add(-interval), noon.Add(-interval)
	}
	switch s.cancelled {
	case "moved":
		e.Cancelled = noon.Add(1 - task.CancelledKeep)
	case "old":
		e.Cancelled = noon.Add(-task.CancelledKeep)
	}
	return task.Fate(e, s.home, s.teams, task.FateOptions{
		Now: noon, Interval: interval, HomeCreates: s.creates, HomeDeletes: s.dels,
		Cancelled: s.cancelled != "", MuchGone: s.muchGone,
	})
}

// situations yields all of them.
func situations(yield func(situation) bool) {
	presences := []task.Presence{task.Unknown, task.Shown, task.Absent}
	var s situation
	for _, s.origin = range []task.Origin{task.FromCommerce, task.FromList, task.FromTeams} {
		for _, s.home = range presences {
			for _, s.teams = range presences {
				for _, s.missing = range []string{fresh, early, late} {
					for _, s.cancelled = range []string{"", "said", "moved", "old"} {
						for _, s.status = range []string{task.NotStarted, task.Completed} {
							for flags := range 1 << 6 {
								on := func(bit int) bool { return flags>>bit&1 == 1 }
								s.wasHome, s.wasTeams, s.creates, s.dels, s.muchGone, s.aged = on(0), on(1), on(2), on(3), on(4), on(5)
								if !yield(s) {
									return
								}
							}
						}
					}
				}
			}
		}
	}
}

// fates say what is to come of every situation. Each has exactly one line.
var fates = []struct {
	name string
	when func(s situation) bool
	want task.Decision
}{
	{"a side is unknown", func(s situation) bool { return s.home == task.Unknown || s.teams == task.Unknown }, task.Nothing},

	{"both show it", func(s situation) bool { return both(s) && s.cancelled == "" && !listMissesCommerce(s) }, task.MergeBoth},
	{"a list's, not in Commerce", func(s situation) bool { return both(s) && s.cancelled == "" && listMissesCommerce(s) }, task.CreateAtHome},

	{"called off, open", func(s situation) bool { return onBoard(s) && calledOff(s) && isOpen(s) && s.cancelled != "old" }, task.Cancel},
	{"called off long ago", func(s situation) bool { return onBoard(s) && calledOff(s) && isOpen(s) && s.cancelled == "old" }, task.DeleteInTeams},
	{"called off, completed", func(s situation) bool { return onBoard(s) && calledOff(s) && !isOpen(s) }, task.Keep},

	{"not on the board, called off", func(s situation) bool { return onlyHome(s) && calledOff(s) }, task.Keep},
	{"not on the board, aged out", func(s situation) bool { return onlyHome(s) && !calledOff(s) && s.aged }, task.Keep},
	{"never on the board", func(s situation) bool { return onlyHome(s) && stays(s) && !s.wasTeams }, task.CreateInTeams},
	{"deleted on the board, perhaps", func(s situation) bool { return deletedOnBoard(s) && s.missing != late }, task.Wait},
	{"deleted on the board", func(s situation) bool { return deletedOnBoard(s) && s.missing == late && !own(s) }, task.Restore},
	{"own deleted, stays in Commerce", func(s situation) bool { return deletedOnBoard(s) && s.missing == late && own(s) && !s.dels }, task.Keep},
	{"own deleted", func(s situation) bool {
		return deletedOnBoard(s) && s.missing == late && own(s) && s.dels && !s.muchGone
	}, task.DeleteAtHome},
	{"many own deleted", func(s situation) bool {
		return deletedOnBoard(s) && s.missing == late && own(s) && s.dels && s.muchGone
	}, task.Hold},

	{"own, never at home, can be", func(s situation) bool { return onlyTeams(s) && !hadHome(s) && s.creates }, task.CreateAtHome},
	{"own, never at home", func(s situation) bool { return onlyTeams(s) && !hadHome(s) && !s.creates }, task.MergeBoth},
	{"gone at home, perhaps", func(s situation) bool { return onlyTeams(s) && hadHome(s) && s.missing != late }, task.Wait},
	{"gone at home, completed", func(s situation) bool { return onlyTeams(s) && hadHome(s) && s.missing == late && !isOpen(s) }, task.Keep},
	{"gone at home, with many", func(s situation) bool {
		return onlyTeams(s) && hadHome(s) && s.missing == late && isOpen(s) && s.muchGone
	}, task.Hold},
	{"gone at home", func(s situation) bool {
		return onlyTeams(s) && hadHome(s) && s.missing == late && isOpen(s) && !s.muchGone
	}, task.DeleteInTeams},

	{"gone on both sides, perhaps", func(s situation) bool { return neither(s) && s.missing != late && (hadHome(s) || hadCard(s)) }, task.Wait},
	{"gone on both sides", func(s situation) bool { return neither(s) && s.missing == late && (hadHome(s) || hadCard(s)) }, task.Forget},
	{"never anywhere", func(s situation) bool { return neither(s) && !hadHome(s) && !hadCard(s) }, task.Forget},
}

func both(s situation) bool     { return s.home == task.Shown && s.teams == task.Shown }
func neither(s situation) bool  { return s.home == task.Absent && s.teams == task.Absent }
func onlyHome(s situation) bool { return s.home == task.Shown && s.teams == task.Absent }
func onBoard(s situation) bool  { return s.home != task.Unknown && s.teams == task.Shown }
func onlyTeams(s situation) bool {
	return s.home == task.Absent && s.teams == task.Shown && !calledOff(s)
}
func calledOff(s situation) bool { return s.cancelled != "" }
func isOpen(s situation) bool    { return s.status != task.Completed }
func own(s situation) bool       { return s.origin == task.FromTeams }
func hadHome(s situation) bool   { return !own(s) || s.wasHome }
func hadCard(s situation) bool   { return s.wasTeams && !s.aged }
func stays(s situation) bool     { return !calledOff(s) && !s.aged }

func deletedOnBoard(s situation) bool { return onlyHome(s) && stays(s) && s.wasTeams }
func listMissesCommerce(s situation) bool {
	return s.origin == task.FromList && !s.wasHome && s.creates
}

func TestFate(t *testing.T) {
	used := map[string]bool{}
	for s := range situations {
		var lines []string
		for _, f := range fates {
			if !f.when(s) {
				continue
			}
			lines, used[f.name] = append(lines, f.name), true
			if got := s.verdict().Decision; got != f.want {
				t.Fatalf("%s (%+v): %s, want %s", f.name, s, got, f.want)
			}
		}
		if len(lines) != 1 {
			t.Fatalf("%+v has the lines %q, want one", s, lines)
		}
	}
	for _, f := range fates {
		if !used[f.name] {
			t.Errorf("nothing is ever %q", f.name)
		}
	}
}

// What the entry has to remember, and when to look again.
func TestFateNotes(t *testing.T) {
	before, soon := noon.Add(-time.Minute), noon.Add(interval)
	options := task.FateOptions{Now: noon, Interval: interval}
	entry := task.Entry{Origin: task.FromCommerce, Home: "p/t", Planner: "x", MissingHome: before, MissingTeams: before}
	fresh := entry
	fresh.MissingHome, fresh.MissingTeams = time.Time{}, time.Time{}
	cases := []struct {
		name        string
		entry       task.Entry
		home, teams task.Presence
		want        task.Verdict
	}{
		{"shown again", entry, task.Shown, task.Shown, task.Verdict{Decision: task.MergeBoth}},
		{
			"unknown", entry, task.Unknown, task.Unknown,
			task.Verdict{Decision: task.Nothing, MissingHome: before, MissingTeams: before},
		},
		{
			"half unknown", fresh, task.Unknown, task.Absent,
			task.Verdict{Decision: task.Nothing, MissingTeams: noon},
		},
		{"missed once", fresh, task.Shown, task.Absent, task.Verdict{Decision: task.Wait, Until: soon, MissingTeams: noon}},
		{
			"missed again, too early", entry, task.Absent, task.Shown,
			task.Verdict{Decision: task.Wait, Until: before.Add(interval), MissingHome: before},
		},
		{
			"never there", task.Entry{Origin: task.FromCommerce, Home: "p/t"}, task.Shown, task.Absent,
			task.Verdict{Decision: task.CreateInTeams},
		},
		{
			"never at home", task.Entry{Origin: task.FromTeams, Planner: "x"}, task.Absent, task.Shown,
			task.Verdict{Decision: task.MergeBoth},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := task.Fate(c.entry, c.home, c.teams, options); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		o := options
		o.Cancelled = true
		if got := task.Fate(fresh, task.Shown, task.Shown, o); got != (task.Verdict{Decision: task.Cancel}) {
			t.Errorf("called off just now: %+v", got)
		}
		moved := fresh
		moved.Cancelled = before
		want := task.Verdict{Decision: task.Cancel, Until: before.Add(task.CancelledKeep)}
		if got := task.Fate(moved, task.Shown, task.Shown, o); got != want {
			t.Errorf("moved: %+v, want %+v", got, want)
		}
	})
	t.Run("the status of now counts", func(t *testing.T) {
		o := options
		o.Cancelled, o.Status = true, task.Completed
		if got := task.Fate(fresh, task.Shown, task.Shown, o).Decision; got != task.Keep {
			t.Errorf("completed now: %s", got)
		}
		done := fresh
		done.Status, o.Status = task.Completed, task.InProgress
		if got := task.Fate(done, task.Shown, task.Shown, o).Decision; got != task.Cancel {
			t.Errorf("reopened now: %s", got)
		}
	})
	t.Run("an interval of nothing", func(t *testing.T) {
		if got := task.Fate(fresh, task.Absent, task.Shown, task.FateOptions{Now: noon}).Decision; got != task.Wait {
			t.Errorf("a first sighting: %s", got)
		}
	})
}

func TestDecisionNames(t *testing.T) {
	seen := map[string]bool{}
	for d := task.Nothing; d <= task.Hold; d++ {
		if name := d.String(); seen[name] || strings.HasPrefix(name, "no decision") {
			t.Errorf("decision %d is called %q", d, name)
		} else {
			seen[name] = true
		}
	}
	if got := (task.Hold + 1).String(); got != "no decision" {
		t.Errorf("what is no decision is called %q", got)
	}
}
