package plan_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// halfRates are the published limits at the default of 50 percent.
func halfRates() plan.Rates {
	return plan.Rates{
		CreateTeam: 5, ListMembers: 30, OtherRead: 15, OtherWrite: 15, PerTeam: 2, Units: 175, Writes: 10, Poll: 35 * time.Second,
	}
}

// several makes n changes of a kind in one team.
func several(number string, kind plan.Kind, n int) []plan.Change {
	var changes []plan.Change
	for i := range n {
		changes = append(changes, plan.Change{Team: store(number), Kind: kind, User: user(i%200 + 1)})
	}
	return changes
}

func TestCostOfEachKind(t *testing.T) {
	polled := map[string]int{"GET /teams/{id}/operations/{id}": 1}
	with := func(calls map[string]int, more ...string) map[string]int {
		calls = maps.Clone(calls)
		for _, class := range more {
			calls[class]++
		}
		return calls
	}
	none := map[string]int{}
	for name, c := range map[string]struct {
		changes []plan.Change
		want    map[string]int
	}{
		"create":    {several("1", plan.CreateTeam, 1), with(polled, "GET /groups(uniqueName)", "PATCH /groups(uniqueName)", "POST /teams")},
		"restore":   {several("1", plan.RestoreTeam, 1), with(none, "POST /directory/deletedItems/{id}/restore")},
		"adopt":     {several("1", plan.AdoptTeam, 1), none},
		"make":      {[]plan.Change{{Team: store("1"), Kind: plan.MakeTeam}}, with(polled, "POST /teams")},
		"make with": {several("1", plan.MakeTeam, 1), with(polled, "POST /teams", "POST /groups/{id}/owners/$ref")},
		"unarchive": {several("1", plan.Unarchive, 1), with(polled, "POST /teams/{id}/unarchive")},
		"rename":    {several("1", plan.Rename, 1), with(none, "PATCH /groups/{id}")},
		"promote":   {several("1", plan.Promote, 1), with(none, "GET /teams/{id}/members", "PATCH /teams/{id}/members/{id}")},
		"demote":    {several("1", plan.Demote, 1), with(none, "GET /teams/{id}/members", "PATCH /teams/{id}/members/{id}")},
		"archive":   {several("1", plan.Archive, 1), with(polled, "POST /teams/{id}/archive")},
		"200 come":  {append(several("1", plan.AddOwner, 1), several("1", plan.AddMember, 199)...), with(none, "POST /teams/{id}/members/add")},
		"201 come":  {several("1", plan.AddMember, 201), map[string]int{"POST /teams/{id}/members/add": 2}},
		"20 go":     {several("1", plan.Remove, 20), with(none, "GET /teams/{id}/members", "POST /teams/{id}/members/remove")},
		"21 go":     {several("1", plan.Remove, 21), map[string]int{"GET /teams/{id}/members": 1, "POST /teams/{id}/members/remove": 2}},
		"of two teams one each": {append(several("1", plan.Remove, 1), several("2", plan.Remove, 1)...),
			map[string]int{"GET /teams/{id}/members": 2, "POST /teams/{id}/members/remove": 2}},
		"nothing": {nil, none},
	} {
		t.Run(name, func(t *testing.T) {
			cost := plan.Plan{Changes: c.changes}.Cost(halfRates())
			if !maps.Equal(cost.Calls, c.want) {
				t.Errorf("calls %v, want %v", cost.Calls, c.want)
			}
			total := 0
			for _, n := range c.want {
				total += n
			}
			if cost.Total != total {
				t.Errorf("total %d, want %d", cost.Total, total)
			}
		})
	}
}

func TestCostInTime(t *testing.T) {
	chain := func(kind plan.Kind, teams int) (changes []plan.Change) {
		for n := range teams {
			changes = append(changes, plan.Change{Team: org.TeamKey{Store: org.StoreNumber(rune('a'+n%26)) + org.StoreNumber(strings.Repeat("x", n/26))}, Kind: kind})
		}
		return changes
	}
	slow := halfRates()
	slow.Poll = 10 * time.Minute
	for name, c := range map[string]struct {
		changes []plan.Change
		rates   plan.Rates
		want    int
	}{
		"nothing":                              {nil, halfRates(), 0},
		"one team: the wait, its own rate":     {chain(plan.CreateTeam, 1), halfRates(), 36},
		"the rate of creating":                 {chain(plan.CreateTeam, 100), halfRates(), 20 + 35},
		"256 wait at a time":                   {chain(plan.CreateTeam, 256), slow, 51 + 600 + 1},
		"the next 256 after them":              {chain(plan.CreateTeam, 257), slow, 1200},
		"renames are directory writes":         {chain(plan.Rename, 300), halfRates(), 30},
		"promotions are Teams' other writes":   {chain(plan.Promote, 300), halfRates(), 20},
		"one team's own rate":                  {several("1", plan.Promote, 30), halfRates(), 30},
		"removals by twenty":                   {several("1", plan.Remove, 300), halfRates(), 8},
		"archiving alone":                      {several("1", plan.Archive, 1), plan.Rates{PerTeam: 0.1}, 20},
		"a rate of 0 limits nothing":           {chain(plan.Rename, 300), plan.Rates{}, 0},
		"no rates, but Microsoft takes a time": {chain(plan.Archive, 10), plan.Rates{Poll: time.Minute}, 60},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan.Plan{Changes: c.changes}
			p.Sort()
			if got := p.Cost(c.rates).Seconds; got != c.want {
				t.Errorf("%d seconds, want %d", got, c.want)
			}
		})
	}
}

// What may not be carried out costs nothing.
func TestHeldChangesCostNothing(t *testing.T) {
	held := plan.Plan{Hold: "no store has a manager", Changes: several("1", plan.AddMember, 3)}
	halted := plan.Plan{Held: []plan.Halt{{Changes: several("1", plan.Remove, 3)}}}
	for _, p := range []plan.Plan{held, halted} {
		if cost := p.Cost(halfRates()); cost.Total != 0 || cost.Seconds != 0 || cost.String() != "no Graph calls" {
			t.Errorf("%+v", cost)
		}
	}
}

func TestCostInWords(t *testing.T) {
	for want, c := range map[string]plan.Cost{
		"no Graph calls":                                {},
		"about 1 Graph call, about a second":            {Total: 1},
		"about 2 Graph calls, about 2 seconds":          {Total: 2, Seconds: 2},
		"about 999 Graph calls, about 99 seconds":       {Total: 999, Seconds: 99},
		"about 6,576 Graph calls, about 4 minutes":      {Total: 6576, Seconds: 231},
		"about 1,234,567 Graph calls, about 99 minutes": {Total: 1234567, Seconds: 5950},
		"about 12 Graph calls, about 2 hours":           {Total: 12, Seconds: 7000},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A priced plan is the plan with one field more.
func TestPricedJSON(t *testing.T) {
	p := example()
	cost := p.Cost(halfRates())
	fields := func(v any) map[string]json.RawMessage {
		t.Helper()
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]json.RawMessage{}
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	priced, plain := fields(plan.Priced{Plan: p, Cost: cost}), fields(p)
	var got plan.Cost
	if err := json.Unmarshal(priced["cost"], &got); err != nil {
		t.Fatal(err)
	}
	if got.Total != cost.Total || got.Total == 0 || got.Seconds != cost.Seconds || !maps.Equal(got.Calls, cost.Calls) {
		t.Errorf("cost %+v, want %+v", got, cost)
	}
	delete(priced, "cost")
	if !maps.EqualFunc(priced, plain, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
		t.Errorf("a priced plan is %s, without a price %s", priced, plain)
	}
}

// The lines of both forms say the same: each of JSON's stands in the text.
func TestLinesSayTheSame(t *testing.T) {
	p := example()
	var text strings.Builder
	if err := p.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Summary string
		Changes []struct{ Sign, Text string }
	}
	if err := json.Unmarshal(asJSON, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Changes) != len(p.Changes) || !strings.HasSuffix(text.String(), "\n"+got.Summary+"\n") {
		t.Errorf("%d changes of %d, summary %q", len(got.Changes), len(p.Changes), got.Summary)
	}
	for _, c := range got.Changes {
		if !strings.Contains(text.String(), "\n  "+c.Sign+" "+c.Text+"\n") {
			t.Errorf("the text has no line %q %q", c.Sign, c.Text)
		}
	}
}
