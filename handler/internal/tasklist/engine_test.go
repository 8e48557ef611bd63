package tasklist_test

import (
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

const (
	preview = "Goes to 4 stores, 2 tasks, due 12 May 2027. Complete again within 24 h to send."
	allDone = " To send the list again, add a new task that sends it."
)

func TestFromDraftToDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.settle()
	w.shows("spring-send", task.NotStarted, "")

	w.complete("spring-send", manager)
	w.settle()
	w.shows("spring-send", task.InProgress, preview)
	w.inState("spring-send", task.Draft)
	w.settle()
	if len(w.inbox) > 0 {
		t.Fatalf("stores were told of a preview: %v", w.inbox)
	}

	w.complete("spring-send", manager)
	settled := w.settle()
	w.shows("spring-send", task.InProgress, "Sent to 0 of 4 stores.")
	if len(w.inbox) != 4 || settled.Again != 30*time.Second {
		t.Errorf("told %v, again in %s", w.inbox, settled.Again)
	}
	w.work(3)
	w.now = w.now.Add(30 * time.Second)
	w.settle()
	w.shows("spring-send", task.InProgress, "Sent to 3 of 4 stores.")
	w.work(1)
	w.do("000001", task.Completed)
	w.now = w.now.Add(30 * time.Second)
	settled = w.settle()
	w.inState("spring-send", task.Open)
	w.shows("spring-send", task.InProgress, "2 of 8 tasks done. The oldest figure is of 3 May 2027.")
	want := []tasksync.Line{{Text: "North: 2 of 4 done"}, {Text: "West: 0 of 4 done"}}
	if got := w.cards["spring-send"].lines; !slices.Equal(got, want) || settled.Again != 5*time.Minute {
		t.Errorf("checklist %v, want %v; again in %s", got, want, settled.Again)
	}
	for _, number := range []org.StoreNumber{"000002", "000003", "000004"} {
		w.do(number, task.Completed)
	}
	w.now = w.now.Add(5 * time.Minute)
	settled = w.settle()
	w.inState("spring-send", task.Done)
	w.shows("spring-send", task.Completed, "All done. 8 of 8 tasks done. The oldest figure is of 3 May 2027."+allDone)
	if c := w.campaign("spring-send"); c.EndedAt.IsZero() || settled.Again != 0 {
		t.Errorf("ended %s, again in %s", c.EndedAt, settled.Again)
	}
	before := w.effects
	w.edit("spring-send", task.Status, task.InProgress)
	w.now = w.now.Add(time.Hour)
	w.settle()
	if w.effects != before {
		t.Error("something was done to what is over")
	}
}

func TestTheTemplatesThatAreSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("West; 000001")
	w.edit("spring-a", task.Contact, "Ann")
	w.send("spring-send")
	c := w.campaign("spring-send")
	if want := []org.StoreNumber{"000001", "000002", "000004"}; !slices.Equal(c.Stores, want) || c.Name != "SPRING" {
		t.Errorf("stores %v of %q, want %v", c.Stores, c.Name, want)
	}
	if len(c.Templates) != 2 || c.Templates[0].Values[task.Due] != "2027-05-10" || c.Templates[0].Values[task.Contact] != "Ann" || c.Templates[1].Values[task.Due] != "2027-05-12" {
		t.Errorf("templates %+v", c.Templates)
	}
}

func TestWhoMayNotSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.complete("spring-send", manager)
	w.settle()
	for _, by := range []org.UserID{worker, {}} {
		w.complete("spring-send", by)
		w.settle()
		w.shows("spring-send", task.InProgress, task.OnlyManagers)
	}
	w.complete("spring-send", manager) // the preview does not stand there any more
	w.settle()
	w.shows("spring-send", task.InProgress, preview)
	w.complete("spring-send", manager)
	w.settle()
	w.inState("spring-send", task.Sending)
}

func TestMistakesAreAnsweredOnTheSendTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all, Wset, Chian")
	w.complete("spring-send", manager)
	w.settle()
	w.shows("spring-send", task.InProgress, "Not sent. Unknown: Wset, Chian. Did you mean West, Chain? Put that right and complete again.")
	if w.campaign("spring-send") != nil || len(w.inbox) > 0 {
		t.Error("something was sent")
	}
}

func TestEditsReachTheStoresAndMistakesWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.send("spring-send")
	w.work(4)
	w.settle()
	w.edit("spring-b", task.Instructions, "Now.")
	w.now = w.now.Add(time.Minute)
	w.settle()
	w.shows("spring-send", task.InProgress, "Sent to 0 of 4 stores.")
	w.work(4)
	w.edit("spring-send", task.Instructions, "Nort")
	w.now = w.now.Add(time.Minute)
	w.settle()
	w.shows("spring-send", task.InProgress, "What changed here since is not sent on. Unknown: Nort. Did you mean North? 0 of 8 tasks done. The oldest figure is of 3 May 2027.")
	w.edit("spring-send", task.Instructions, "North")
	w.settle()
	if c := w.campaign("spring-send"); len(c.Stores) != 2 || len(c.Dropped) != 2 || c.State != task.Sending {
		t.Fatalf("%+v; want two stores dropped", c)
	}
	if len(w.inbox) != 4 {
		t.Errorf("told %v; want the dropped stores told too", w.inbox)
	}
	w.work(4)
	w.now = w.now.Add(time.Minute)
	w.settle()
	w.shows("spring-send", task.InProgress, "0 of 4 tasks done. The oldest figure is of 3 May 2027.")
}

func TestCancelTakesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.send("spring-send")
	w.work(4)
	w.do("000001", task.Completed, "spring-a")
	w.do("000002", task.InProgress, "spring-b")
	w.edit("spring-send", task.Title, "cancel")
	w.settle()
	w.inState("spring-send", task.Withdrawn)
	w.work(4)
	w.now = w.now.Add(time.Minute)
	settled := w.settle()
	w.shows("spring-send", task.Completed, "Cancelled. Tasks that nobody had begun are taken back. 2 tasks still there: 1 done, 1 in progress.")
	if settled.Again != 0 {
		t.Errorf("again in %s", settled.Again)
	}
	// The list is sent again by a new task, beside the old one.
	w.add("spring", "again", "Send", task.Values{task.Due: "2027-06-12", task.Instructions: "000003"})
	w.send("again")
	w.inState("again", task.Sending)
	w.inState("spring-send", task.Withdrawn)
	if c := w.campaign("spring-send"); !c.Missing.IsZero() {
		t.Error("the old one is taken for missing")
	}
	if c := w.campaign("again"); len(c.Templates) != 2 {
		t.Errorf("templates %+v", c.Templates)
	}
}

func TestWhatIsDoneIsSentAgainByANewTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.draft("all")
	w.send("spring-send")
	w.work(1)
	w.do("000001", task.Completed)
	w.now = w.now.Add(time.Minute)
	w.settle()
	w.inState("spring-send", task.Done)
	w.add("spring", "june", "Send", task.Values{task.Due: "2027-06-12", task.Instructions: "all"})
	w.settle()
	w.shows("june", task.NotStarted, "")
	w.send("june")
	w.inState("june", task.Sending)
	w.inState("spring-send", task.Done)
}

func TestFiguresAreWrittenWhenTheyChangeAtMostEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.send("spring-send")
	w.work(4)
	w.settle()
	w.now = w.now.Add(time.Minute)
	w.settle()
	version := w.cards["spring-send"].item.Version
	w.now = w.now.Add(10 * time.Minute)
	w.settle()
	if got := w.cards["spring-send"].item.Version; got != version {
		t.Error("the same figures were written again")
	}
	w.do("000001", task.InProgress)
	w.now = w.now.Add(5*time.Minute - 1)
	if settled := w.settle(); w.cards["spring-send"].item.Version != version || settled.Again != 1 {
		t.Errorf("figures were written too soon, or again in %s", settled.Again)
	}
	w.now = w.now.Add(1)
	w.settle()
	w.shows("spring-send", task.InProgress, "0 of 8 tasks done, 2 in progress. The oldest figure is of 3 May 2027.")
	w.complete("spring-send", worker) // is put back at once
	w.settle()
	w.shows("spring-send", task.InProgress, "0 of 8 tasks done, 2 in progress. The oldest figure is of 3 May 2027.")
}
