package task_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

func mustEqual[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// lookAt is a look at a good list of two tasks for two stores, its Send task in the
// given status and version.
func lookAt(status, version string, edits ...func(*task.Look)) task.Look {
	list := listOf(listCard("a", "First", "", ""), listCard("b", "Second", "", ""))
	list.Send.Values[task.Status], list.Send.Version = status, version
	l := task.Look{
		List: list, Bucket: "bucket", Name: "Spring", Stores: []org.StoreNumber{"1", "2"}, Manager: true,
		Now: listDay, SightingInterval: 15 * time.Minute,
	}
	for _, edit := range edits {
		edit(&l)
	}
	return l
}

func after(d time.Duration) func(*task.Look) {
	return func(l *task.Look) { l.Now = listDay.Add(d) }
}

func toStores(numbers ...org.StoreNumber) func(*task.Look) {
	return func(l *task.Look) { l.Stores = numbers }
}

func withWords(words ...string) func(*task.Look) { return func(l *task.Look) { l.List.Words = words } }

// withoutSecond is without the list's second task, "b".
func withoutSecond(l *task.Look) { l.List.Templates = l.List.Templates[:1:1] }

func titledCancel(l *task.Look) { l.List.Cancel = true }

func withMistake(l *task.Look) { l.List.Mistakes = []string{"Unknown: Wset."} }

// previewedList returns the campaign of the good list whose preview stands on version 2.
func previewedList(t *testing.T) *task.Campaign {
	t.Helper()
	step := task.Next(nil, lookAt(task.Completed, "1"))
	if !step.Preview || step.Campaign == nil || step.Campaign.State != task.Draft || step.Campaign.Shown {
		t.Fatalf("the first completion: %+v", step)
	}
	if want := "Goes to 2 stores, 2 tasks, due 12 May 2027. Complete again within 24 h to send."; step.Answer != want {
		t.Errorf("preview %q, want %q", step.Answer, want)
	}
	seen := step.Campaign.Seen("2")
	return &seen
}

// sentList returns the campaign of the good list, sent at version 3 and open.
func sentList(t *testing.T) *task.Campaign {
	t.Helper()
	step := task.Next(previewedList(t), lookAt(task.Completed, "3", after(time.Hour)))
	if step.Campaign == nil || step.Campaign.State != task.Sending || step.Answer != "" {
		t.Fatalf("the second completion: %+v", step)
	}
	c := *step.Campaign
	if !c.SentAt.Equal(listDay.Add(time.Hour)) || c.Version == "" || len(c.Templates) != 2 || len(c.Stores) != 2 || c.Target != "2027-05-12" {
		t.Errorf("sent %+v", c)
	}
	c.State, c.RolledUp = task.Open, listDay.Add(2*time.Hour)
	return &c
}

func TestADraftIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, status := range []string{task.NotStarted, task.InProgress, ""} {
		mustEqual(t, status, task.Next(nil, lookAt(status, "1", withMistake)), task.Step{})
		mustEqual(t, status+", previewed", task.Next(previewedList(t), lookAt(status, "3", withMistake)), task.Step{})
	}
	mustEqual(t, "cancelled before it was ever previewed", task.Next(nil, lookAt(task.Completed, "1", titledCancel)), task.Step{})
	mustEqual(t, "cancelled before it was sent", task.Next(previewedList(t), lookAt(task.Completed, "3", titledCancel)), task.Step{Drop: true})
}

func TestOnlyTheSecondCompletionSends(t *testing.T) {
	t.Parallel()
	sentList(t)
	for name, l := range map[string]task.Look{
		"content changed": lookAt(task.Completed, "3", after(time.Hour), withoutSecond),
		"other stores":    lookAt(task.Completed, "3", after(time.Hour), toStores("1", "2", "3")),
		"renamed":         lookAt(task.Completed, "3", after(time.Hour), func(l *task.Look) { l.Name = "Summer" }),
		"more than a day": lookAt(task.Completed, "3", after(24*time.Hour+time.Second)),
		"other target":    lookAt(task.Completed, "3", after(time.Hour), func(l *task.Look) { l.List.Target = "2027-05-13" }),
		"other text":      lookAt(task.Completed, "3", after(time.Hour), func(l *task.Look) { l.List.Templates[0].Values[task.Link] = "x" }),
	} {
		step := task.Next(previewedList(t), l)
		if !step.Preview || step.Campaign == nil || step.Campaign.State != task.Draft || step.Campaign.Shown || !step.Campaign.Previewed.Equal(l.Now) {
			t.Errorf("%s: %+v; want another preview", name, step)
		}
	}
	if step := task.Next(previewedList(t), lookAt(task.Completed, "3", after(24*time.Hour))); step.Campaign.State != task.Sending {
		t.Errorf("a day: %+v; want it sent", step)
	}
}

func TestAReadingFromBeforeThePreviewDoesNotSend(t *testing.T) {
	t.Parallel()
	c := previewedList(t)
	mustEqual(t, "older than the answer", task.Next(c, lookAt(task.Completed, "1", after(time.Minute))), task.Step{})
	if step := task.Next(c, lookAt(task.Completed, "2", after(time.Minute))); step.Campaign == nil || step.Campaign.State != task.Draft {
		t.Errorf("completed in the version that was reopened: %+v; want nothing sent", step)
	}
}

func TestAPreviewThatMayNotHaveBeenShownIsShownAgain(t *testing.T) {
	t.Parallel()
	killed := *task.Next(nil, lookAt(task.Completed, "1")).Campaign // before the answer
	for name, l := range map[string]task.Look{
		"before all of it":        lookAt(task.Completed, "1", after(time.Minute)),
		"after the reopening":     lookAt(task.InProgress, "2", after(time.Minute)),
		"completed again already": lookAt(task.Completed, "3", after(time.Minute)),
	} {
		step := task.Next(&killed, l)
		if !step.Preview || step.Answer == "" || step.Campaign.State != task.Draft {
			t.Errorf("%s: %+v; want the preview", name, step)
		}
	}
}

func TestWhoMayNotSendIsTold(t *testing.T) {
	t.Parallel()
	l := lookAt(task.Completed, "3", func(l *task.Look) { l.Manager = false })
	const told = "Only communications managers can send. Completed by somebody else: put back."
	mustEqual(t, "at first", task.Next(nil, l), task.Step{Answer: told})
	mustEqual(t, "after the preview, which does not stand there any more", task.Next(previewedList(t), l), task.Step{Drop: true, Answer: told})
}

func TestMistakesAreToldAndNothingIsSent(t *testing.T) {
	t.Parallel()
	mustEqual(t, "at first", task.Next(nil, lookAt(task.Completed, "1", withMistake)), task.Step{
		Answer: "Not sent. Unknown: Wset. Put that right and complete again.",
	})
	mustEqual(t, "after the preview", task.Next(previewedList(t), lookAt(task.Completed, "3", withMistake)), task.Step{
		Drop: true, Answer: "Not sent. Unknown: Wset. Put that right and complete again.",
	})
	many := lookAt(task.Completed, "1", func(l *task.Look) { l.List.Mistakes = strings.Fields(strings.Repeat("Bad. ", 30)) })
	if got, want := task.Next(nil, many).Answer, "Not sent. "+strings.Repeat("Bad. ", 10)+"And 20 more mistakes. Put that right and complete again."; got != want {
		t.Errorf("many: %q, want %q", got, want)
	}
}

func TestTheTargetDateIsOverOnceItIsOverEverywhere(t *testing.T) {
	t.Parallel()
	end := time.Date(2027, 5, 13, 12, 0, 0, 0, time.UTC)
	if step := task.Next(nil, lookAt(task.Completed, "1", after(end.Add(-time.Second).Sub(listDay)))); !step.Preview {
		t.Errorf("in the last second: %+v", step)
	}
	mustEqual(t, "after it", task.Next(nil, lookAt(task.Completed, "1", after(end.Sub(listDay)))), task.Step{
		Answer: "Not sent. The target date 12 May 2027 is in the past. Put that right and complete again.",
	})
	mustEqual(t, "of a list that was sent", task.Next(sentList(t), lookAt(task.InProgress, "4", after(end.Sub(listDay)))), task.Step{})
	moved := lookAt(task.InProgress, "4", func(l *task.Look) { l.List.Target = "2027-04-01" })
	if c := task.Next(sentList(t), moved).Campaign; c == nil || !strings.Contains(c.Note, "1 April 2027 is in the past") || c.Target != "2027-05-12" {
		t.Errorf("a list that was sent, moved there: %+v", c)
	}
}

func TestOneOfEach(t *testing.T) {
	t.Parallel()
	step := task.Next(nil, lookAt(task.Completed, "1", toStores("1"), withoutSecond))
	if want := "Goes to 1 store, 1 task, due 12 May 2027. Complete again within 24 h to send."; step.Answer != want {
		t.Errorf("%q, want %q", step.Answer, want)
	}
}
