package task_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// story is one field over several looks.
type story struct {
	name   string
	field  task.Field
	origin task.Origin // FromCommerce unless said
	home   task.State  // without values; takes all fields unless mute
	teams  task.State
	looks  []look
}

// look is what is shown and what is to come of it. "-" stands for nothing.
type look struct {
	after       time.Duration // since the look before; a minute unless said
	home, teams string        // what they show
	agreed      string
	tellHome    string
	tellTeams   string
	lost        string // "side: value", of several joined by commas
	again       time.Duration
	unsent      bool // the writes failed
}

// mute is the state of a side that takes no writes.
var mute = task.State{Fixed: 1 << 15}

// tell is the state of a side that does, given that what is left unsaid says so.
func readied(s task.State, f task.Field, value string) task.State {
	if s.Fixed == mute.Fixed {
		s.Fixed = 0
	} else {
		s.Takes = task.AllFields()
	}
	if value != "-" {
		s.Values = task.Values{f: value}
	}
	return s
}

func play(t *testing.T, s story) {
	t.Helper()
	if s.origin == "" {
		s.origin = task.FromCommerce
	}
	var base task.Base
	now := noon
	for i, l := range s.looks {
		if l.after == 0 {
			l.after = time.Minute
		}
		now = now.Add(l.after)
		before := maps.Clone(base.Fields)
		out := task.Merge(s.origin, base, readied(s.home, s.field, l.home), readied(s.teams, s.field, l.teams), now)
		if !maps.Equal(before, base.Fields) {
			t.Fatalf("look %d: the base that was given changed", i+1)
		}
		got := look{
			after: l.after, home: l.home, teams: l.teams, again: out.LookAgain, unsent: l.unsent,
			agreed: valueOr(out.Agreed, s.field), tellHome: valueOr(out.Write[task.Home], s.field),
			tellTeams: valueOr(out.Write[task.Teams], s.field), lost: "-",
		}
		var losses []string
		for _, loss := range out.Losses {
			losses = append(losses, loss.Side+": "+loss.Value)
			if !loss.At.Equal(now) || loss.Field != s.field.String() {
				t.Errorf("look %d: lost at %v: %s", i+1, loss.At, loss.Field)
			}
		}
		if losses != nil {
			got.lost = strings.Join(losses, ", ")
		}
		for _, word := range []*string{&l.tellHome, &l.tellTeams, &l.lost} {
			if *word == "" {
				*word = "-"
			}
		}
		if l.again == anyTime {
			got.again = anyTime
		}
		if got != l {
			t.Fatalf("look %d:\n got %+v\nwant %+v", i+1, got, l)
		}
		if base = out.Base; l.unsent {
			base = base.Unsent(task.Home).Unsent(task.Teams)
		}
	}
}

// anyTime is when it does not matter when the next look is.
const anyTime = time.Duration(-1)

func valueOr(v task.Values, f task.Field) string {
	if value, ok := v[f]; ok {
		if value == "" {
			return "none"
		}
		return value
	}
	return "-"
}

const (
	open, doing, done = task.NotStarted, task.InProgress, task.Completed
	resend, undone    = task.ResendInterval, task.UndoneInterval
)

var (
	ordered = task.State{Ordered: true}
	single  = task.State{Single: true}
)

func fixing(f task.Field) task.State { return task.State{Fixed: task.FieldsOf(f)} }
