package task_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// Marks are in ledgers: they may never change.
func TestMarkOf(t *testing.T) {
	for value, want := range map[string]task.Mark{
		"": 0xcbf29ce484222325, "a": 0xaf63dc4c8601ec8c, "foobar": 0x85944171f73967e8,
	} {
		if got := task.MarkOf(value); got != want || got == 0 {
			t.Errorf("the mark of %q is %#x, want %#x", value, got, want)
		}
	}
	// FNV-1a of these eight bytes is zero.
	if got := task.MarkOf("\xd5\x6b\xb9\x53\x42\x87\x08\x36"); got == 0 {
		t.Error("a value has no mark")
	}
}

func state(v task.Values) task.State { return task.State{Values: v, Takes: task.AllFields()} }

func TestWrote(t *testing.T) {
	old, changed := task.Values{task.Title: "old", task.Due: "", task.Status: task.NotStarted}, task.Values{task.Title: "new", task.Due: "", task.Status: task.InProgress}
	base := task.Merge(task.FromCommerce, task.Base{}, state(old), state(old), noon).Base
	out := task.Merge(task.FromCommerce, base, state(changed), state(old), noon)
	if out.LookAgain != task.ResendInterval {
		t.Errorf("what was sent has to be looked at in %v", out.LookAgain)
	}

	t.Run("what was sent", func(t *testing.T) {
		wrote := out.Base.Wrote(task.Teams, changed)
		if again := wrote.LookAgain(noon); again != 0 {
			t.Errorf("it was shown, and has to be looked at in %v", again)
		}
		next := task.Merge(task.FromCommerce, wrote, state(changed), state(changed), noon)
		if !reflect.DeepEqual(next.Base, wrote) {
			t.Errorf("another look remembers\n%+v, not\n%+v", next.Base, wrote)
		}
		if out.Base.LookAgain(noon) == 0 {
			t.Error("the base that was given changed")
		}
	})
	t.Run("something else", func(t *testing.T) {
		cut := task.Values{task.Title: "ne", task.Due: "", task.Status: task.InProgress}
		wrote := out.Base.Wrote(task.Teams, cut)
		next := task.Merge(task.FromCommerce, wrote, state(changed), state(cut), noon)
		if next.Agreed[task.Title] != "new" || len(next.Losses) != 0 || next.Write[task.Teams] != nil {
			t.Errorf("a title that the side cut: %+v", next)
		}
		later := task.Merge(task.FromCommerce, next.Base, state(changed), state(cut), noon.Add(task.ResendInterval))
		if want := (task.Values{task.Title: "new"}); !maps.Equal(later.Write[task.Teams], want) {
			t.Errorf("later %v is written, want %v", later.Write[task.Teams], want)
		}
	})
	t.Run("and what a person did meanwhile", func(t *testing.T) {
		meanwhile := maps.Clone(changed)
		meanwhile[task.Due] = "2026-12-24"
		next := task.Merge(task.FromTeams, out.Base.Wrote(task.Teams, meanwhile), state(changed), state(meanwhile), noon)
		if want := (task.Values{task.Due: "2026-12-24"}); !maps.Equal(next.Write[task.Home], want) || next.Write[task.Teams] != nil {
			t.Errorf("writes %v", next.Write)
		}
	})
	t.Run("while a completion is doubted", func(t *testing.T) {
		base := task.Base{}
		for _, shown := range [][2]string{{open, open}, {open, doing}, {done, doing}, {open, done}} { // "doing" was sent home
			home, teams := state(task.Values{task.Status: shown[0]}), state(task.Values{task.Status: shown[1]})
			base = task.Merge(task.FromCommerce, base, home, teams, noon).Base
		}
		if fb := base.Fields[task.Status]; fb.Undone[task.Home].IsZero() || fb.Sent[task.Home] == 0 {
			t.Fatalf("nothing is doubted or underway: %+v", fb)
		}
		if got := base.Wrote(task.Home, task.Values{task.Status: open}); !reflect.DeepEqual(got, base) {
			t.Errorf("got %+v, want %+v", got, base)
		}
	})
	t.Run("without a base", func(t *testing.T) {
		if got := (task.Base{}).Wrote(task.Teams, old); got.Fields != nil {
			t.Errorf("got %+v", got)
		}
	})
}

func TestUnsent(t *testing.T) {
	old, changed := task.Values{task.Title: "old", task.Progress: ""}, task.Values{task.Title: "new", task.Progress: ""}
	worked := task.Values{task.Title: "old", task.Progress: "half"}
	base := task.Merge(task.FromCommerce, task.Base{}, state(old), state(old), noon).Base
	out := task.Merge(task.FromCommerce, base, state(changed), state(worked), noon)
	if len(out.Write[task.Home]) != 1 || len(out.Write[task.Teams]) != 1 {
		t.Fatalf("writes %v", out.Write)
	}
	next := task.Merge(task.FromCommerce, out.Base.Unsent(task.Teams), state(changed), state(worked), noon.Add(time.Minute))
	if next.Write[task.Teams][task.Title] != "new" || next.Write[task.Home] != nil {
		t.Errorf("after a failure in Teams: %v", next.Write)
	}
	same := task.Merge(task.FromCommerce, out.Base, state(changed), state(worked), noon.Add(time.Minute))
	if same.Write[task.Home] != nil || same.Write[task.Teams] != nil {
		t.Errorf("the base that was given changed: %v", same.Write)
	}
}

func TestLookAgain(t *testing.T) {
	if again := (task.Base{}).LookAgain(noon); again != 0 {
		t.Errorf("nothing has to be looked at in %v", again)
	}
	base := task.Base{Fields: map[task.Field]task.FieldBase{
		task.Title:  {Sent: [2]task.Mark{1, 0}, SentAt: [2]time.Time{noon, {}}},
		task.Due:    {Sent: [2]task.Mark{0, 1}, SentAt: [2]time.Time{{}, noon.Add(-time.Minute)}},
		task.Status: {Undone: [2]time.Time{noon, {}}},
	}}
	if again := base.LookAgain(noon); again != task.UndoneInterval {
		t.Errorf("look again in %v", again)
	}
	delete(base.Fields, task.Status)
	if again := base.LookAgain(noon); again != task.ResendInterval-time.Minute {
		t.Errorf("look again in %v", again)
	}
	if again := base.LookAgain(noon.Add(time.Hour)); again <= 0 || again > time.Second {
		t.Errorf("what is overdue is looked at in %v", again)
	}
}

// Ledgers are read for years.
func TestBaseInRecords(t *testing.T) {
	base := task.Base{Fields: map[task.Field]task.FieldBase{
		task.Due: {Shown: [2]task.Mark{1, 1<<64 - 1}, Agreed: 2},
		task.Status: {
			Shown: [2]task.Mark{1, 2}, Agreed: 3, Sent: [2]task.Mark{4, 0}, SentAt: [2]time.Time{noon, {}},
			Earlier: [2][3]task.Mark{{5}}, Undone: [2]time.Time{{}, noon},
		},
	}}
	const want = `{"f":{"d":{"s":[1,18446744073709551615],"a":2},"s":{"s":[1,2],"a":3,"w":[4,0],` +
		`"t":["2026-11-24T12:00:00Z","0001-01-01T00:00:00Z"],"e":[[5,0,0],[0,0,0]],"u":["0001-01-01T00:00:00Z","2026-11-24T12:00:00Z"]}}}`
	text, err := json.Marshal(base)
	if err != nil || string(text) != want {
		t.Fatalf("written\n%s, %v, want\n%s", text, err, want)
	}
	var back task.Base
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, base) {
		t.Errorf("read %+v, %v", back, err)
	}
}
