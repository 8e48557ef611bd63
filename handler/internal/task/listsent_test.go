package task_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

func TestEditsOfWhatWasSentGoOut(t *testing.T) {
	t.Parallel()
	mustEqual(t, "as it was sent", task.Next(sentList(t), lookAt(task.InProgress, "4")), task.Step{})
	reversed := func(l *task.Look) { slices.Reverse(l.List.Templates) }
	mustEqual(t, "in another order", task.Next(sentList(t), lookAt(task.InProgress, "4", reversed)), task.Step{})
	mustEqual(t, "completed by whomever", task.Next(sentList(t), lookAt(task.Completed, "4", func(l *task.Look) { l.Manager = false })), task.Step{})
	for name, edit := range map[string]func(*task.Look){
		"text":     func(l *task.Look) { l.List.Templates[1].Values[task.Instructions] = "Now." },
		"due date": func(l *task.Look) { l.List.Templates[1].Values[task.Due] = "2027-05-20" },
		"target":   func(l *task.Look) { l.List.Target = "2027-05-20" },
		"name":     func(l *task.Look) { l.Name = "Summer" },
		"added": func(l *task.Look) {
			l.List.Templates = append(l.List.Templates, task.Template{ID: "c", Values: task.Values{task.Title: "Third"}})
		},
		"store added": toStores("1", "2", "3"),
	} {
		for _, state := range []task.CampaignState{task.Sending, task.Open} {
			was := sentList(t)
			was.State = state
			c := task.Next(was, lookAt(task.InProgress, "4", edit)).Campaign
			if c == nil || c.State != task.Sending || c.Version == was.Version || !c.RolledUp.IsZero() {
				t.Errorf("%s while %s: %+v; want a new version", name, state, c)
			}
		}
	}
}

func TestADroppedStore(t *testing.T) {
	t.Parallel()
	was := sentList(t)
	c := task.Next(was, lookAt(task.InProgress, "4", withWords("South"), toStores("2", "3"))).Campaign
	if c == nil || c.State != task.Sending {
		t.Fatalf("%+v; want a new version", c)
	}
	mustEqual(t, "stores", c.Stores, []org.StoreNumber{"2", "3"})
	mustEqual(t, "dropped", c.Dropped, []org.StoreNumber{"1"})
	mustEqual(t, "audience", c.Audience(), []org.StoreNumber{"1", "2", "3"})
	back := task.Next(c, lookAt(task.InProgress, "5", withWords("all"), toStores("1", "2"))).Campaign
	mustEqual(t, "dropped when it is back", back.Dropped, []org.StoreNumber{"3"})
	if back.Version != was.Version {
		t.Error("the same content has another version than before")
	}
}

// An organization that is read badly, or a store that moves within it, drops nobody.
func TestTheSameTargetsDropNoStore(t *testing.T) {
	t.Parallel()
	mustEqual(t, "fewer stores", task.Next(sentList(t), lookAt(task.InProgress, "4", toStores("1"))), task.Step{})
	mustEqual(t, "no stores", task.Next(sentList(t), lookAt(task.InProgress, "4", toStores())), task.Step{})
	c := task.Next(sentList(t), lookAt(task.InProgress, "4", toStores("3"))).Campaign
	mustEqual(t, "another store", c.Stores, []org.StoreNumber{"1", "2", "3"})
	mustEqual(t, "the same targets in another case", task.Next(sentList(t), lookAt(task.InProgress, "4", withWords("ALL"), toStores("1"))), task.Step{})
}

func TestATaskThatIsGoneIsTakenBackAtTheSecondSighting(t *testing.T) {
	t.Parallel()
	was := sentList(t)
	first := task.Next(was, lookAt(task.InProgress, "4", withoutSecond)).Campaign
	if first == nil || first.Version != was.Version || len(first.Templates) != 2 || !first.Absent["b"].Equal(listDay) {
		t.Fatalf("the first sighting: %+v", first)
	}
	mustEqual(t, "too soon", task.Next(first, lookAt(task.InProgress, "4", withoutSecond, after(15*time.Minute-1))), task.Step{})
	second := task.Next(first, lookAt(task.InProgress, "4", withoutSecond, after(15*time.Minute))).Campaign
	if second == nil || second.State != task.Sending || len(second.Templates) != 1 || second.Version == was.Version || second.Absent != nil {
		t.Errorf("the second sighting: %+v", second)
	}
	back := task.Next(first, lookAt(task.InProgress, "4", after(20*time.Minute))).Campaign
	if back == nil || back.Absent != nil || back.Version != was.Version || back.State != task.Open {
		t.Errorf("there again: %+v", back)
	}
	edited := task.Next(was, lookAt(task.InProgress, "4", withoutSecond, func(l *task.Look) { l.Name = "Summer" })).Campaign
	if edited == nil || len(edited.Templates) != 2 || edited.Absent["b"].IsZero() || edited.State != task.Sending {
		t.Errorf("edited at the same time: %+v", edited)
	}
}

func TestWhatIsMistakenInASentListWaits(t *testing.T) {
	t.Parallel()
	was := sentList(t)
	c := task.Next(was, lookAt(task.InProgress, "4", withMistake, withWords("Wset"), toStores())).Campaign
	if want := "What changed here since is not sent on. Unknown: Wset."; c == nil || c.Note != want || c.Version != was.Version || len(c.Stores) != 2 || !c.RolledUp.IsZero() {
		t.Fatalf("%+v; want the note %q", c, want)
	}
	mustEqual(t, "again", task.Next(c, lookAt(task.InProgress, "4", withMistake, withWords("Wset"), toStores())), task.Step{})
	right := task.Next(c, lookAt(task.InProgress, "5")).Campaign
	if right == nil || right.Note != "" || right.State != task.Open || !right.RolledUp.IsZero() {
		t.Errorf("put right: %+v", right)
	}
	moved := task.Next(was, lookAt(task.InProgress, "4", func(l *task.Look) { l.Bucket, l.List.Templates = "other", nil })).Campaign
	if moved == nil || moved.Note != "This task is in another list than the one it sent. Move it back." || len(moved.Templates) != 2 {
		t.Errorf("the Send task moved: %+v", moved)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	was := sentList(t)
	c := task.Next(was, lookAt(task.InProgress, "4", titledCancel, withMistake)).Campaign
	if c == nil || c.State != task.Withdrawn || c.Version == was.Version || !c.RolledUp.IsZero() {
		t.Fatalf("%+v; want it withdrawn as another version", c)
	}
	mustEqual(t, "again", task.Next(c, lookAt(task.Completed, "5", titledCancel)), task.Step{})
	undone := task.Next(c, lookAt(task.Completed, "5")).Campaign
	if undone == nil || undone.State != task.Withdrawn || !strings.HasPrefix(undone.Note, "This list was cancelled and stays so.") {
		t.Errorf("titled Send again: %+v", undone)
	}
	was.State, was.EndedAt = task.Done, listDay
	mustEqual(t, "of what is done", task.Next(was, lookAt(task.Completed, "4", titledCancel)), task.Step{})
}

func TestWhatIsDoneGoesOnOnlyWhenEdited(t *testing.T) {
	t.Parallel()
	was := sentList(t)
	was.State, was.EndedAt = task.Done, listDay.Add(3*time.Hour)
	mustEqual(t, "a store opened since", task.Next(was, lookAt(task.Completed, "5", toStores("1", "2", "3"))), task.Step{})
	c := task.Next(was, lookAt(task.Completed, "5", func(l *task.Look) { l.List.Templates[0].Values[task.Title] = "More" })).Campaign
	if c == nil || c.State != task.Sending || !c.EndedAt.IsZero() {
		t.Errorf("edited: %+v", c)
	}
}

func TestALostSendTaskWithdrawsNothing(t *testing.T) {
	t.Parallel()
	mustEqual(t, "a draft's", task.Lost(previewedList(t), listDay), task.Step{Drop: true})
	was := sentList(t)
	lost := task.Lost(was, listDay).Campaign
	if lost == nil || lost.State != task.Open || lost.Version != was.Version || !lost.Missing.Equal(listDay) {
		t.Fatalf("%+v", lost)
	}
	mustEqual(t, "still", task.Lost(lost, listDay.Add(time.Hour)), task.Step{})
	mustEqual(t, "back", task.Next(lost, lookAt(task.InProgress, "4")).Campaign, was)
}
