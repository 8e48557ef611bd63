package org_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// A row that cannot be read keeps in those whom it may be about, and nobody else.
func TestUnreadRowsKeepPeopleIn(t *testing.T) {
	cases := map[string]struct {
		bad   org.BadRow
		want  org.Leave
		found bool // a finding says that everybody stays
	}{
		"of nobody":                                 {org.BadRow{Collection: "RetailChannelWorkers"}, org.Stays, true},
		"of the store's channel":                    {org.BadRow{Collection: "RetailChannelWorkers", Channel: "C1"}, org.Stays, false},
		"of another channel":                        {org.BadRow{Collection: "RetailChannelWorkers", Channel: "C2"}, org.Absent, false},
		"of a channel of no shop":                   {org.BadRow{Collection: "RetailChannelWorkers", Channel: "call centre"}, org.Absent, false},
		"of the worker":                             {org.BadRow{Collection: "RetailChannelWorkers", Channel: "C2", Worker: "W1"}, org.Absent, false},
		"of another worker":                         {org.BadRow{Collection: "RetailChannelWorkers", Channel: "C1", Worker: "W2"}, org.Absent, false},
		"of a collection that decides nothing here": {org.BadRow{Collection: "RetailStaff"}, org.Absent, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := org.Snapshot{
				Stores:  []org.Store{{Number: "1", Channel: "C1"}, {Number: "2", Channel: "C2"}},
				Workers: []org.Worker{{Number: "W1"}},
				BadRows: []org.BadRow{c.bad},
			}
			users := org.NewUsers([]org.User{{ID: id("W1"), Enabled: org.Yes, Licensed: true}})
			roster := org.BuildRoster(s, users, org.Rules{}, now)
			m := org.Managed{User: id("W1"), Worker: "W1"}
			if got := roster.Evidence.Departure(org.TeamKey{Store: "1"}, m).Leave; got != c.want {
				t.Errorf("the worker %s, want %s", got, c.want)
			}
			found := slices.ContainsFunc(roster.Findings, func(f org.Finding) bool {
				return f.Code == org.UnreadRows && strings.Contains(f.Text, c.bad.Collection)
			})
			if found != c.found {
				t.Errorf("the findings are %v", roster.Findings)
			}
		})
	}
}
