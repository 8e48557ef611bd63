package task_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

var updateGolden = flag.Bool("update", false, "rewrite the golden files")

// chain is four open stores in two regions and none.
func chain() map[org.StoreNumber]task.Whereabouts {
	return map[org.StoreNumber]task.Whereabouts{
		"1": {Region: "North", Zone: time.UTC}, "2": {Region: "North", Zone: time.UTC},
		"3": {Region: "West", Zone: time.FixedZone("far east", 14*3600)}, "4": {Zone: time.UTC},
	}
}

func spring() task.Campaign {
	return task.Campaign{
		ID: "spring", Name: "Spring", State: task.Sending, Target: "2027-05-12", Version: "v2",
		Templates: []task.Template{
			{ID: "a", Values: task.Values{task.Title: "First", task.Due: "2027-05-03"}},
			{ID: "b", Values: task.Values{task.Title: "Second", task.Due: "2027-05-12"}},
		},
		Stores: []org.StoreNumber{"1", "2", "3", "5"},
	}
}

func fromList(template, status, due string) task.Entry {
	return task.Entry{
		Key: task.ListKey("spring", template), Origin: task.FromList, Campaign: "spring", Planner: "p" + template,
		Title: "T" + template, Status: status, Due: due, At: listDay.Add(-time.Hour),
	}
}

func fromCommerce(process, id, status string) task.Entry {
	return task.Entry{
		Key: "commerce:" + process + "/" + id, Origin: task.FromCommerce, Campaign: process, Planner: "p" + id,
		Title: "C" + id, Status: status, At: listDay,
	}
}

func boardsOfChain() []*task.Board {
	taken := fromList("b", task.NotStarted, "2027-05-12")
	taken.Cancelled = listDay
	pending := fromCommerce("inventory", "2", task.NotStarted)
	pending.Planner = ""
	return []*task.Board{
		{Store: "1", Sent: map[string]string{"spring": "v2"}, At: listDay.Add(-30 * time.Minute), Entries: []task.Entry{
			fromList("a", task.Completed, "2027-05-03"), fromList("b", task.InProgress, "2027-05-02"),
			fromList("gone", task.NotStarted, ""), fromCommerce("inventory", "1", task.Completed),
			{Key: "teams:x", Origin: task.FromTeams, Planner: "x", Status: task.NotStarted},
		}},
		{Store: "3", Sent: map[string]string{"spring": "v1"}, Entries: []task.Entry{
			fromList("a", "", "2027-05-03"), taken, // it is 4 May there at 10 UTC
			fromCommerce("inventory", "1", task.Cancelled), pending,
		}},
		{Store: "4", Entries: []task.Entry{fromList("a", task.NotStarted, "")}}, // not one of its stores
		{Store: "5", Entries: []task.Entry{fromList("a", task.Completed, "")}},  // closed
	}
}

func TestRollUp(t *testing.T) {
	t.Parallel()
	draft := task.Campaign{ID: "draft", Name: "Draft", State: task.Draft}
	overview := task.RollUp(slices.Values(boardsOfChain()), task.Question{
		Stores: chain(), Campaigns: []task.Campaign{draft, spring()}, Commerce: true, Standings: true, Now: listDay.Add(time.Hour),
	})
	got, err := json.MarshalIndent(overview, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "rollup.json")
	if *updateGolden {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(want)) != string(got) {
		t.Errorf("the roll-up is not as in %s:\n%s", golden, got)
	}
}

func TestOverdueIsTheDayAfterInTheStore(t *testing.T) {
	t.Parallel()
	for due, want := range map[string]int{"2027-05-02": 2, "2027-05-03": 1, "2027-05-04": 0, "": 0} {
		c := spring()
		c.Templates = c.Templates[:1]
		boards := []*task.Board{ // at noon of 3 May UTC it is 4 May in store 3
			{Store: "1", Entries: []task.Entry{fromList("a", task.InProgress, due)}},
			{Store: "3", Entries: []task.Entry{fromList("a", task.NotStarted, due)}},
		}
		o := task.RollUp(slices.Values(boards), task.Question{Stores: chain(), Campaigns: []task.Campaign{c}, Now: listDay.Add(3 * time.Hour)})
		if got := o.Campaigns[0].Overdue; got != want {
			t.Errorf("due %q: %d overdue, want %d", due, got, want)
		}
	}
}

func TestRollUpAddsUp(t *testing.T) {
	t.Parallel()
	overview := task.RollUp(slices.Values(boardsOfChain()), task.Question{
		Stores: chain(), Campaigns: []task.Campaign{spring()}, Commerce: true, Standings: true, Now: listDay,
	})
	for _, c := range overview.Campaigns {
		var sum task.Counts
		stores := 0
		for _, r := range c.Regions {
			stores += r.Stores
			sum.Tasks += r.Tasks
			sum.NotSent += r.NotSent
			sum.NotStarted += r.NotStarted
			sum.InProgress += r.InProgress
			sum.Done += r.Done
			sum.Overdue += r.Overdue
		}
		sum.Oldest = c.Oldest
		if sum != c.Counts || stores != c.Stores || len(c.Standings) != c.Tasks || c.Tasks != c.NotSent+c.NotStarted+c.InProgress+c.Done {
			t.Errorf("%s does not add up: %+v, regions %+v", c.ID, c.Counts, sum)
		}
	}
}

func TestRollUpOfOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		campaign, region string
		want             string
	}{
		{"", "", "spring 6, inventory 2"},
		{"SPRING", "", "spring 6"},
		{"inventory", "", "inventory 2"},
		{"Inventory", "", ""}, // an id has a case
		{"", "north", "spring 4, inventory 1"},
		{"spring", "West", "spring 2"},
		{"", "Nowhere", "spring 0"},
	} {
		overview := task.RollUp(slices.Values(boardsOfChain()), task.Question{
			Stores: chain(), Campaigns: []task.Campaign{spring()}, Commerce: true, Now: listDay, Campaign: c.campaign, Region: c.region,
		})
		var got []string
		for _, o := range overview.Campaigns {
			got = append(got, fmt.Sprintf("%s %d", o.ID, o.Tasks))
			if o.Standings != nil {
				t.Errorf("%s has standings nobody asked for", o.ID)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("campaign %q in region %q: %q, want %q", c.campaign, c.region, strings.Join(got, ", "), c.want)
		}
	}
}

func TestWhatIsWithdrawnCountsOnlyWhereItStayed(t *testing.T) {
	t.Parallel()
	c := spring()
	c.State = task.Withdrawn
	o := task.RollUp(slices.Values(boardsOfChain()), task.Question{Stores: chain(), Campaigns: []task.Campaign{c}, Now: listDay}).Campaigns[0]
	if o.Tasks != 3 || o.NotSent != 0 || o.Done != 1 {
		t.Errorf("%+v; want the three tasks that are there", o.Counts)
	}
}

func TestProgressTexts(t *testing.T) {
	t.Parallel()
	overview := func(sent, stores int, counts task.Counts) task.CampaignOverview {
		return task.CampaignOverview{Sent: sent, Stores: stores, Counts: counts}
	}
	day := time.Date(2027, 5, 2, 23, 59, 0, 0, time.UTC)
	for _, c := range []struct {
		state task.CampaignState
		note  string
		o     task.CampaignOverview
		want  string
	}{
		{task.Sending, "", overview(380, 412, task.Counts{Tasks: 3708, NotSent: 3708}), "Sent to 380 of 412 stores."},
		{task.Sending, "", overview(0, 1, task.Counts{Tasks: 1}), "Sent to 0 of 1 store."},
		{task.Sending, "Note.", overview(1, 2, task.Counts{Tasks: 4, Done: 1, NotStarted: 1, NotSent: 2}), "Note. Sent to 1 of 2 stores. 1 of 4 tasks done, 2 not sent."},
		{task.Open, "", overview(2, 2, task.Counts{Tasks: 4, NotStarted: 4}), "0 of 4 tasks done."},
		{task.Open, "", overview(2, 2, task.Counts{Tasks: 9, Done: 2, InProgress: 3, NotStarted: 4, Overdue: 1, Oldest: day}), "2 of 9 tasks done, 3 in progress, 1 overdue. The oldest figure is of 2 May 2027."},
		{task.Done, "", overview(1, 1, task.Counts{Tasks: 1, Done: 1}), "All done. 1 of 1 task done. To send the list again, add a new task that sends it."},
		{task.Withdrawn, "", overview(0, 2, task.Counts{}), "Cancelled. Tasks that nobody had begun are taken back."},
		{task.Withdrawn, "", overview(0, 2, task.Counts{Tasks: 3, Done: 2, InProgress: 1}), "Cancelled. Tasks that nobody had begun are taken back. 3 tasks still there: 2 done, 1 in progress."},
	} {
		if got := task.ProgressText(&task.Campaign{State: c.state, Note: c.note}, c.o); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.state, got, c.want)
		}
	}
}

func TestProgressLines(t *testing.T) {
	t.Parallel()
	regions := []task.RegionOverview{
		{Counts: task.Counts{Tasks: 2, Done: 2}},
		{Region: "North", Counts: task.Counts{Tasks: 180, Done: 120, Overdue: 3}},
	}
	taken := append(slices.Clone(regions), task.RegionOverview{Region: "South", Stores: 3})
	mustEqual(t, "two regions, and one with nothing", task.ProgressLines(task.CampaignOverview{Regions: taken}), []task.ChecklistLine{
		{Text: "Stores in no region: 2 of 2 done", Ticked: true},
		{Text: "North: 120 of 180 done, 3 overdue"},
	})
	for len(regions) < 20 {
		regions = append(regions, task.RegionOverview{Region: fmt.Sprintf("R%02d", len(regions)), Counts: task.Counts{Tasks: 1, Done: 1}})
	}
	if lines := task.ProgressLines(task.CampaignOverview{Regions: regions}); len(lines) != 20 || lines[19].Text != "R19: 1 of 1 done" {
		t.Errorf("20 regions: %+v", lines)
	}
	regions = append(regions, task.RegionOverview{Region: "Z", Counts: task.Counts{Tasks: 5, Done: 1, Overdue: 2}})
	lines := task.ProgressLines(task.CampaignOverview{Regions: regions})
	if want := (task.ChecklistLine{Text: "2 more regions: 2 of 6 done, 2 overdue"}); len(lines) != 20 || lines[19] != want {
		t.Errorf("21 regions: %+v", lines)
	}
	ticked := []task.ChecklistLine{{Text: "x", Ticked: true}}
	if task.FiguresMark(ticked) == task.FiguresMark([]task.ChecklistLine{{Text: "x"}}) || task.FiguresMark(ticked) != task.FiguresMark(slices.Clone(ticked)) {
		t.Error("marks do not tell checklists apart")
	}
}
