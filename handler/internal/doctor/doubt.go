package doctor

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/config"
)

// doubts are about settings that are valid each, and questionable by themselves
// or beside each other.
func doubts(c config.Config) []Finding {
	return slices.Concat(doubtMode(c), doubtAddresses(c), doubtPace(c), doubtCaps(c), doubtEntities(c))
}

func doubtMode(c config.Config) []Finding {
	switch c.Mode {
	case config.ModePlan:
		return []Finding{note("MODE", "MODE=plan changes nothing in the tenant",
			"set MODE=add, or MODE=full, once the plan that `plan` shows is as it should be")}
	case config.ModeAdd:
		return []Finding{note("MODE", "MODE=add takes nobody out of a team, whoever has left",
			"set MODE=full once the teams are as they should be")}
	}
	return nil
}

func doubtAddresses(c config.Config) []Finding {
	var found []Finding
	if loopback(c.CommerceURL) {
		found = append(found, note("COMMERCE_URL", "a loopback address: the stores and workers are a simulator's",
			"set COMMERCE_URL to the address of a Commerce environment to work with real ones"))
	}
	if loopback(c.GraphURL) {
		found = append(found, note("GRAPH_URL", "a loopback address: the tenant is a simulator's",
			"leave GRAPH_URL out to work with the real one"))
	}
	return found
}

// loopback is config's own rule for what is a simulator.
func loopback(u *url.URL) bool {
	addr, err := netip.ParseAddr(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") || err == nil && addr.IsLoopback()
}

// usualMaxAge is SNAPSHOT_MAX_AGE's default. Runs that are as far apart as that
// may each read all of Commerce.
const usualMaxAge = time.Hour

// doubtPace looks for readings of Commerce that come too often, or too seldom
// to confirm each other when they could.
func doubtPace(c config.Config) []Finding {
	var found []Finding
	gap := longestGap(c.Schedule)
	if c.SnapshotMaxAge <= gap && gap < usualMaxAge {
		found = append(found, note("SNAPSHOT_MAX_AGE",
			fmt.Sprintf("%s is so short that every run reads all of Commerce", brief(c.SnapshotMaxAge)),
			"set SNAPSHOT_MAX_AGE to 1h: who left is asked about in every run anyway"))
	}
	between := max(c.SnapshotMaxAge, gap)
	if most := max(between, usualGap); c.SightingInterval > most { // 15m, its default, is never doubted
		found = append(found, note("SIGHTING_INTERVAL",
			fmt.Sprintf("%s is longer than the %s between two readings of Commerce, so who is to go for want of a row stays for a reading longer than the two it takes",
				brief(c.SightingInterval), brief(between)),
			"set SIGHTING_INTERVAL to at most "+brief(most)))
	}
	return found
}

// doubtCaps looks for caps that let nobody go: dismissed people would stay until
// somebody allows it.
func doubtCaps(c config.Config) []Finding {
	var found []Finding
	for _, limit := range []struct {
		setting string
		value   int
	}{
		{"MAX_REMOVALS", c.MaxRemovals},
		{"MAX_REMOVAL_PERCENT", c.MaxRemovalPercent},
		{"MAX_TEAM_REMOVAL_PERCENT", c.MaxTeamRemovalPercent},
	} {
		if limit.value > 0 {
			continue
		}
		f := wrong(limit.setting, limit.setting+"=0 lets nobody go, the dismissed neither, until a person allows each hold",
			fmt.Sprintf("set %s to at least 1, or leave it out", limit.setting))
		if c.Mode != config.ModeFull { // nobody goes anyway
			f.Level = Note
		}
		found = append(found, f)
	}
	return found
}

func doubtEntities(c config.Config) []Finding {
	var found []Finding
	for _, name := range slices.Sorted(maps.Keys(c.Entities)) {
		setting := entitySetting(name)
		found = append(found, note(setting, fmt.Sprintf("%s is read as %s", name, c.Entities[name]),
			"leave "+setting+" out if this environment has the collection under its usual name too"))
	}
	return found
}

// entitySetting is the setting that tells a collection's name here.
func entitySetting(collection string) string { return "ENTITY_" + strings.ToUpper(collection) }

// brief writes a duration without the zeros behind: 1h, 15m, 1h30m.
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
