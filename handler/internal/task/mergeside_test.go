package task_test

import (
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
)

func TestMergeFixed(t *testing.T) {
	met := look{home: "old", teams: "old", agreed: "old"}
	for _, s := range []story{
		{name: "put back", home: fixing(task.Title), looks: []look{
			met, {home: "old", teams: "t", agreed: "old", tellTeams: "old", lost: "teams: t", again: resend},
			{home: "old", teams: "old", agreed: "old"},
		}},
		{name: "whatever the rule is", field: task.Progress, home: fixing(task.Progress), looks: []look{
			met, {home: "h", teams: "t", agreed: "h", tellTeams: "h", lost: "teams: t", again: resend},
		}},
		{name: "in teams", teams: fixing(task.Title), looks: []look{
			met, {home: "h", teams: "old", agreed: "old", tellHome: "old", lost: "commerce: h", again: resend},
		}},
		{name: "at the first meeting", teams: fixing(task.Title), looks: []look{{home: "h", teams: "t", agreed: "t", tellHome: "t", again: resend}}},
		{name: "another field", home: fixing(task.Due), looks: []look{met, {home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend}}},
		{name: "on both sides: nobody's", home: fixing(task.Title), teams: fixing(task.Title), looks: []look{
			met, {home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend}, {home: "t", teams: "t", agreed: "t"},
			{home: "h", teams: "t", agreed: "h", tellTeams: "h", again: resend},
		}},
		{name: "not shown there", home: fixing(task.Title), looks: []look{
			met, {home: "-", teams: "t", agreed: "t", lost: "teams: t"}, {home: "old", teams: "t", agreed: "old", tellTeams: "old", again: resend},
		}},
		{name: "an assignee of a side that knows one", field: task.Assignees, home: task.State{Single: true, Fixed: task.FieldsOf(task.Assignees)}, looks: []look{
			{home: "a", teams: "a,b", agreed: "a,b"},
			{home: "a", teams: "b", agreed: "a", tellTeams: "a", lost: "teams: b", again: resend},
		}},
	} {
		if s.field == 0 {
			s.field = task.Title
		}
		t.Run(s.name, func(t *testing.T) { play(t, s) })
	}
}

func TestMergeSingleAssignee(t *testing.T) {
	met := look{home: "a", teams: "a,b", agreed: "a,b"}
	for _, s := range []story{
		{name: "a second one", looks: []look{{home: "a", teams: "a", agreed: "a"}, met, {home: "a", teams: "a,b,c", agreed: "a,b,c"}}},
		{name: "another first one", looks: []look{met, {home: "a", teams: "b,c", agreed: "b,c", tellHome: "b", again: resend}, {home: "b", teams: "b,c", agreed: "b,c"}}},
		{name: "home assigns", looks: []look{met, {home: "c", teams: "a,b", agreed: "c", tellTeams: "c", again: resend}, {home: "c", teams: "c", agreed: "c"}}},
		{name: "home takes it back", looks: []look{met, {home: "", teams: "a,b", agreed: "none", tellTeams: "none", again: resend}}},
		{name: "nobody", looks: []look{met, {home: "a", teams: "", agreed: "none", tellHome: "none", again: resend}}},
		{name: "both", looks: []look{met, {home: "c", teams: "b,c", agreed: "b,c", tellHome: "b", lost: "commerce: c", again: resend}}},
		{name: "home lags", looks: []look{
			{home: "", teams: "", agreed: "none"}, {home: "", teams: "a,b", agreed: "a,b", tellHome: "a", again: resend},
			{home: "c", teams: "a,b", agreed: "a,b", tellHome: "a", lost: "commerce: c", again: resend},
		}},
		{name: "home does not show it for a while", looks: []look{
			met, {home: "-", teams: "a,b", agreed: "a,b"}, {home: "-", teams: "a,c", agreed: "a,c"}, {home: "a", teams: "a,c", agreed: "a,c"},
		}},
		{name: "while teams does not show it", looks: []look{met, {home: "c", teams: "-", agreed: "c", lost: "commerce: c"}, {home: "c", teams: "a,b", agreed: "a,b", tellHome: "a", again: resend}}},
	} {
		s.field, s.home = task.Assignees, single
		t.Run(s.name, func(t *testing.T) { play(t, s) })
	}
	t.Run("other fields have commas", func(t *testing.T) {
		play(t, story{field: task.Title, home: single, looks: []look{{home: "a", teams: "a,b", agreed: "a", tellTeams: "a", again: resend}}})
	})
}

func TestMergeOfFieldsThatAreNotShown(t *testing.T) {
	met := look{home: "old", teams: "old", agreed: "old"}
	for _, s := range []story{
		{name: "moved meanwhile", looks: []look{met, {home: "-", teams: "t", agreed: "t"}, {home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend}}},
		{name: "neither for a while", looks: []look{met, {home: "-", teams: "-", agreed: "-"}, {home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend}}},
		{name: "one side never", looks: []look{{home: "-", teams: "t", agreed: "t"}, {home: "-", teams: "u", agreed: "u"}, {home: "h", teams: "u", agreed: "h", tellTeams: "h", again: resend}}},
		{name: "while the other lags", looks: []look{
			met, {home: "h", teams: "old", agreed: "h", tellTeams: "h", again: resend},
			{home: "-", teams: "old", agreed: "old", again: resend - time.Minute}, // nobody shows "h", but it is what won
			{home: "h", teams: "old", agreed: "h", again: resend - 2*time.Minute}, {home: "h", teams: "h", agreed: "h"},
		}},
		{name: "where it was agreed, and the other moves", looks: []look{
			met, {home: "h", teams: "old", agreed: "h", tellTeams: "h", again: resend},
			{home: "-", teams: "t", agreed: "t", lost: "teams: t", again: resend - time.Minute},
			{home: "h", teams: "t", agreed: "h", again: resend - 2*time.Minute}, // "h" is underway
			{after: resend, home: "h", teams: "t", agreed: "h", tellTeams: "h", again: resend},
		}},
	} {
		s.field = task.Title
		t.Run(s.name, func(t *testing.T) { play(t, s) })
	}
	t.Run("a status is known by its mark", func(t *testing.T) {
		play(t, story{field: task.Status, teams: ordered, looks: []look{
			{home: open, teams: open, agreed: open}, {home: done, teams: open, agreed: done, tellTeams: done, again: resend},
			{after: resend, home: "-", teams: open, agreed: done, tellTeams: done, again: resend},
		}})
	})
}

func TestMergeSendsAgain(t *testing.T) {
	met := look{home: "old", teams: "old", agreed: "old"}
	sent := look{home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend}
	for _, s := range []story{
		{name: "when it is not shown for long", looks: []look{
			met, sent, {after: resend - 1, home: "old", teams: "t", agreed: "t", again: 1},
			{after: 1, home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend},
		}},
		{name: "when it failed", looks: []look{met, {home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend, unsent: true}, sent}},
		{name: "another value at once", looks: []look{met, sent, {home: "old", teams: "u", agreed: "u", tellHome: "u", again: resend}}},
		{name: "when a person wrote over it", field: task.Progress, looks: []look{
			met, sent, {home: "h", teams: "t", agreed: "t", tellHome: "t", lost: "commerce: h", again: resend},
		}},
		{name: "not what a write of unknown end left", looks: []look{
			met, {home: "old", teams: "t", agreed: "t", tellHome: "t", again: resend, unsent: true},
			{home: "t", teams: "u", agreed: "u", tellHome: "u", again: resend},
		}},
		{name: "not where nothing can be written any more", teams: mute, looks: []look{
			met, {home: "h", teams: "old", agreed: "h"}, {after: resend, home: "h", teams: "old", agreed: "h"},
		}},
	} {
		if s.field == 0 {
			s.field = task.Title
		}
		t.Run(s.name, func(t *testing.T) { play(t, s) })
	}
}

// Our own writes turn up late, and are not taken for a person's.
func TestMergeKnowsItsOwnWrites(t *testing.T) {
	met := look{home: "old", teams: "old", agreed: "old"}
	sent := func(v string) look { return look{home: "old", teams: v, agreed: v, tellHome: v, again: resend} }
	for _, s := range []story{
		{name: "the last but one", looks: []look{
			met, sent("t"), sent("u"), {home: "t", teams: "u", agreed: "u", again: resend - time.Minute}, {home: "u", teams: "u", agreed: "u"},
		}},
		{name: "four, one after the other", looks: []look{
			met, sent("1"), sent("2"), sent("3"), sent("4"), {home: "1", teams: "4", agreed: "4", again: anyTime},
			{home: "2", teams: "4", agreed: "4", again: anyTime}, {home: "3", teams: "4", agreed: "4", again: anyTime}, {home: "4", teams: "4", agreed: "4"},
		}},
		{name: "to and fro, and twice the same", looks: []look{
			met, sent("1"), sent("2"), sent("1"), {home: "1", teams: "1", agreed: "1", again: anyTime}, {home: "1", teams: "1", agreed: "1", again: anyTime},
			{home: "2", teams: "1", agreed: "1", again: anyTime}, {home: "1", teams: "1", agreed: "1"},
		}},
		{name: "to and fro, and on", looks: []look{
			met, sent("1"), sent("2"), sent("1"), sent("3"), {home: "1", teams: "3", agreed: "3", again: anyTime},
			{home: "2", teams: "3", agreed: "3", again: anyTime}, {home: "1", teams: "3", agreed: "3", again: anyTime}, {home: "3", teams: "3", agreed: "3"},
		}},
		{name: "which was undone before it was shown", looks: []look{
			met, sent("t"), {home: "old", teams: "old", agreed: "old", again: resend - time.Minute},
			{home: "t", teams: "old", agreed: "old", tellHome: "old", again: resend}, met,
		}},
		{name: "after long, it is a person's", looks: []look{
			met, sent("t"), {home: "old", teams: "old", agreed: "old", again: resend - time.Minute},
			{after: resend, home: "t", teams: "old", agreed: "t", tellTeams: "t", again: resend},
		}},
		{name: "once shown, it is a person's the next time", looks: []look{
			met, sent("t"), {home: "t", teams: "t", agreed: "t"}, {home: "old", teams: "t", agreed: "old", tellTeams: "old", again: resend},
			{home: "t", teams: "old", agreed: "t", tellTeams: "t", again: anyTime},
		}},
		{name: "which is no loss, however late", field: task.Progress, looks: []look{
			met, sent("t"), {home: "old", teams: "old", agreed: "old", again: resend - time.Minute},
			{after: resend, home: "t", teams: "u", agreed: "u", tellHome: "u", again: resend},
		}},
		{name: "one of before the last that was shown is a person's", looks: []look{
			met, sent("1"), sent("2"), {home: "2", teams: "2", agreed: "2"}, {home: "2", teams: "3", agreed: "3", tellHome: "3", again: resend},
			{home: "1", teams: "3", agreed: "1", tellTeams: "1", again: anyTime},
		}},
		{name: "also when a person wrote over the last, again and again", field: task.Progress, looks: []look{
			met, sent("1"), sent("2"), {home: "x", teams: "2", agreed: "2", tellHome: "2", lost: "commerce: x", again: resend},
			{home: "y", teams: "2", agreed: "2", tellHome: "2", lost: "commerce: y", again: resend},
			{home: "z", teams: "2", agreed: "2", tellHome: "2", lost: "commerce: z", again: resend},
			{home: "1", teams: "2", agreed: "2", again: anyTime},
		}},
		{name: "one that was overtaken is a person's", looks: []look{
			met, sent("1"), sent("2"), sent("3"), {home: "2", teams: "3", agreed: "3", again: anyTime},
			{home: "1", teams: "3", agreed: "1", tellTeams: "1", lost: "-", again: anyTime},
		}},
	} {
		if s.field == 0 {
			s.field = task.Title
		}
		t.Run(s.name, func(t *testing.T) { play(t, s) })
	}
}

// What a base cannot come to say by itself, but may say after a repair.
func TestMergeWithAnAgreedStatusThatNobodyShowed(t *testing.T) {
	m := task.MarkOf
	base := task.Base{Fields: map[task.Field]task.FieldBase{task.Status: {Shown: [2]task.Mark{m(open), m(open)}, Agreed: m(done)}}}
	show := func(status string) task.State { return state(task.Values{task.Status: status}) }
	out := task.Merge(task.FromCommerce, base, show(doing), show(open), noon)
	if out.Agreed[task.Status] != done || out.Write[task.Home][task.Status] != done || out.Write[task.Teams][task.Status] != done {
		t.Errorf("got %+v", out)
	}
}

// A side that never showed the field has no part in what is remembered.
func TestMergeWithOneSide(t *testing.T) {
	for side, name := range []string{"home", "teams"} {
		for _, origin := range []task.Origin{task.FromCommerce, task.FromTeams} {
			t.Run(name+" from "+string(origin), func(t *testing.T) {
				states := [2]task.State{mute, mute}
				states[side].Values = task.Values{task.Title: "x"}
				states[1-side].Fixed = task.AllFields()
				out := task.Merge(origin, task.Base{}, states[task.Home], states[task.Teams], noon)
				want := task.FieldBase{Agreed: task.MarkOf("x")}
				want.Shown[side] = want.Agreed
				if got := out.Base.Fields[task.Title]; got != want || out.Agreed[task.Title] != "x" {
					t.Errorf("remembers %+v, want %+v; agreed %q", got, want, out.Agreed)
				}
			})
		}
	}
}

func TestLossesAreCut(t *testing.T) {
	long := strings.Repeat("ä", 600)
	home := func(v string) task.State { return task.State{Values: task.Values{task.Progress: v}} }
	base := task.Merge(task.FromCommerce, task.Base{}, home(""), home(""), noon).Base
	out := task.Merge(task.FromCommerce, base, home(long), home("x"), noon)
	if len(out.Losses) != 1 || out.Losses[0].Value != strings.Repeat("ä", 500) {
		t.Errorf("lost %+v", out.Losses)
	}
}
