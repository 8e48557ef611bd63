package tasklist_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

func TestAStoreThatTakesNothingDoesNotHurryUsForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.draft("all")
	w.send("spring-send")
	w.work(1)
	w.now = w.now.Add(time.Hour)
	if settled := w.settle(); settled.Again != 5*time.Minute {
		t.Errorf("again in %s", settled.Again)
	}
	w.inState("spring-send", task.Sending)
	w.stores = w.stores[:1] // it is closed
	w.now = w.now.Add(5 * time.Minute)
	w.settle()
	w.inState("spring-send", task.Open)
}

func TestAThousandStoresAreToldOnceThoughCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1000)
	w.draft("all")
	w.complete("spring-send", manager)
	w.settle()
	w.complete("spring-send", manager)
	sends := 0
	w.before = func(_ int, kind string) error {
		if kind == "send" {
			if sends++; sends == 3 {
				return fault.New(fault.Unavailable, "queue: send", nil)
			}
		}
		return nil
	}
	if _, err := w.engine().Settle(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("a queue that is down: %v", err)
	}
	w.inState("spring-send", task.Sending)
	if len(w.inbox) == 0 || len(w.inbox) == 1000 {
		t.Fatalf("%d stores were told; want the middle", len(w.inbox))
	}
	w.work(150)
	w.settle()
	w.shows("spring-send", task.InProgress, "Sent to 150 of 1000 stores.")
	if len(w.inbox) != 850 || len(w.delivered) != 1000 {
		t.Errorf("%d stores are still to look, %d were told; want 850 and 1000", len(w.inbox), len(w.delivered))
	}
	w.work(1000)
	w.now = w.now.Add(time.Minute)
	w.settle()
	w.inState("spring-send", task.Open)
	if len(w.inbox) != 0 {
		t.Errorf("%d stores were told again", len(w.inbox))
	}
}

func TestOneListsTroubleCostsNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.list("summer", "all")
	w.unread = map[string]bool{"spring-a": true} // listed, and then not there
	w.complete("spring-send", manager)
	w.complete("summer-send", manager)
	if _, err := w.engine().Settle(t.Context()); !fault.Is(err, fault.Incomplete) {
		t.Errorf("a list in part: %v", err)
	}
	w.shows("spring-send", task.Completed, "")
	w.shows("summer-send", task.InProgress, preview)
	w.unread = nil
	w.settle()
	w.shows("spring-send", task.InProgress, preview)
}

func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.send("spring-send")
	w.work(3)
	w.do("000001", task.Completed, "spring-a")
	for _, c := range []struct {
		campaign, region string
		tasks, standings int
	}{{"", "", 8, 8}, {"spring", "", 8, 8}, {"spring-send", "west", 4, 4}} {
		o, err := w.engine().Status(t.Context(), c.campaign, c.region)
		if err != nil || len(o.Campaigns) != 1 || o.Campaigns[0].Tasks != c.tasks || len(o.Campaigns[0].Standings) != c.standings {
			t.Errorf("%q in %q: %+v, %v", c.campaign, c.region, o, err)
		}
	}
	for _, c := range [][2]string{{"winter", ""}, {"", "Moon"}} {
		if o, err := w.engine().Status(t.Context(), c[0], c[1]); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q in %q: %+v, %v; want that it is not there", c[0], c[1], o, err)
		}
	}
}

func TestALookThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.draft("all")
	w.send("spring-send")
	w.work(2)
	w.now = w.now.Add(time.Minute)
	w.settle()
	before, effects := w.print(), w.effects
	for i := range 3 {
		w.settle()
		if got := w.print(); got != before || w.effects != effects {
			t.Fatal(fmt.Sprint("look ", i, " changed something:\n", got))
		}
	}
}

func TestWhatIsOverStaysOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.draft("all")
	w.send("spring-send")
	w.work(1)
	w.do("000001", task.Completed)
	w.now = w.now.Add(time.Minute)
	w.settle()
	w.do("000001", task.InProgress)
	w.edit("spring-send", task.Instructions, "Moon")
	w.settle()
	w.inState("spring-send", task.Done)
	w.shows("spring-send", task.Completed, "What changed here since is not sent on. Unknown: Moon. All done. 0 of 2 tasks done, 2 in progress. The oldest figure is of 3 May 2027."+allDone)
}

func TestBoardsThatCannotBeReadSayNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.send("spring-send")
	w.work(4)
	before := w.print()
	w.now = w.now.Add(time.Minute)
	w.torn = fault.New(fault.Unavailable, "ledger: list", nil)
	if _, err := w.engine().Settle(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("settle: %v", err)
	}
	if got := w.print(); got != before {
		t.Errorf("something was concluded:\n%s", got)
	}
	if _, err := w.engine().Status(t.Context(), "", ""); !fault.Is(err, fault.Unavailable) {
		t.Errorf("status: %v", err)
	}
}
