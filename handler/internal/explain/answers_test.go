package explain_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rivo/uniseg"

	"github.com/storeteams/storeteams/handler/internal/explain"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// Whoever nothing knows is not found, and the error says what was searched and
// how old it is. Whoever anything knows is.
func TestNobodyKnows(t *testing.T) {
	staffless := func(w *world) {
		w.snapshot.BadRows = []org.BadRow{{Collection: "Workers", Row: "000777", Worker: "000777"}}
	}
	cases := []struct {
		name  string
		world func(*world)
		ask   func(*orgsync.Survey, []ledger.Event) (explain.Explanation, error)
		kind  fault.Kind
		says  string // empty: no error
	}{
		{"worker", nil, ofWorker("000777"), fault.NotFound, "nothing knows a worker 000777: no row of Workers"},
		{"worker, with the reading's time", nil, ofWorker("000777"), fault.NotFound, "1999-12-31 23:50 UTC"},
		{"no personnel number", nil, ofWorker("  "), fault.Invalid, "no personnel number is given"},
		{"worker with a bad row only", staffless, ofWorker("000777"), 0, ""},
		{"worker with an event only", func(w *world) { w.events = []ledger.Event{{At: w.now, What: "remove", Worker: "000777"}} }, ofWorker("000777"), 0, ""},
		{"worker with spaces around", nil, ofWorker(" 001008 "), 0, ""},
		{"known worker, unknown store", nil, inStore("999999"), fault.NotFound, "nothing knows a store 999999"},
		{"user", nil, asUser(account("007007")), fault.NotFound, "nothing knows a user " + account("007007").String()},
		{"no user", nil, asUser(org.UserID{}), fault.Invalid, "no object id is given"},
		{"user who is blocked only", func(w *world) { w.blocks = []org.Block{{User: account("007007")}} }, asUser(account("007007")), 0, ""},
		{"store", nil, aStore("999999"), fault.NotFound, "1999-12-31 23:50 UTC"},
		{"no store", nil, aStore(" "), fault.Invalid, "no store number is given"},
		{"store of CLOSED_STORES only", func(w *world) { w.settings.Rules.ClosedStores = []string{"999999"} }, aStore("999999"), 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				if c.world != nil {
					c.world(w)
				}
				e, err := c.ask(w.survey(t), w.events)
				switch {
				case c.says == "" && err != nil:
					t.Errorf("error %v", err)
				case c.says == "" && (e.Verdict == "" || len(e.Steps) < 7):
					t.Errorf("nothing is explained: %+v", e)
				case c.says != "" && (!fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says)):
					t.Errorf("error %v, want a %s that says %q", err, c.kind, c.says)
				}
			})
		})
	}
}

// The same question has the same answer, down to the order of facts, and every
// step says something.
func TestDeterminism(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		survey := func() *orgsync.Survey {
			w := newWorld()
			w.moreStores()
			w.settle()
			for _, c := range []string{"C2", "C3", "C4", "C5"} {
				w.assign(who, c, org.Yes)
			}
			w.group(storeOne).People.Set(account(who), org.Owner)
			return w.survey(t)
		}
		for _, ask := range []func(*orgsync.Survey, []ledger.Event) (explain.Explanation, error){inStore(""), aStore(storeOne), asUser(account(who))} {
			first, err := ask(survey(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				if again, err := ask(survey(), nil); err != nil || !reflect.DeepEqual(first, again) {
					t.Fatalf("%s: %+v\nthen %+v, %v", first.Subject, first, again, err)
				}
			}
			for _, step := range first.Steps {
				if step.Title == "" || !strings.HasSuffix(step.Result, ".") {
					t.Errorf("step %q results in %q", step.Title, step.Result)
				}
			}
		}
	})
}

// Of several teams the verdict tells what is wrong first, and names those in one
// sentence that come to the same.
func TestSeveralTeams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.moreStores()
		w.settle()
		for _, channel := range []string{"C2", "C3"} {
			w.assign(who, channel, org.Yes)
		}
		w.assign(who, "C4", org.No)
		w.assign(who, "C5", org.Unknown)
		e, err := explain.Worker(w.survey(t), who, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		want := "Worker 001008 is to be added to the teams of stores 000102 and 000103 at the next run: as member (active in the store). " +
			"They are not in the team of store 000104: RetailChannelWorkers says IsActive No there. The steps tell of 2 teams more."
		if e.Verdict != want {
			t.Errorf("verdict %q\nwant    %q", e.Verdict, want)
		}
	})
}

// Who stands in for many stores is told in a few lines.
func TestManyTeams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for i := range 40 {
			channel := fmt.Sprint("X", i)
			w.snapshot.Stores = append(w.snapshot.Stores, org.Store{Number: org.StoreNumber(fmt.Sprintf("0003%02d", i)), Channel: channel, Unit: "U1", Party: "Q" + channel})
			w.assign(who, channel, org.Yes)
		}
		w.settle()
		e, err := explain.Worker(w.survey(t), who, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := "the teams of 41 stores (000101, 000300, 000301 and 38 more) as member"; !strings.Contains(e.Verdict, want) {
			t.Errorf("verdict %q does not say %q", e.Verdict, want)
		}
		if !says(e, [2]string{"and more", "21 teams, not shown here"}) {
			t.Error("nothing says that some teams are not shown")
		}
	})
}

func TestText(t *testing.T) {
	e := explain.Explanation{
		Subject: "worker 1", Verdict: "Worker 1 is here. " + strings.Repeat("word ", 40),
		Steps: []explain.Step{
			{Title: "First", Facts: []explain.Fact{
				{Name: "short", Value: "one"},
				{Name: "店舗", Value: "wide letters take two columns"},
				{Name: strings.Repeat("long", 12), Value: "below"},
				{Name: "evil", Value: "\x1b[31mred\u202e" + "\nline"},
			}, Result: "So it is."},
			{Title: "Second", Result: strings.Repeat("very ", 30) + "long."},
		},
	}
	var b strings.Builder
	if err := e.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := "\n\n1. First\n" +
		"   short  one\n" +
		"   店舗   wide letters take two columns\n" +
		"   " + strings.Repeat("long", 12) + "\n" +
		"          below\n" +
		"   evil   \ufffd[31mred\ufffd line\n" +
		"   => So it is.\n\n2. Second\n   => very very"
	if !strings.Contains(b.String(), want) {
		t.Errorf("text %s\nwant it to have %s", b.String(), want)
	}
	if !strings.HasPrefix(b.String(), "Worker 1 is here. word") {
		t.Errorf("the verdict does not come first: %s", b.String())
	}
	for line := range strings.Lines(b.String()) {
		if width := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); width > 100 {
			t.Errorf("a line of %d columns: %s", width, line)
		}
	}
	if err := e.WriteText(broken{}); err == nil {
		t.Error("a writer that fails is no error")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, fmt.Errorf("broken") }

// The JSON is a contract with whoever asks: empty lists are lists.
func TestJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := explain.Worker(newWorld().survey(t), who, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(text); !strings.HasPrefix(s, `{"subject":"worker 001008","verdict":"Worker 001008 `) || strings.Contains(s, "null") {
			t.Errorf("JSON %s", s)
		}
	})
}

func TestManyEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for i := range 60 {
			w.events = append(w.events, ledger.Event{At: w.now.Add(time.Duration(i-60) * time.Minute), Run: fmt.Sprint("r", i), What: "add member", User: account(who)})
		}
		e, err := explain.Worker(w.survey(t), who, "", w.events)
		if err != nil {
			t.Fatal(err)
		}
		if !says(e, [2]string{"before", "10 events"}) || !says(e, [2]string{"1999-12-31 23:59", "r59"}) || says(e, [2]string{"UTC", "(run r9)"}) {
			t.Error("not the newest 50 events are shown")
		}
	})
}

// TestBlockedAccount: an account that an operator blocked is not said to be one
// that may be added.
func TestBlockedAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, blocked := range []bool{false, true} {
			w := newWorld()
			if blocked {
				w.blocks = []org.Block{{User: account(who)}}
			}
			e, err := explain.Worker(w.survey(t), who, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Steps[2].Result; strings.Contains(got, "an operator blocked it") != blocked || strings.Contains(got, "may be added") == blocked {
				t.Errorf("blocked is %v: %s", blocked, got)
			}
		}
	})
}
