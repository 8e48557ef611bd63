package commerce

import (
	_ "embed"
	"strings"
	"time"
	_ "time/tzdata" // 450 KB: the image that Functions runs us in may have no time zones of its own
)

// windowsZones has a line "<Windows id>=<IANA name>" for every time zone of
// Windows: CLDR's table windowsZones, territory 001 (the zone's default).
//
//go:embed windowszones.txt
var windowsZones string

// Zone returns the time zone that Windows, and so RetailStores.ChannelTimeZoneInfoId,
// calls windowsID, e.g. "Central Standard Time", without case. Known is false for
// what is none, and for nothing.
func Zone(windowsID string) (zone *time.Location, known bool) {
	windowsID = strings.TrimSpace(windowsID)
	for line := range strings.Lines(windowsZones) {
		id, name, _ := strings.Cut(strings.TrimSpace(line), "=")
		if id == "" || !strings.EqualFold(id, windowsID) {
			continue
		}
		zone, err := time.LoadLocation(name)
		return zone, err == nil
	}
	return nil, false
}
