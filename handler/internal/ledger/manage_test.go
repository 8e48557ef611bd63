package ledger_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// absent is the role of somebody who is not there.
const absent = org.Role(99)

func TestManage(t *testing.T) {
	cases := map[string]struct {
		wanted, found, managed org.Role // of one user
		want                   org.Role
	}{
		"wanted and found":            {org.Member, org.Member, absent, org.Member},
		"wanted, found, managed":      {org.Member, org.Member, org.Member, org.Member},
		"owner wanted and found":      {org.Owner, org.Owner, absent, org.Owner},
		"found as more":               {org.Member, org.Owner, absent, org.Member},
		"found as less":               {org.Owner, org.Member, absent, absent},
		"found as less, managed":      {org.Owner, org.Member, org.Member, org.Member},
		"promoted":                    {org.Owner, org.Owner, org.Member, org.Owner},
		"owner by hand":               {org.Member, org.Owner, org.Member, org.Member},
		"to be demoted":               {org.Member, org.Owner, org.Owner, org.Owner},
		"demoted":                     {org.Member, org.Member, org.Owner, org.Member},
		"demoted by hand":             {org.Owner, org.Member, org.Owner, org.Owner},
		"to be demoted, not there":    {org.Member, absent, org.Owner, org.Owner},
		"not there":                   {org.Member, absent, absent, absent},
		"taken out by hand":           {org.Member, absent, org.Member, org.Member},
		"an extra":                    {absent, org.Owner, absent, absent},
		"to be removed":               {absent, org.Member, org.Member, org.Member},
		"to be removed, less now":     {absent, org.Member, org.Owner, org.Owner},
		"gone":                        {absent, absent, org.Member, absent},
		"neither wanted, nor managed": {absent, absent, absent, absent},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			link, group, team := situation(c.wanted, c.found, c.managed)
			now := noon.Add(999 * time.Millisecond).In(time.FixedZone("elsewhere", 3600))
			news := link.Manage(team, group, now)
			got := roleOf(link)
			if got != c.want || news != (c.want != c.managed) {
				t.Errorf("managed as %d, news %v; want %d", got, news, c.want)
			}
			since := longAgo
			if c.managed == absent {
				since = noon // whole seconds, in UTC
			}
			if m, ok := link.Managed.Of(user(1)); ok && m.Since != since {
				t.Errorf("managed since %v, want %v", m.Since, since)
			}
			if link.Manage(team, group, now) {
				t.Error("the same again is news")
			}
		})
	}
}

var longAgo = noon.Add(-1000 * time.Hour)

// situation is one user as wanted in a team, as found in its group and as
// managed, and two others who belong and must not be disturbed.
func situation(wanted, found, managed org.Role) (*ledger.Link, *ledger.Group, org.Team) {
	link, group, team := new(ledger.Link), new(ledger.Group), org.Team{}
	for _, n := range []int{0, 2} {
		link.Managed.Set(org.Managed{User: user(n), Worker: "w", Since: longAgo})
		group.People.Set(user(n), org.Member)
	}
	team.Entries = []org.Entry{{User: user(0), Worker: "w"}, {User: user(2), Worker: "w"}}
	if wanted != absent {
		team.Entries = []org.Entry{{User: user(0), Worker: "w"}, {User: user(1), Role: wanted, Worker: "w"}, {User: user(2), Worker: "w"}}
	}
	if found != absent {
		group.People.Set(user(1), found)
	}
	if managed != absent {
		link.Managed.Set(org.Managed{User: user(1), Role: managed, Worker: "w", Since: longAgo})
	}
	return link, group, team
}

func roleOf(link *ledger.Link) org.Role {
	if m, ok := link.Managed.Of(user(1)); ok {
		return m.Role
	}
	return absent
}

// Who is neither wanted nor shown is forgotten only when a read that lags
// cannot be why.
func TestManageForgetsLate(t *testing.T) {
	const hour = time.Hour
	cases := map[string]struct {
		written, since time.Duration // before now; 0: never written
		state          ledger.Group
		dropped        bool
	}{
		"long ago":             {written: 9 * hour, since: 9 * hour, dropped: true},
		"never written":        {since: 9 * hour, dropped: true},
		"written just now":     {written: time.Second, since: 9 * hour},
		"written an hour ago":  {written: hour, since: 9 * hour},
		"a little longer":      {written: hour + 1, since: hour + 1, dropped: true},
		"managed just now":     {written: 9 * hour, since: time.Second},
		"managed an hour ago":  {written: 9 * hour, since: hour},
		"by a clock ahead":     {written: -hour, since: -hour},
		"of a group gone":      {since: 9 * hour, state: ledger.Group{Gone: true}},
		"never read":           {since: 9 * hour, state: ledger.Group{Unread: true}},
		"to be read again":     {since: 9 * hour, state: ledger.Group{Again: true}},
		"of an archived group": {since: 9 * hour, state: ledger.Group{Archived: true}, dropped: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			link, group := new(ledger.Link), &c.state
			link.Managed.Set(org.Managed{User: user(1), Since: noon.Add(-c.since)})
			if c.written != 0 {
				group.Written = noon.Add(-c.written)
			}
			news := link.Manage(org.Team{}, group, noon)
			if dropped := len(link.Managed) == 0; dropped != c.dropped || news != c.dropped {
				t.Errorf("dropped %v, news %v; want %v", dropped, news, c.dropped)
			}
		})
	}
}

// A group that is gone confirms nobody, whoever its mirror still shows.
func TestManageNobodyInAGroupThatIsGone(t *testing.T) {
	for name, group := range map[string]ledger.Group{"gone": {Gone: true}, "never read": {Unread: true}} {
		var link ledger.Link
		group.People.Set(user(1), org.Member)
		if team := (org.Team{Entries: []org.Entry{{User: user(1)}}}); link.Manage(team, &group, noon) || len(link.Managed) > 0 {
			t.Errorf("%s: %v are managed", name, link.Managed)
		}
	}
}

// The worker is whoever is behind the wanted entry now, shown or not; since
// when stays.
func TestManageFollowsTheWorker(t *testing.T) {
	for name, found := range map[string]org.Role{"shown": org.Owner, "shown as less": org.Member, "not shown": absent} {
		for _, worker := range []org.PersonnelNumber{"other", ""} {
			link, group, team := situation(org.Owner, found, org.Owner)
			team.Entries[1].Worker = worker
			want := org.Managed{User: user(1), Role: org.Owner, Worker: worker, Since: longAgo}
			news := link.Manage(team, group, noon)
			if m, _ := link.Managed.Of(user(1)); m != want || !news {
				t.Errorf("%s, worker %q: managed as %+v, news %v", name, worker, m, news)
			}
		}
	}
}
