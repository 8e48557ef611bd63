package doctor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// A leaver who is out already is no leaver still in, though the rails remember
// them until the next run.
func TestLeaverOut(t *testing.T) {
	const gone, revoked = "000101-9", "000101-2"
	for name, tt := range map[string]struct {
		user    string
		managed ledger.Managed
		adding  ledger.Managed
		blocks  []org.Block
		sick    bool
	}{
		"out by the mirror":            {user: gone},
		"still in":                     {user: revoked, sick: true},
		"revoked, the mirror is late":  {user: revoked, blocks: []org.Block{{User: id(revoked)}}},
		"revoked in this store":        {user: revoked, blocks: []org.Block{{User: id(revoked), Store: "000101"}}},
		"blocked in another store":     {user: revoked, blocks: []org.Block{{User: id(revoked), Store: "000102"}}, sick: true},
		"somebody else is blocked":     {user: revoked, blocks: []org.Block{{User: id("000101-3")}}, sick: true},
		"blocked, and managed still":   {user: revoked, managed: ours(revoked), blocks: []org.Block{{User: id(revoked)}}, sick: true},
		"blocked, and maybe added now": {user: revoked, adding: ours(revoked), blocks: []org.Block{{User: id(revoked)}}, sick: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := healthy()
			link := p.link("000101")
			link.Rails.Leavers = []rails.Leaver{{User: id(tt.user), Since: p.now.Add(-2 * time.Hour)}}
			link.Managed, link.Adding = tt.managed, tt.adding
			p.adjust = func(s *orgsync.Survey) { s.Settings.Rules.Blocks = tt.blocks }
			if r := p.examine(t); r.Sick() != tt.sick {
				t.Error(text(t, r))
			}
		})
	}
}

func ours(label string) ledger.Managed {
	var m ledger.Managed
	m.Set(org.Managed{User: id(label), Role: org.Member})
	return m
}

// By a slow schedule nothing is late that could not have come sooner.
func TestSlowSchedule(t *testing.T) {
	for name, tt := range map[string]struct {
		schedule string
		run      time.Duration // how long ago the last run was, which read Commerce
		sick     bool
	}{
		"every four hours":                {"0 0 */4 * * *", 7 * time.Hour, false},
		"every four hours, two missed":    {"0 0 */4 * * *", 10 * time.Hour, true},
		"on working days":                 {"0 */15 8-17 * * 1-5", 64 * time.Hour, false},
		"a quarter of an hour":            {"0 */15 * * * *", 3 * time.Hour, true},
		"a setting, taken for the usual":  {"%SCHEDULE%", 3 * time.Hour, true},
		"a fast one, judged by two hours": {"0 * * * * *", 100 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := healthy()
			p.env["ORG_SYNC_SCHEDULE"] = tt.schedule
			p.runs = nil
			p.run(ledger.Done, tt.run)
			p.snapshot.ReadAt = p.now.Add(-tt.run)
			if r := p.examine(t); r.Sick() != tt.sick {
				t.Error(text(t, r))
			}
		})
	}
}

// Who reads Commerce in runs that are hours apart reads it neither too often nor
// too seldom.
func TestPaceBySchedule(t *testing.T) {
	for name, tt := range map[string]struct {
		schedule, age, sightings string
		doubted                  string // the setting; empty: none
	}{
		"a slow schedule, the usual age":   {"0 0 */4 * * *", "1h", "15m", ""},
		"a slow schedule, slow sightings":  {"0 0 */4 * * *", "1h", "3h", ""},
		"sightings slower than the ticks":  {"0 0 */4 * * *", "1h", "5h", "SIGHTING_INTERVAL"},
		"a fast schedule, not every tick":  {"0 */5 * * * *", "10m", "15m", ""},
		"a fast schedule, every tick":      {"0 */5 * * * *", "5m", "15m", "SNAPSHOT_MAX_AGE"},
		"half an hour, and every tick too": {"0 */30 * * * *", "30m", "15m", "SNAPSHOT_MAX_AGE"},
	} {
		t.Run(name, func(t *testing.T) {
			r := check(map[string]string{"ORG_SYNC_SCHEDULE": tt.schedule, "SNAPSHOT_MAX_AGE": tt.age, "SIGHTING_INTERVAL": tt.sightings})
			var doubted []string
			for _, f := range r.Findings {
				if f.Level != doctor.Fine {
					doubted = append(doubted, f.Subject)
				}
			}
			if got := strings.Join(doubted, " "); got != tt.doubted {
				t.Errorf("%q is doubted, want %q", got, tt.doubted)
			}
		})
	}
}
