package tasksync_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/world"
)

// TestBothDirections: what people do on either side is on the other after a look.
func TestBothDirections(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		act  func(s *shop)
		want func(s *shop)
	}{
		"the till completes": {
			func(s *shop) { s.at(s.row("Clear"), world.Completed) },
			func(s *shop) { s.both("Clear", "Completed") },
		},
		"the till begins": {
			func(s *shop) { s.at(s.row("Clear"), world.InProgress) },
			func(s *shop) { s.both("Clear", "InProgress") },
		},
		"Teams completes": {
			func(s *shop) { s.must(s.member(ben).Complete(s.Context(), s.card("Clear").id)) },
			func(s *shop) { s.both("Clear", "Completed") },
		},
		"both complete": {
			func(s *shop) {
				s.at(s.row("Clear"), world.Completed)
				s.must(s.member(ben).Complete(s.Context(), s.card("Clear").id))
			},
			func(s *shop) { s.both("Clear", "Completed") },
		},
		"one begins and the other completes": {
			func(s *shop) {
				s.at(s.row("Clear"), world.InProgress)
				s.must(s.member(ben).Complete(s.Context(), s.card("Clear").id))
			},
			func(s *shop) { s.both("Clear", "Completed") },
		},
		"Teams assigns": {
			func(s *shop) { s.must(s.member(anna).Reassign(s.Context(), s.card("Clear").id, ben)) },
			func(s *shop) { s.assigned("Clear", ben, "000002") },
		},
		"headquarters assigns": {
			func(s *shop) {
				process, id := s.row("Clear").posKeys()
				s.must(s.till().Assign(s.Context(), process, id, "000001"))
			},
			func(s *shop) { s.assigned("Clear", anna, "000001") },
		},
		"a text changed on the board is put back": {
			func(s *shop) { s.must(s.member(ben).Rename(s.Context(), s.card("Clear").id, "Something else")) },
			func(s *shop) { s.both("Clear", "NotStarted") },
		},
		"a text changed in Commerce arrives": {
			func(s *shop) {
				process, id := s.row("Clear").posKeys()
				s.must(s.till().Edit(s.Context(), process, id, map[string]any{"Name": "Clear it"}))
			},
			func(s *shop) { s.both("Clear it", "NotStarted") },
		},
		"a title over Planner's limit is cut on the board alone": {
			func(s *shop) {
				process, id := s.row("Clear").posKeys()
				s.must(s.till().Edit(s.Context(), process, id, map[string]any{"Name": strings.Repeat("x", 300)}))
			},
			func(s *shop) {
				if got := s.card(strings.Repeat("x", 255)); got.status != "NotStarted" {
					s.Errorf("%+v", got)
				}
				s.row(strings.Repeat("x", 300))
			},
		},
		"a due date before 1900 and an unknown status change nothing on the board": {
			func(s *shop) {
				process, id := s.row("Clear").posKeys()
				s.must(s.till().Edit(s.Context(), process, id, map[string]any{"Status": "Pondered"}))
			},
			func(s *shop) {
				if got := s.card("Clear").status; got != "NotStarted" {
					s.Errorf("the board says %s", got)
				}
			},
		},
		"an owner's own task goes to Commerce": {
			func(s *shop) { s.creates(anna, "Water") },
			func(s *shop) { s.both("Water", "NotStarted") },
		},
		"a member's own task stays in Teams": {
			func(s *shop) { s.creates(ben, "Water") },
			func(s *shop) {
				s.card("Water")
				for _, r := range s.rows() {
					if r.title == "Water" {
						s.Error("it is in Commerce")
					}
				}
			},
		},
		"an owner's own task that was deleted is deleted in Commerce": {
			func(s *shop) {
				s.creates(anna, "Water")
				s.settle()
				s.row("Water")
				s.must(s.member(anna).Delete(s.Context(), s.card("Water").id))
			},
			func(s *shop) { s.nowhere("Water") },
		},
		"a task of Commerce that was deleted comes back as far as it was": {
			func(s *shop) {
				s.at(s.row("Clear"), world.InProgress)
				s.settle()
				s.must(s.member(ben).Delete(s.Context(), s.card("Clear").id))
			},
			func(s *shop) { s.both("Clear", "InProgress") },
		},
		"a task that Commerce deleted is deleted": {
			func(s *shop) {
				process, id := s.row("Clear").posKeys()
				s.must(s.till().Delete(s.Context(), process, id))
			},
			func(s *shop) { s.nowhere("Clear") },
		},
		"a completed one that Commerce deleted stays": {
			func(s *shop) {
				s.must(s.member(ben).Complete(s.Context(), s.card("Clear").id))
				s.settle()
				process, id := s.row("Clear").posKeys()
				s.must(s.till().Delete(s.Context(), process, id))
			},
			func(s *shop) { s.card("Clear") },
		},
		"cancelled": {
			func(s *shop) { s.at(s.row("Clear"), world.Cancelled) },
			func(s *shop) {
				if got := s.card("Clear"); got.bucket != "Cancelled" || got.status == "Completed" {
					s.Errorf("%+v, want it among the cancelled", got)
				}
				wait(31 * 24 * time.Hour)
				s.settle()
				for _, c := range s.cards() {
					if c.title == "Clear" {
						s.Error("still there after 31 days")
					}
				}
			},
		},
		"cancelled and taken back": {
			func(s *shop) {
				s.at(s.row("Clear"), world.Cancelled)
				s.settle()
				s.at(s.row("Clear"), world.NotStarted)
			},
			func(s *shop) {
				s.both("Clear", "NotStarted")
				if got := s.card("Clear").bucket; got != "Spring" {
					s.Errorf("it is in %q", got)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, shopOptions{})
				s.campaign("Spring", "Clear", "Paint", "Sweep")
				s.settle()
				if name := s.board().Buckets[strings.Split(s.row("Paint").id, "/")[0]].Name; name != "Spring" {
					t.Errorf("the ledger calls the campaign %q", name)
				}
				if got := s.card("Paint"); got.bucket != "Spring" || !got.byUs || got.whose != "" {
					t.Fatalf("%+v", got)
				}
				tc.act(s)
				s.settle()
				tc.want(s)
				s.both("Paint", "NotStarted")
			})
		})
	}
}

// at lets the till set a status.
func (s *shop) at(l line, status string) {
	s.Helper()
	process, id := l.posKeys()
	s.must(s.till().SetStatus(s.Context(), process, id, status))
}

// both checks a status on both sides.
func (s *shop) both(title, status string) {
	s.Helper()
	if card, row := s.card(title), s.row(title); card.status != status || row.status != status {
		s.Errorf("%q is %s on the board and %s in Commerce, want %s", title, card.status, row.status, status)
	}
}

func (s *shop) assigned(title, user, worker string) {
	s.Helper()
	if got := s.card(title).whose; got != user {
		s.Errorf("on the board it is %q's, want %s", got, user)
	}
	process, id := s.row(title).posKeys()
	for _, raw := range s.commerce.Rows(report) {
		if text := string(raw); strings.Contains(text, process) && strings.Contains(text, id) && !strings.Contains(text, `"`+worker+`"`) {
			s.Errorf("in Commerce %s is not %s's", text, worker)
		}
	}
}

// creates lets somebody make a task on the board.
func (s *shop) creates(user, title string) {
	s.Helper()
	plan, _ := s.plan()
	_, err := s.member(user).Create(s.Context(), plan, "", title, time.Now().AddDate(0, 0, 3))
	s.must(err)
}

func (s *shop) nowhere(title string) {
	s.Helper()
	if strings.Contains(s.state(), `"`+title+`"`) {
		s.Errorf("%q is still there:\n%s", title, s.state())
	}
}

// TestNothingIsDoneTwice: a look at what is settled writes nothing, not even the
// row of the ledger.
func TestNothingIsDoneTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, shopOptions{})
		s.campaign("Spring", "Clear", "Paint")
		s.settle()
		before := s.effects
		if _, err := s.look(); err != nil || s.effects != before {
			t.Errorf("%d writes (%v)", s.effects-before, err)
		}
	})
}

// TestKilledAnywhere: killed before or after any effect of the looks that set up a
// store, the looks after it end as if it had never happened.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	story := func(s *shop) {
		s.campaign("Spring", "Clear", "Paint")
		s.campaign("Summer", "Clear")
		s.must(s.book.SaveCampaign(s.Context(), sentList("v1", "Call", "Count")))
	}
	want := ""
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, shopOptions{})
		story(s)
		s.settle()
		s.creates(anna, "Water")
		s.settle()
		want = s.state()
	})
	if n := strings.Count(want, "board:"); n != 6 {
		t.Fatalf("%d tasks on the board:\n%s", n, want)
	}
	for n, more := 1, true; more; n++ {
		for _, before := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, shopOptions{})
				story(s)
				struck := 0
				s.strike = func(effect int) (bool, bool) {
					if effect == n {
						struck++
					}
					return effect == n && before, effect == n && !before
				}
				for range 3 {
					_, _ = s.look() // killed in one of them
					wait(time.Minute)
				}
				more = struck > 0
				s.settle()
				wait(10 * time.Minute)
				s.settle()
				s.creates(anna, "Water")
				s.settle()
				if got := s.state(); got != want {
					t.Errorf("killed at effect %d (before: %t):\n%swant\n%s", n, before, got, want)
				}
			})
		}
	}
}

// sentList is a campaign as package tasklist saves it.
func sentList(version string, titles ...string) *tasksync.CampaignRow {
	c := &tasksync.CampaignRow{}
	c.ID, c.Name, c.State, c.Version = "send-task", "Regional", task.Sending, version
	c.Stores = append(c.Stores, store)
	for _, title := range titles {
		c.Templates = append(c.Templates, task.Template{ID: "t-" + title, Values: task.Values{task.Title: title, task.Due: "2000-02-01"}})
	}
	return c
}

// TestALostLedger: with the ledger gone, everything is linked again and nothing is
// there twice.
func TestALostLedger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, shopOptions{})
		s.campaign("Spring", "Clear", "Paint")
		s.settle()
		s.creates(anna, "Water")
		s.at(s.row("Paint"), world.Completed)
		s.settle()
		want := s.state()
		s.book = newBook()
		s.settle()
		if got := s.state(); got != want {
			t.Errorf("%swant\n%s", got, want)
		}
		s.at(s.row("Clear"), world.Completed)
		s.settle()
		s.both("Clear", "Completed")
	})
}

// TestMuchGoneIsHeld: what empties a campaign at once deletes nothing until a
// person allows it.
func TestMuchGoneIsHeld(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(s *shop){
		"everything": func(s *shop) { s.must(s.commerce.SetRows(report, nil)) },
		"most of a campaign": func(s *shop) {
			s.must(s.commerce.SetRows(report, s.commerce.Rows(report)[4:]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, shopOptions{})
				s.campaign("Spring", "A", "B", "C", "D", "E", "F")
				s.settle()
				lose(s)
				gone := 6 - len(s.rows())
				for range 5 {
					if _, err := s.look(); err != nil {
						t.Fatal(err)
					}
					wait(20 * time.Minute)
				}
				if n := len(s.cards()); n != 6 {
					t.Fatalf("%d tasks are left on the board, want all 6", n)
				}
				if row := s.board(); len(row.Held) != 1 || row.Problem == "" {
					t.Fatalf("held %q, problem %q", row.Held, row.Problem)
				}
				s.must(s.settler().Allow(t.Context(), store))
				s.settle()
				if n := len(s.cards()); n != 6-gone {
					t.Errorf("%d tasks are left once it is allowed, want %d", n, 6-gone)
				}
				if row := s.board(); len(row.Held) != 0 || row.Problem != "" {
					t.Errorf("held %q, problem %q", row.Held, row.Problem)
				}
			})
		})
	}
}

// TestOneBadTaskCostsNoOther: what a side refuses is told of, not tried for ever.
func TestOneBadTaskCostsNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, shopOptions{})
		s.campaign("Spring", "Clear", "Paint")
		s.settle()
		process, id := s.row("Clear").posKeys()
		s.must(s.till().Edit(t.Context(), process, id, map[string]any{"Name": ""}))
		s.at(s.row("Paint"), world.Completed)
		s.settle()
		s.both("Paint", "Completed")
		if problem := s.board().Problem; !strings.Contains(problem, id) {
			t.Errorf("the problem is %q", problem)
		}
		s.must(s.till().Edit(t.Context(), process, id, map[string]any{"Name": "Clear it"}))
		s.settle()
		s.both("Clear it", "NotStarted")
		if problem := s.board().Problem; problem != "" {
			t.Errorf("the problem is still %q", problem)
		}
	})
}

// TestTheDaysLimit: no more tasks are deleted in a day than MAX_TASK_DELETIONS.
func TestTheDaysLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, shopOptions{settings: func(o *tasksync.Settings) { o.MaxDeletions, o.MaxDeletionPercent = 1, 90 }})
		s.campaign("Spring", "A", "B", "C", "D", "E", "F")
		s.settle()
		s.must(s.commerce.SetRows(report, s.commerce.Rows(report)[2:]))
		for range 6 {
			_, err := s.look()
			s.must(err)
			wait(time.Hour)
		}
		if n := len(s.cards()); n != 5 {
			t.Fatalf("%d tasks are left on the first day, want 5", n)
		}
		wait(24 * time.Hour)
		_, err := s.look()
		s.must(err)
		if n := len(s.cards()); n != 4 {
			t.Errorf("%d tasks are left on the second day, want 4", n)
		}
	})
}

// TestALostBoardIsHeld: a board that somebody deleted is made anew only if a
// person says so.
func TestALostBoardIsHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, shopOptions{})
		s.campaign("Spring", "Clear", "Paint")
		s.at(s.row("Paint"), world.Completed)
		s.settle()
		want := s.state()
		s.deletesBoard()
		for range 3 {
			_, err := s.look()
			s.must(err)
			wait(20 * time.Minute)
		}
		if plans := s.planner.Plans(group); len(plans) != 0 || s.board().Problem == "" {
			t.Fatalf("%d boards, problem %q", len(plans), s.board().Problem)
		}
		s.must(s.settler().Allow(t.Context(), store))
		s.settle()
		if got := s.state(); got != want {
			t.Errorf("%swant\n%s", got, want)
		}
	})
}

// TestListsOnTheBoard: a list that was sent is on the board and in Commerce, its
// edits arrive, and what nobody touched goes when it is taken back.
func TestListsOnTheBoard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, shopOptions{})
		list := sentList("v1", "Call", "Count", "Close")
		s.must(s.book.SaveCampaign(t.Context(), list))
		s.settle()
		for _, title := range []string{"Call", "Count", "Close"} {
			s.both(title, "NotStarted")
			if got := s.card(title); got.bucket != "Regional" || got.due != "2000-02-01" {
				t.Errorf("%+v", got)
			}
		}
		if sent := s.board().Sent[list.ID]; sent != "v1" {
			t.Errorf("the board has version %q", sent)
		}
		s.must(s.member(ben).Complete(t.Context(), s.card("Call").id))
		s.settle()
		s.both("Call", "Completed")

		list.Version = "v2"
		list.Templates[1].Values = task.Values{task.Title: "Count twice", task.Due: "2000-02-02"}
		s.must(s.book.SaveCampaign(t.Context(), list))
		s.settle()
		s.both("Count twice", "NotStarted")
		s.both("Call", "Completed")

		s.must(s.member(ben).Reassign(t.Context(), s.card("Close").id, ben))
		s.settle()
		list.Version, list.State = "v3", task.Withdrawn
		s.must(s.book.SaveCampaign(t.Context(), list))
		s.settle()
		s.nowhere("Count twice")
		s.card("Call")
		s.card("Close")
		if sent := s.board().Sent[list.ID]; sent != "v3" {
			t.Errorf("the board has version %q", sent)
		}

		list.Version, list.State = "v4", task.Sending
		s.must(s.book.SaveCampaign(t.Context(), list))
		s.settle()
		s.both("Count twice", "NotStarted")
	})
}

// TestBesideCommercesOwnIntegration: the board is the one that it linked, and
// nothing is written to Commerce.
func TestBesideCommercesOwnIntegration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, shopOptions{
			settings: func(o *tasksync.Settings) { o.Linked = true },
			home:     func(o *commerce.TaskOptions) { o.Write, o.Inserts, o.Deletes = "", false, false },
		})
		s.campaign("Spring", "Clear")
		s.settle()
		if plans := s.planner.Plans(group); len(plans) != 0 || s.board().Problem == "" {
			t.Fatalf("%d boards were made, problem %q", len(plans), s.board().Problem)
		}
		s.makesBoard("Commerce's board")
		s.settle()
		s.creates(anna, "Water")
		s.must(s.member(ben).Complete(t.Context(), s.card("Clear").id))
		s.settle()
		if row := s.row("Clear"); row.status != "NotStarted" || len(s.rows()) != 1 {
			t.Errorf("Commerce was written to:\n%s", s.state())
		}
		for _, e := range s.board().Entries {
			if e.Title == "Clear" && e.Status != task.Completed {
				t.Errorf("the roll-up says %s", e.Status)
			}
		}
	})
}
