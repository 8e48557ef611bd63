package doctor

import (
	"testing"
	"time"
)

func TestLongestGap(t *testing.T) {
	const day = 24 * time.Hour
	for schedule, want := range map[string]time.Duration{
		"0 */15 * * * *":        15 * time.Minute,
		"*/15 * * * *":          15 * time.Minute, // seconds left out
		"*/5 * * * * *":         time.Minute,      // as fine as it is looked at
		"30 * * * * *":          time.Minute,
		"0 */25 * * * *":        25 * time.Minute,
		"0 0 */4 * * *":         4 * time.Hour,
		"0 0 0,1,2 * * *":       22 * time.Hour,
		"0 */15 8-17 * * 1-5":   2*day + 14*time.Hour + 15*time.Minute, // Friday 17:45 to Monday 8:00
		"0 0 3 1 * *":           31 * day,
		"0 0 3 1-7 * 1":         35 * day, // the first Monday of a month
		"0 0 3 29 2 *":          4*365*day + day,
		"0 0 3 30 2 *":          usualGap, // never
		"%OrgSyncSchedule%":     usualGap,
		"04:00:00":              usualGap,
		"TZ=":                   usualGap,
		"TZ=UTC 0 0 */4 * * *":  usualGap,
		"@every 4h":             usualGap,
		"":                      usualGap,
		"0 0 25 * * *":          usualGap,
		"0 0 */4 * * * unknown": usualGap,
	} {
		if got := longestGap(schedule); got != want {
			t.Errorf("%q: %s, want %s", schedule, got, want)
		}
	}
}

func BenchmarkLongestGap(b *testing.B) {
	for b.Loop() {
		longestGap("* * * * * *")
	}
}
