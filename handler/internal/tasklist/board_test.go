package tasklist_test

import (
	"errors"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

func TestTheBoardIsMadeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	lost := fault.New(fault.Unavailable, "planner: create plan", nil)
	w.after = func(_ int, kind string) error {
		if kind == "create plan" {
			return lost
		}
		return nil
	}
	if _, err := w.engine().Settle(t.Context()); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	made := w.plans
	w.plans = nil // not shown yet
	if settled := w.settle(); settled.Again != 5*time.Minute || len(w.plans) > 0 {
		t.Fatalf("again in %s, boards %v; want it waited for", settled.Again, w.plans)
	}
	w.plans = append([]tasksync.Plan{{ID: "0", Title: "campaigns "}}, made...) // a person's, too
	w.settle()
	row, err := w.ledger.Board(t.Context(), "")
	if err != nil || row.Plan != made[0].ID || !row.PlanClaimed.IsZero() || len(w.plans) != 2 {
		t.Errorf("row %+v, boards %v, %v", row, w.plans, err)
	}
}

func TestABoardThatDoesNotTurnUpIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.killAt(2, false)
	w.engine().Settle(t.Context()) //nolint:errcheck // killed after the claim
	w.dead = false
	w.settle()
	if len(w.plans) != 0 {
		t.Fatalf("boards %v; want the claim waited for", w.plans)
	}
	w.now = w.now.Add(5 * time.Minute)
	w.settle()
	if len(w.plans) != 1 {
		t.Errorf("boards %v", w.plans)
	}
}

func TestAGroupThatPlannerDoesNotKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	group := w.group
	w.group = ""
	if settled := w.settle(); settled.Again != 0 {
		t.Errorf("no communications team: again in %s", settled.Again)
	}
	w.group = group
	w.before = func(_ int, kind string) error {
		if kind == "create plan" {
			return gone("create plan")
		}
		return nil
	}
	if settled := w.settle(); settled.Again == 0 {
		t.Error("a group too young is not looked at again")
	}
	if row, _ := w.ledger.Board(t.Context(), ""); !row.PlanClaimed.IsZero() || row.Problem == "" {
		t.Errorf("row %+v", row)
	}
	w.before = nil
	w.settle()
	if row, _ := w.ledger.Board(t.Context(), ""); row.Plan == "" || row.Problem != "" {
		t.Errorf("row %+v", row)
	}
}

func TestALostBoardWithdrawsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.send("spring-send")
	was := w.campaign("spring-send")
	plans, cards := w.plans, w.cards
	w.plans, w.cards = nil, map[string]*card{}
	w.settle()
	row, err := w.ledger.Board(t.Context(), "")
	if err != nil || len(row.Held) != 1 || row.Problem == "" || len(w.plans) > 0 {
		t.Fatalf("row %+v, boards %v, %v; want it held", row, w.plans, err)
	}
	held := w.effects
	w.settle()
	if w.effects != held {
		t.Error("it is held again at each look")
	}
	if c := w.campaign("spring-send"); c.Version != was.Version || c.State != was.State {
		t.Errorf("the campaign became %+v", c)
	}
	w.plans, w.cards = plans, cards // restored
	w.settle()
	if row, _ = w.ledger.Board(t.Context(), ""); len(row.Held) > 0 || row.Plan != plans[0].ID || row.Problem != "" {
		t.Errorf("restored: %+v", row)
	}
	w.plans, w.cards = nil, map[string]*card{}
	w.settle()
	w.change1("", func(b *task.Board) { b.Allowed = map[string]time.Time{task.BoardHold: w.now} })
	w.settle()
	w.settle()
	if len(w.plans) != 1 {
		t.Fatalf("allowed: boards %v", w.plans)
	}
	if c := w.campaign("spring-send"); c.Version != was.Version || c.State == task.Withdrawn || c.Missing.IsZero() {
		t.Errorf("the campaign became %+v; want it noted as missing", c)
	}
}

func TestALostSendTaskWithdrawsNothing(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"deleted", "bucket deleted", "retitled"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 4)
			w.draft("all")
			w.send("spring-send")
			was := w.campaign("spring-send")
			switch how {
			case "deleted":
				w.remove("spring-send")
			case "retitled":
				w.edit("spring-send", task.Title, "Sent, thanks")
			default:
				w.cards, w.buckets = map[string]*card{}, nil
			}
			w.settle()
			w.work(4)
			w.now = w.now.Add(time.Minute)
			w.settle()
			c := w.campaign("spring-send")
			if c == nil || c.Version != was.Version || c.Missing.IsZero() {
				t.Fatalf("the campaign became %+v", c)
			}
			w.inState("spring-send", task.Open) // it goes on
			if how == "retitled" {
				w.shows("spring-send", task.InProgress, "Sent to 0 of 4 stores.")
				w.add("spring", "new", "Send", task.Values{task.Due: "2027-05-12", task.Instructions: "all"})
				w.send("new")
				if c := w.campaign("new"); len(c.Templates) != 2 {
					t.Errorf("the old Send task became a part of the list: %+v", c.Templates)
				}
			}
		})
	}
}

func TestADraftWhoseSendTaskIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.complete("spring-send", manager)
	w.settle()
	w.remove("spring-send")
	w.settle()
	if c := w.campaign("spring-send"); c != nil {
		t.Errorf("%+v", c)
	}
}

func TestAnotherTeamGetsAnotherBoard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.settle()
	w.group, w.plans = "other", nil
	w.settle()
	row, err := w.ledger.Board(t.Context(), "")
	if err != nil || row.Group != org.TeamID("other") || row.Plan == "" || len(w.plans) != 1 {
		t.Errorf("row %+v, boards %v, %v", row, w.plans, err)
	}
}
