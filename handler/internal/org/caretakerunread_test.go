package org_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// A row that cannot be read may say that a store's manager is none any more: who
// stood in for them stays until it can.
func TestCaretakerStaysWhileTheManagerIsInDoubt(t *testing.T) {
	cases := map[string]struct {
		bad    []org.BadRow
		reason org.Reason
		want   org.Leave
	}{
		"everything is read":          {nil, org.CaretakerNode, org.Absent},
		"a row of the manager's":      {[]org.BadRow{{Collection: "RetailChannelWorkers", Worker: "W1"}}, org.CaretakerNode, org.Stays},
		"a row of the store's":        {[]org.BadRow{{Collection: "RetailChannelWorkers", Channel: "C1"}}, org.CaretakerFallback, org.Stays},
		"a row of another channel":    {[]org.BadRow{{Collection: "RetailChannelWorkers", Channel: "C2"}}, org.CaretakerNode, org.Absent},
		"another's row, no caretaker": {[]org.BadRow{{Collection: "RetailChannelWorkers", Worker: "W1"}}, org.UnitManager, org.Absent},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := org.Snapshot{
				Stores:  []org.Store{{Number: "1", Channel: "C1", Unit: "U1"}, {Number: "2", Channel: "C2"}},
				Units:   []org.Unit{{Number: "U1", Manager: "W1"}},
				Workers: []org.Worker{{Number: "W1"}, {Number: "W2"}},
				Staff:   []org.Staff{{Worker: "W1", ObjectID: id("W1").String()}, {Worker: "W2", ObjectID: id("W2").String()}},
				BadRows: c.bad,
			}
			users := org.NewUsers([]org.User{
				{ID: id("W1"), Enabled: org.Yes, Licensed: true}, {ID: id("W2"), Enabled: org.Yes, Licensed: true},
			})
			roster := org.BuildRoster(s, users, org.Rules{ManagerRule: org.RuleAuto}, now)
			m := org.Managed{User: id("W2"), Worker: "W2", Role: org.Owner, Reason: c.reason}
			if got := roster.Evidence.Departure(org.TeamKey{Store: "1"}, m).Leave; got != c.want {
				t.Errorf("who stood in %s, want: %s", got, c.want)
			}
		})
	}
}
