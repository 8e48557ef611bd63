package doctor_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/progress"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// order is that of the checks in every report of a doctor.
var order = [...]string{
	"settings", "commerce", "graph", "permissions", "tables", "service bus", "notifications", "tasks", "clock", "licences", "runs", "stores", "people", "integration",
}

func wantOrder(t *testing.T, r doctor.Report) {
	t.Helper()
	var checks []string
	for _, f := range r.Findings {
		checks = append(checks, f.Check)
	}
	if checks = slices.Compact(checks); !slices.Equal(checks, order[:]) {
		t.Errorf("the checks are %q", checks)
	}
}

// of returns the findings of a check.
func of(r doctor.Report, check string) []doctor.Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f doctor.Finding) bool { return f.Check != check })
}

func TestOrder(t *testing.T) { wantOrder(t, healthy().examine(t)) }

// TestEverySetting: each setting and each collection is spoken of.
func TestEverySetting(t *testing.T) {
	r := healthy().examine(t)
	for _, s := range config.Settings() {
		if !slices.ContainsFunc(of(r, "settings"), func(f doctor.Finding) bool { return f.Subject == s.Name }) {
			t.Errorf("nothing is said of %s", s.Name)
		}
	}
	for _, c := range collections() {
		if !slices.ContainsFunc(of(r, "commerce"), func(f doctor.Finding) bool { return f.Subject == c }) {
			t.Errorf("nothing is said of %s", c)
		}
	}
}

// A new installation has run nothing yet: that is no fault of anybody's.
func TestNothingRead(t *testing.T) {
	p := healthy()
	p.runs, p.surveyErr = nil, fault.New(fault.NotFound, "orgsync: survey", nil)
	r := p.examine(t)
	wantOrder(t, r)
	for _, check := range []string{"stores", "people", "integration"} {
		if f := of(r, check); len(f) != 1 || f[0].Level != doctor.Note || !strings.Contains(f[0].Fix, "wait for OrgSync, or start a run") {
			t.Errorf("%s says %+v", check, f)
		}
	}
	if r.Sick() {
		t.Error(text(t, r))
	}
}

// A first run that may not read the tenant has read Commerce: nobody has an
// account then, and that is the fault of one permission.
func TestTenantUnread(t *testing.T) {
	p := healthy()
	p.users = nil
	p.runs = nil
	p.adjust = func(s *orgsync.Survey) {
		s.Groups = map[org.TeamID]*ledger.Group{}
		clear(s.Found)
	}
	unanswered(fault.Denied, "GET /users/delta")(p)
	unpermitted("User.Read.All")(p)
	planted{check: "graph", subject: "GET /users/delta", level: wrong, fix: "User.Read.All"}.want(t, p.examine(t))
	for _, check := range []string{"stores", "people"} {
		if f := of(p.examine(t), check); len(f) != 1 || f[0].Level != doctor.Unknown || !strings.Contains(f[0].Fix, "graph") {
			t.Errorf("%s says %+v", check, f)
		}
	}
}

// A closed store whose row is gone from Commerce is known by its team, and a
// number's case does not matter.
func TestClosedStoreGone(t *testing.T) {
	p := healthy()
	p.link("000199B")
	p.env["CLOSED_STORES"] = "000199b"
	if r := p.examine(t); r.Sick() {
		t.Error(text(t, r))
	}
}

// A leaver whom a person refused to let go is no leaver who was forgotten.
func TestRefusedLeaver(t *testing.T) {
	p := healthy()
	plantLeaver(p, true)
	if r := p.examine(t); r.Sick() {
		t.Error(text(t, r))
	}
	p = healthy()
	plantLeaver(p, false)
	if r := p.examine(t); !r.Sick() {
		t.Error("nobody is told of the leaver")
	}
}

// Leavers are listed store by store.
func TestLeaversInOrder(t *testing.T) {
	p := healthy()
	for _, n := range []string{"000103", "000101", "000102"} {
		p.link(n).Rails.Leavers = []rails.Leaver{{User: id(n + "-2"), Since: p.now.Add(-2 * time.Hour)}}
	}
	got := text(t, p.examine(t))
	first, second, third := strings.Index(got, "in store 000101"), strings.Index(got, "in store 000102"), strings.Index(got, "in store 000103")
	if first < 0 || second < first || third < second {
		t.Error(got)
	}
}

// Positions need no privileges where only units name managers.
func TestPrivilegesNotNeeded(t *testing.T) {
	p := healthy()
	p.env["MANAGER_RULE"] = "unit"
	for i, n := range stores {
		p.snapshot.PositionPermissions[i].Manager = org.No
		p.unit(n).Manager = org.PersonnelNumber(n + "-1")
	}
	for _, f := range p.examine(t).Findings {
		if f.Level != doctor.Fine {
			t.Errorf("%s %s is %s: %s", f.Check, f.Subject, f.Level, f.Text)
		}
	}
}

// A tenant that has no group yet, and users whom Commerce knows, has been read.
func TestTenantWithoutGroups(t *testing.T) {
	p := healthy()
	p.adjust = func(s *orgsync.Survey) {
		s.Groups = map[org.TeamID]*ledger.Group{}
		clear(s.Found)
	}
	causeOf(org.Disabled)(p)
	planted{check: "people", subject: "disabled", level: note, fix: "enable the account"}.want(t, p.examine(t))
}

// A run that was held for what is wrong now is told once.
func TestHeldRunOnce(t *testing.T) {
	p := healthy()
	unmanaged("000103", "000104", "000105")(p)
	p.run(ledger.HeldBack, 5*time.Minute).Error = "3 of 6 stores in scope have no manager"
	planted{check: "stores", subject: "managers", level: wrong}.want(t, p.examine(t))
}

// What has one cause is told once.
func TestToldOnce(t *testing.T) {
	for name, plant := range map[string]func(*patient){
		"a permission for two writes": unpermitted("TeamMember.ReadWrite.All"),
		"no accounts":                 emptied("RetailStaff", "PersonUsers", "SystemUsers"),
		"no stores, then and now": func(p *patient) {
			emptied("RetailStores")(p)
			p.snapshot.Stores = nil
		},
		"a mapping that was adopted": func(p *patient) {
			p.snapshot.Mappings = []org.Mapping{{SourceType: "RetailStore", SourceID: "000102", Team: group(key("000102"))}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := healthy()
			plant(p)
			r := p.examine(t)
			findings := slices.DeleteFunc(slices.Clone(r.Findings), func(f doctor.Finding) bool { return f.Level == doctor.Fine })
			if len(findings) != 1 {
				t.Error(text(t, r))
			}
		})
	}
}

// Who waits learns how far the examination is, in order.
func TestProgress(t *testing.T) {
	var mu sync.Mutex
	var all []progress.Progress
	ctx := progress.With(t.Context(), func(p progress.Progress) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, p)
	})
	healthy().doctor(t).Examine(ctx)
	if len(all) < 2 {
		t.Fatalf("progress is %+v", all)
	}
	for i, p := range all {
		if p.Done != i || p.Total != len(all)-1 || p.Doing == "" {
			t.Errorf("progress %d is %+v of %d", i, p, len(all))
		}
	}
}

// A survey with nothing in it, and probes that brought nothing, are looked at all
// the same.
func TestNothingThere(t *testing.T) {
	p := &patient{now: time.Now(), env: healthy().env, adjust: func(s *orgsync.Survey) { *s = orgsync.Survey{Users: org.NewUsers(nil)} }}
	r := p.examine(t)
	wantOrder(t, r)
	if f := of(r, "stores"); len(f) != 1 || f[0].Level != doctor.Unknown {
		t.Errorf("of stores it says %+v", f)
	}
}
