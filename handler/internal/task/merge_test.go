package task_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
)

func TestMergeWithoutBase(t *testing.T) {
	play := func(t *testing.T, f task.Field, origin task.Origin, l look) {
		t.Helper()
		l.again = anyTime
		play(t, story{field: f, origin: origin, looks: []look{l}})
	}
	for _, origin := range []task.Origin{task.FromCommerce, task.FromList, task.FromTeams} {
		for row := range slices.Values(task.Matrix()) {
			t.Run(fmt.Sprintf("%s from %s", row.Field, origin), func(t *testing.T) {
				one, other := "one", "other"
				if row.Field == task.Status {
					one, other = open, done
				}
				play(t, row.Field, origin, look{home: one, teams: one, agreed: one})
				play(t, row.Field, origin, look{home: one, teams: "-", agreed: one})
				play(t, row.Field, origin, look{home: "-", teams: one, agreed: one})
				homeWins := look{home: one, teams: other, agreed: one, tellTeams: one}
				teamsWins := look{home: one, teams: other, agreed: other, tellHome: other}
				switch {
				case row.Rule == task.Further:
					play(t, row.Field, origin, teamsWins)
					play(t, row.Field, origin, look{home: other, teams: one, agreed: other, tellTeams: other})
				case row.Rule == task.OriginWins && origin != task.FromTeams:
					play(t, row.Field, origin, homeWins)
				default:
					play(t, row.Field, origin, teamsWins)
				}
			})
		}
	}
	t.Run("nobody shows anything", func(t *testing.T) {
		out := task.Merge(task.FromCommerce, task.Base{}, task.State{}, task.State{}, noon)
		if want := (task.Outcome{Agreed: task.Values{}}); !reflect.DeepEqual(out, want) {
			t.Errorf("got %+v, want %+v", out, want)
		}
	})
	t.Run("each field by itself", func(t *testing.T) {
		home := task.State{Takes: task.AllFields(), Values: task.Values{task.Title: "h", task.Progress: "h", task.Due: "2026-01-01"}}
		teams := task.State{Takes: task.AllFields(), Values: task.Values{task.Title: "t", task.Progress: "t", task.Status: open}}
		out := task.Merge(task.FromCommerce, task.Base{}, home, teams, noon)
		agreed := task.Values{task.Title: "h", task.Progress: "t", task.Due: "2026-01-01", task.Status: open}
		write := [2]task.Values{{task.Progress: "t"}, {task.Title: "h"}}
		if !maps.Equal(out.Agreed, agreed) || !reflect.DeepEqual(out.Write, write) || len(out.Losses) != 0 {
			t.Errorf("got %+v", out)
		}
	})
}

// Every field when one or both sides moved from what both had shown.
func TestMergeFollowsTheMatrix(t *testing.T) {
	for _, origin := range []task.Origin{task.FromCommerce, task.FromList, task.FromTeams} {
		for row := range slices.Values(task.Matrix()) {
			if row.Rule == task.Further {
				continue // TestMergeStatus
			}
			met := look{home: "old", teams: "old", agreed: "old"}
			homeWon := look{home: "h", teams: "t", agreed: "h", tellTeams: "h", lost: "teams: t", again: resend}
			teamsWon := look{home: "h", teams: "t", agreed: "t", tellHome: "t", lost: "commerce: h", again: resend}
			both := teamsWon
			if row.Rule == task.OriginWins && origin != task.FromTeams {
				both = homeWon
			}
			for _, s := range []story{
				{name: "home moved", looks: []look{met, {home: "h", teams: "old", agreed: "h", tellTeams: "h", again: resend}, {home: "h", teams: "h", agreed: "h"}}},
				{name: "teams moved", looks: []look{met, {home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend}, {home: "t", teams: "t", agreed: "t"}}},
				{name: "both moved", looks: []look{met, both}},
				{name: "both moved alike", looks: []look{met, {home: "x", teams: "x", agreed: "x"}}},
				{name: "home cleared it", looks: []look{met, {home: "", teams: "old", agreed: "none", tellTeams: "none", again: resend}}},
			} {
				s.field, s.origin = row.Field, origin
				t.Run(fmt.Sprintf("%s from %s/%s", row.Field, origin, s.name), func(t *testing.T) { play(t, s) })
			}
		}
	}
}

func TestMergeStatus(t *testing.T) {
	met := func(status string) look { return look{home: status, teams: status, agreed: status} }
	for _, s := range []story{
		{name: "both moved on, teams further", looks: []look{
			met(open), {home: doing, teams: done, agreed: done, tellHome: done, lost: "commerce: in progress", again: resend},
		}},
		{name: "both moved on, home further", looks: []look{
			met(open), {home: done, teams: doing, agreed: done, tellTeams: done, lost: "teams: in progress", again: resend},
		}},
		{name: "one on, one back", looks: []look{
			met(doing), {home: open, teams: done, agreed: done, tellHome: done, lost: "commerce: not started", again: resend},
		}},
		{name: "a step back", looks: []look{
			met(doing), {home: open, teams: doing, agreed: open, tellTeams: open, again: resend},
		}},
		{name: "reopened where readings are in order", teams: ordered, looks: []look{
			met(done), {home: done, teams: open, agreed: open, tellHome: open, again: resend},
		}},
		{name: "reopened by a side that had not shown the completion", teams: ordered, home: mute, looks: []look{
			met(open), {home: open, teams: done, agreed: done}, {home: doing, teams: done, agreed: done, lost: "commerce: in progress"},
			{home: open, teams: done, agreed: done, lost: "commerce: not started"},
			{home: done, teams: done, agreed: done},
			{home: doing, teams: done, agreed: done, again: undone},
			{after: undone, home: doing, teams: done, agreed: doing, tellTeams: doing, again: resend},
		}},
		{name: "a step back from a completion that was undone elsewhere", teams: ordered, home: mute, looks: []look{
			met(done), {home: done, teams: doing, agreed: doing}, {home: open, teams: doing, agreed: doing, lost: "commerce: not started"},
		}},
		{name: "a home that cannot be written goes on beyond", home: mute, looks: []look{
			met(open), {home: open, teams: doing, agreed: doing}, {home: done, teams: doing, agreed: done, tellTeams: done, again: resend},
		}},
		{name: "an unknown status says nothing", looks: []look{
			met(doing), {home: "overdue", teams: doing, agreed: doing}, {home: "overdue", teams: done, agreed: done},
			{home: doing, teams: done, agreed: done, tellHome: done, again: resend},
		}},
		{name: "both unknown", looks: []look{met(doing), {home: "overdue", teams: "?", agreed: "-"}, met(doing)}},
		{name: "lagging behind for ever", home: mute, teams: ordered, looks: slices.Concat(
			[]look{met(open), {home: open, teams: done, agreed: done}},
			slices.Repeat([]look{{after: time.Hour, home: open, teams: done, agreed: done}}, 100),
		)},
	} {
		t.Run(s.name, func(t *testing.T) { play(t, s) })
	}
}

func TestMergeUndoneCompletions(t *testing.T) {
	met := look{home: done, teams: done, agreed: done}
	first := look{home: open, teams: done, agreed: done, again: undone}
	for _, s := range []story{
		{name: "seen twice", looks: []look{
			met, first, {after: undone, home: open, teams: done, agreed: open, tellTeams: open, again: resend},
		}},
		{name: "seen twice too soon", looks: []look{
			met, first, {after: undone - 1, home: open, teams: done, agreed: done, again: 1},
			{after: 1, home: doing, teams: done, agreed: doing, tellTeams: doing, again: resend},
		}},
		{name: "shown again meanwhile", looks: []look{
			met, first, met, {after: undone, home: open, teams: done, agreed: done, again: undone},
		}},
		{name: "on both sides", looks: []look{
			met, {home: open, teams: open, agreed: done, again: undone}, {after: undone, home: open, teams: open, agreed: open},
		}},
		{name: "on a side whose readings are in order too", teams: ordered, looks: []look{
			met, first, {home: open, teams: doing, agreed: doing, again: undone - time.Minute},
			{after: undone, home: open, teams: doing, agreed: doing, tellHome: doing, lost: "commerce: not started", again: resend},
		}},
		{name: "in order", home: ordered, looks: []look{
			met, {home: open, teams: done, agreed: open, tellTeams: open, again: resend},
		}},
		{name: "while the other side says nothing", looks: []look{
			met, {home: open, teams: "-", agreed: done, again: undone}, met,
		}},
		{name: "cancelled, which no old reading is", looks: []look{
			{home: done, teams: done, agreed: done}, {home: task.Cancelled, teams: done, agreed: done},
		}},
	} {
		s.field = task.Status
		t.Run(s.name, func(t *testing.T) { play(t, s) })
	}
}

func TestMergeCancelled(t *testing.T) {
	const off = task.Cancelled
	for _, s := range []story{
		{name: "open in teams", looks: []look{
			{home: open, teams: open, agreed: open}, {home: off, teams: open, agreed: off}, {home: off, teams: doing, agreed: off},
			{after: time.Hour, home: off, teams: doing, agreed: off},
		}},
		{name: "completed in teams", looks: []look{{home: off, teams: done, agreed: done}, {home: off, teams: done, agreed: done}}},
		{name: "completed afterwards", looks: []look{{home: off, teams: open, agreed: off}, {home: off, teams: done, agreed: done}}},
		{name: "taken back", looks: []look{
			{home: off, teams: doing, agreed: off}, {home: open, teams: doing, agreed: doing, tellHome: doing, again: resend},
		}},
		{name: "taken back, completed in teams", looks: []look{
			{home: off, teams: done, agreed: done}, {home: open, teams: done, agreed: done, tellHome: done, again: resend},
		}},
		{name: "not shown for a while", looks: []look{
			{home: off, teams: open, agreed: off}, {home: "-", teams: doing, agreed: off}, {home: "-", teams: done, agreed: done},
		}},
		{name: "home alone", looks: []look{{home: off, teams: "-", agreed: off}}},
		{name: "teams cannot cancel", looks: []look{{home: open, teams: open, agreed: open}, {home: open, teams: off, agreed: open}}},
		{name: "fixed in teams", teams: fixing(task.Status), looks: []look{{home: off, teams: open, agreed: off}}},
	} {
		s.field = task.Status
		t.Run(s.name, func(t *testing.T) { play(t, s) })
	}
}

// Nothing but a status is a completion, whatever it says.
func TestMergeOfATitleThatSaysCompleted(t *testing.T) {
	play(t, story{field: task.Title, looks: []look{
		{home: done, teams: done, agreed: done}, {home: open, teams: done, agreed: open, tellTeams: open, again: resend},
	}})
}
